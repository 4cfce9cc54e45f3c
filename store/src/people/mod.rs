//! Who acts: members, agents, their roles in projects, and invitations.
//!
//! What a role may do is decided in the crate `access`.

mod agents;
mod invitations;
mod members;
mod roles;

pub use agents::Agent;
pub use invitations::{Invitation, NewInvitation};
pub use members::{Member, NewMember};
pub use roles::ProjectPerson;

use crate::{Result, StoreError};

/// The most characters of a name, and of an address (RFC 5321 allows 254).
const NAME_CHARS_MAX: usize = 200;
const EMAIL_CHARS_MAX: usize = 254;

/// An address in the form in which it is stored: trimmed and lower-case.
fn email(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let fits = email.len() <= EMAIL_CHARS_MAX
        && email
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if fits { Ok(email) } else { Err(StoreError::Invalid("an address is like ann@example.com".into())) }
}

/// A name in the form in which it is stored: one line of visible characters.
fn name(text: &str, what: &str) -> Result<String> {
    let name = playhead_schemas::text::one_line(text, NAME_CHARS_MAX);
    if name.is_empty() { Err(StoreError::Invalid(format!("{what} has no name"))) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn addresses_are_kept_in_one_form() {
        assert_eq!(super::email(" Ann@Example.COM ").unwrap(), "ann@example.com");
        assert!(super::email("admin@localhost").is_ok());
        for bad in ["", "ann", "@x", "a@", "a@b@c", "a b@c", "a@b\nc", &format!("{}@x", "a".repeat(300))] {
            assert!(super::email(bad).is_err(), "{bad:?}");
        }
    }
}
