//! The tools as clients see them: over REST, over MCP of both eras, over stdio; on a real store.
#![allow(clippy::unwrap_used)]

mod access;
mod audit;
mod auth_failures;
mod data;
mod demo_cases;
mod errors;
mod fit;
mod fix_prompt;
mod focus;
mod gate;
mod grants;
mod injection;
mod limits;
mod mcp;
mod media;
mod order;
mod paging;
mod result_size;
mod results;
mod support;
