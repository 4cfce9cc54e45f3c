//! The first start of a server creates an administrator, whose password is shown once.

use playhead_access::password;
use playhead_store::{NewMember, Store, StoreError};

/// The address of the first administrator unless the settings name one.
const EMAIL: &str = "admin@localhost";

/// The administrator that was just created.
pub(crate) struct FirstAdministrator {
    pub(crate) email: String,
    /// A one-time password: it must be changed at the first sign-in. Never log it.
    pub(crate) password: String,
}

/// Creates an administrator when the store has no member at all.
pub(crate) async fn administrator(store: &Store, email: Option<&str>) -> anyhow::Result<Option<FirstAdministrator>> {
    if !store.has_no_member().await? {
        return Ok(None);
    }
    let password = password::generate();
    let phc = {
        let password = password.clone();
        tokio::task::spawn_blocking(move || password::hash(&password)).await??
    };
    let new = NewMember {
        workspace: store.default_workspace().await?.id,
        email: email.unwrap_or(EMAIL).to_owned(),
        name: "Administrator".to_owned(),
        password_hash: Some(phc),
        must_change_password: true,
        admin: true,
    };
    match store.create_member(new).await {
        Ok(member) => Ok(Some(FirstAdministrator { email: member.email, password })),
        // Another node of the same catalog was first, and has shown its password.
        Err(StoreError::Conflict(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
