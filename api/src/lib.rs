//! The management API: members, invitations, agents, roles, projects, ingest keys, tokens, the audit log, jobs.
//!
//! In: requests under `/api/v1` with a token of scope `admin`, or with the secret that a server makes for the commands
//! of its own machine. Out: rows as [`types`], and an audit entry for each request, read or write, whose sender is
//! known. Never here: an answer about a project that the token does not cover; a secret, but once, when it is made.
//!
//! - [`types`]: the payloads, without any of the server's dependencies
//! - `routes/`: one file for each noun, each handler with its documentation beside it
//! - `administrator.rs`: who is let in, and what the audit log keeps of it
//!
//! `GET /api/v1/openapi.json` describes every route.

mod administrator;
mod app;
mod extract;
mod named;
mod router;
mod routes;
pub mod types;

pub use app::ApiConfig;
pub use router::router;
