//! What `member` and `agent` share: roles as they are named on a command line.

use playhead_api::types::InvitedRole;
use playhead_schemas::{Actor, Role};

use crate::admin;
use crate::client::ApiClient;
use crate::out;

/// A role, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoleOrNone(pub(crate) Option<Role>);

impl std::str::FromStr for RoleOrNone {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        text.parse().map(|role| Self(Some(role))).map_err(|_| "viewer, manager, developer, owner or none".to_owned())
    }
}

/// `PROJECT=ROLE`.
pub(crate) fn invited_role(text: &str) -> Result<InvitedRole, String> {
    let wrong = || "PROJECT=ROLE, where ROLE is viewer, manager, developer or owner".to_owned();
    let (project, role) = text.split_once('=').ok_or_else(wrong)?;
    let role = role.parse().map_err(|_| wrong())?;
    if project.is_empty() { Err(wrong()) } else { Ok(InvitedRole { project: project.to_owned(), role }) }
}

/// Gives or takes a role, and says so.
pub(crate) async fn set_role(
    client: &ApiClient,
    name: &str,
    actor: Actor,
    project: &str,
    role: RoleOrNone,
    as_json: bool,
) -> anyhow::Result<()> {
    let roles = admin::set_role(client, project, actor, role.0).await?;
    out::either(as_json, &roles, || match role.0 {
        Some(role) => format!("{name} is {role} in {project}"),
        None => format!("{name} has no role in {project}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read() {
        assert_eq!("owner".parse(), Ok(RoleOrNone(Some(Role::Owner))));
        assert_eq!("none".parse(), Ok(RoleOrNone(None)));
        assert!("admin".parse::<RoleOrNone>().is_err());
        assert!(invited_role("shop=viewer").is_ok_and(|given| given.project == "shop" && given.role == Role::Viewer));
        for wrong in ["", "shop", "=viewer", "shop=", "shop=none", "shop=admin"] {
            assert!(invited_role(wrong).is_err(), "{wrong}");
        }
    }
}
