//! The routes: one file for each noun. Each handler stands beside the function that documents it.

pub(crate) mod activity;
pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod bugs;
pub(crate) mod comments;
pub(crate) mod document;
pub(crate) mod invitations;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod members;
pub(crate) mod project_members;
pub(crate) mod projects;
pub(crate) mod reprocess;
pub(crate) mod roles;
pub(crate) mod tokens;
