//! What every HTTP surface of Playhead shares.
//!
//! In: heads of requests, errors of handlers, rows of the store. Out: the address that a request is counted under, the
//! principal behind a credential, the beginning of an audit entry, problem bodies, one log line for each request, JSON
//! bodies as typed values, and OpenAPI documents of routes that are documented at their handlers. Never here: routes,
//! decisions about who may do what (crate `access`), HTML, SQL.
//!
//! | question | file |
//! | --- | --- |
//! | Which address does a request count against? | `address.rs` |
//! | Whom does a bearer token stand for? | `principal.rs` |
//! | What does a call count against, and which projects does it see? | `calls.rs` |
//! | What does an error answer look like? | `problem.rs` |
//! | What is logged of a request? | `trace.rs` |
//! | How is JSON read, and what is said when it is wrong? | `input/` |
//! | How is an operation documented? | `openapi/` |
//! | What do the tests of the surfaces share? | `testing/`, with the feature `testing` |

mod address;
mod audit;
mod calls;
mod error_chain;
pub mod input;
pub mod openapi;
mod params;
mod principal;
mod problem;
mod routes;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;

pub use address::client_address;
pub use audit::{audit_entry, milliseconds_since, user_agent};
pub use calls::{count_day, count_minute, projects_within, roles_of};
pub use error_chain::error_chain;
pub use params::{Params, Repeated};
pub use principal::{SecretError, bearer, principal_of_grant, principal_of_secret, principal_of_token};
pub use problem::{ApiError, ErrorBody, ErrorDetail, Problem};
pub use routes::{method_not_allowed, not_found};
pub use trace::trace;
