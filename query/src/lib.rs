//! Playhead's tools: what an assistant may ask about bugs and their replays.
//!
//! In: a tool's name and arguments, over MCP (Streamable HTTP at `/mcp`, or stdio) or over REST
//! (`/api/v1/tools`), with a principal. Out: bounded results, as text that a model reads well, or as typed
//! JSON. Each tool is one file of `tools/`, all of them in one registry that every way serves.
//!
//! Never here: parsing of recordings (answers were written when the replay was transcribed), SQL, the rules of what may
//! be changed about a bug (the crate `tracker`).
//!
//! Rules that every tool keeps:
//! - A thing outside the principal's projects is `NOT_FOUND`, like a thing that does not exist.
//! - Text that a page or a user controlled stands under the key `untrusted` of the JSON and inside
//!   `<untrusted>` blocks of the text, cleaned (see `untrusted.rs`).
//! - Over MCP an answer has one form, and that form is complete (see `form.rs`). It has at most as many
//!   tokens as the caller allowed; each cut is stated with the way to get the rest.
//! - A tool runs once in a call; only the rendering of its answer may be repeated (see `tool.rs`).
//! - A failure is a result too: a stable code, what was wrong, what to do.

mod absence;
mod accept;
mod args;
mod brief;
mod call;
mod caller;
mod change;
mod choice;
mod clients;
mod config;
mod coverage;
mod cursor;
mod dispatch;
mod docs;
mod environment;
mod error;
mod fit;
#[cfg(feature = "conformance")]
mod fixtures;
mod form;
mod gate;
mod http;
mod lines;
mod llm_tokens;
mod mcp;
mod meter;
mod projects;
mod raw;
mod registry;
mod reply;
mod rows;
mod schema;
mod service;
mod shared;
mod target;
mod tool;
mod tools;
mod toolset;
mod tracker_args;
mod unreadable;
mod untrusted;

pub use config::QueryConfig;
pub use docs::{tool_descriptions, tools_markdown};
pub use error::{ServeError, ToolError};
pub use http::router;
#[cfg(feature = "bench-noop")]
pub use http::unchecked_router;
pub use llm_tokens::count as count_llm_tokens;
pub use mcp::{serve_io, serve_stdio};
pub use playhead_access::Principal;
