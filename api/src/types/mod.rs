//! What the management API takes and answers: each payload is one type, which server, command line and OpenAPI
//! document share. Nothing here knows HTTP or the store.
//!
//! Requests refuse fields that they do not know, so that a misspelled condition is never ignored.

mod agents;
mod audit;
mod jobs;
mod keys;
mod members;
mod page;
mod projects;
mod tokens;

pub use agents::{ActorRole, Agent, CreateAgent, ProjectRoles, SetRole};
pub use audit::AuditEntry;
pub use jobs::{DeadJob, Enqueued, JobKind, Jobs, Reprocess};
pub use keys::{CreateKey, CreatedKey, Key};
pub use members::{
    CreateMember, CreatedInvitation, CreatedMember, Invitation, Invite, InvitedRole, Member, SetAdministrator,
};
pub use page::Page;
pub use projects::{CreateProject, Project};
pub use tokens::{CreateToken, CreatedToken, Token};
