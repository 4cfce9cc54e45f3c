//! The tools, one file each.

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
pub(crate) mod list_bugs;
pub(crate) mod list_projects;
#[cfg(feature = "bench-noop")]
pub(crate) mod noop;
pub(crate) mod search_bugs;
