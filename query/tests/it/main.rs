//! The tools as clients see them: over REST, over MCP of both eras, over stdio; on a real store.
#![allow(clippy::unwrap_used)]

mod access;
mod audit;
mod auth_failures;
mod data;
mod demo_cases;
mod docs;
mod errors;
mod gate;
mod grants;
mod injection;
mod limits;
mod malformed;
mod mcp;
mod order;
mod paging;
mod rest;
mod result_size;
mod results;
mod support;
mod tools;
mod toolsets;
mod trace;
