//! The rules of the tracker: what may be changed about a bug, by whom, and what follows from it.
//!
//! In: who acts ([`Writer`]), what is asked for ([`BugPatch`], [`BugDraft`], a comment). Out: what was done, or a
//! [`TrackerError`] that says what to do next. The surfaces (tools, REST, pages) stay thin: arguments, one call here, an
//! answer.
//!
//! Never here: HTTP, MCP, SQL, who may call at all (the crate `access` decides that before), parsing of recordings.
//!
//! | question | file |
//! |---|---|
//! | Which status may follow which? | `status.rs` |
//! | What does an update do, and what follows from it? | `patch.rs` |
//! | How is it written once, against the newest version? | `update.rs` |
//! | How is a bug filed by hand? | `create.rs` |
//! | Who may change a comment? | `comments.rs` |
//! | Who can be assigned? | `assignee.rs` |
//! | Which bugs does a list or a search give? | `filters.rs` |
//! | How do callers name a time, and one who works on a bug? | `args.rs` |

mod args;
mod assignee;
mod comments;
mod create;
mod error;
mod filters;
mod patch;
mod status;
mod text;
mod update;
mod writer;

pub use args::{NotTaken, When, Worker};
pub use assignee::Assignee;
pub use comments::{CommentDraft, add_comment, delete_comment, edit_comment};
pub use create::{BugDraft, create_bug};
pub use error::{TrackerError, VersionConflict};
pub use filters::{BugFilters, search_query};
pub use patch::{BugPatch, Clearable};
pub use status::{next_statuses, status_table_markdown};
pub use update::{UpdatedBug, update_bug};
pub use writer::Writer;
