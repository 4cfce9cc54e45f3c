//! One file for each tool, by its name.

mod comments;
mod create_bug;
mod generate_fix_prompt;
mod get_bug;
mod get_bug_context;
mod get_bug_cookies;
mod get_bug_media;
mod get_replay_moments;
mod get_replay_raw;
mod get_replay_transcript;
mod get_screenshot;
mod list_audit_log;
mod list_bugs;
mod list_project_members;
mod list_projects;
mod search_bugs;
mod update_bug;
