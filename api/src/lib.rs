//! The API under `/api/v1`: bugs, and the management of members, invitations, agents, roles, projects, ingest keys,
//! tokens, the audit log, jobs.
//!
//! In: requests with a token. Those about bugs take the scopes and roles that the tools take; those of the management a
//! token of scope `admin`. Both take the secret that a server makes for the commands of its own machine. Out: rows as
//! [`types`], and an audit entry for each request, read or write, whose sender is known. Never here: an answer about a
//! project that the token does not cover; a secret, but once, when it is made; the rules of what may be changed about a
//! bug (the crate `tracker`).
//!
//! - [`types`]: the payloads, without HTTP
//! - `routes/`: one file for each noun, each handler with its documentation beside it
//! - `guard.rs`: how it is found out who sent a request, and what the audit log keeps of it
//! - `administrator.rs`, `caller.rs`: who may manage, who may work on bugs, and in which projects
//!
//! `GET /api/v1/openapi.json` describes every route, and the tools as `query` serves them over REST.

mod administrator;
mod app;
mod caller;
mod conditions;
mod extract;
mod guard;
mod named;
mod router;
mod routes;
mod rules;
mod tool_docs;
pub mod types;

pub use app::ApiConfig;
pub use router::router;
