//! What the management API takes and answers: each payload is one type, which server, command line and OpenAPI
//! document share. Nothing here knows HTTP or the store.
//!
//! Requests refuse fields that they do not know, so that a misspelled condition is never ignored. What people and pages
//! wrote about a bug stands under `untrusted`.

mod activity;
mod agents;
mod audit;
mod bugs;
mod comments;
mod jobs;
mod keys;
mod members;
mod page;
mod projects;
mod tokens;
mod untrusted;

pub use activity::{Activity, ActivityTexts, FieldChange, VersionConflict};
pub use agents::{ActorRole, Agent, CreateAgent, ProjectRoles, SetRole};
pub use audit::AuditEntry;
pub use bugs::{
    Bug, BugRow, BugRowTexts, Changes, CreateBug, CreatedBug, ListBugs, Report, SearchBugs, UpdateBug, UpdatedBug,
};
pub use comments::{AddComment, AddedComment, Comment, CommentTexts, EditComment};
pub use jobs::{DeadJob, Enqueued, JobKind, Jobs, Reprocess};
pub use keys::{CreateKey, CreatedKey, Key};
pub use members::{
    CreateMember, CreatedInvitation, CreatedMember, Invitation, Invite, InvitedRole, Member, PersonName, ProjectMember,
    SetAdministrator,
};
pub use page::Page;
pub use projects::{CreateProject, Project};
pub use tokens::{CreateToken, CreatedToken, Token};
pub use untrusted::Untrusted;
