//! Who acts, and what role that one has in a project.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::IdError;
use crate::string_enum::string_enum;
use crate::{AgentId, MemberId, ProjectId, WorkspaceId};

/// What a member or an agent is in one project. Each role may do what the ones before it may; the crate `access`
/// has the table.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// Reads bugs and transcripts.
    Viewer,
    /// Also changes bugs and comments.
    Manager,
    /// Also reads recordings and cookies, and works on tasks.
    Developer,
    /// Also manages the project: keys, roles, audit.
    Owner,
}

string_enum!(Role, "role (viewer, manager, developer, owner)");

/// A person or an AI agent: who acts, and whom a bug can be assigned to. As text `member 01J..` or `agent 01J..`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A person.
    Member(MemberId),
    /// A named AI agent of a workspace.
    Agent(AgentId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => write!(f, "member {id}"),
            Self::Agent(id) => write!(f, "agent {id}"),
        }
    }
}

impl FromStr for Actor {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        const EXPECTED: IdError = IdError { expected: "member or agent such as member 01JD3M6ZQK8V0W2X4Y6Z8A0B2C" };
        let (kind, id) = s.split_once(' ').ok_or(EXPECTED)?;
        match kind {
            "member" => id.parse().map(Self::Member),
            "agent" => id.parse().map(Self::Agent),
            _ => Err(EXPECTED),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Actor {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Actor".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A member or an agent: its kind and its id.",
            "pattern": "^(member|agent) [0-7][0-9A-HJKMNP-TV-Z]{25}$"
        })
    }
}

/// Where a member or an agent stands at one moment. There is none for one that is removed or unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActorRoles {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The name to show.
    pub name: String,
    /// True for an administrator of the workspace.
    pub admin: bool,
    /// The roles that were given, by project.
    pub roles: BTreeMap<ProjectId, Role>,
}

impl ActorRoles {
    /// The role in `project` of the same workspace; an administrator is the owner of each.
    pub fn role_in(&self, project: ProjectId) -> Option<Role> {
        if self.admin { Some(Role::Owner) } else { self.roles.get(&project).copied() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roles_rise_and_survive_text() {
        assert!(Role::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert!("admin".parse::<Role>().is_err());
    }

    #[test]
    fn actors_survive_text() {
        for actor in [Actor::Member(MemberId::new()), Actor::Agent(AgentId::new())] {
            assert_eq!(actor.to_string().parse(), Ok(actor));
        }
        for bad in ["", "member", "member x", "token 01JD3M6ZQK8V0W2X4Y6Z8A0B2C", "01JD3M6ZQK8V0W2X4Y6Z8A0B2C"] {
            assert!(bad.parse::<Actor>().is_err(), "{bad}");
        }
    }
}
