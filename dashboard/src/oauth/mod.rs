//! The authorization server: discovery, registration, consent, tokens, revocation.
//!
//! What may be asked and given are the rules of `playhead_access::oauth`.

mod authorize;
mod clients;
mod consent;
mod discovery;
mod fetch;
mod register;
mod reply;
mod request;
mod revoke;
mod token;

pub(crate) use authorize::{decide, show};
pub(crate) use discovery::{authorization_server, protected_resource};
pub use fetch::{ClientDocuments, FetchError, HttpClientDocuments};
pub(crate) use register::register;
pub(crate) use reply::{cors, limit_auth_failures};
pub(crate) use revoke::revoke;
pub(crate) use token::token;
