//! The tools, one file each.

pub(crate) mod add_comment;
pub(crate) mod create_bug;
pub(crate) mod delete_comment;
pub(crate) mod edit_comment;
pub(crate) mod generate_fix_prompt;
pub(crate) mod get_bug;
pub(crate) mod get_bug_context;
pub(crate) mod get_bug_cookies;
pub(crate) mod get_bug_media;
pub(crate) mod get_replay_moments;
pub(crate) mod get_replay_raw;
pub(crate) mod get_replay_transcript;
pub(crate) mod get_screenshot;
pub(crate) mod list_audit_log;
pub(crate) mod list_bug_activity;
pub(crate) mod list_bugs;
pub(crate) mod list_comments;
pub(crate) mod list_project_members;
pub(crate) mod list_projects;
pub(crate) mod list_workspaces;
#[cfg(feature = "bench-noop")]
pub(crate) mod noop;
pub(crate) mod search_bugs;
pub(crate) mod update_bug;
