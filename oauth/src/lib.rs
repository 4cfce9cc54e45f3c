//! The authorization server: discovery, registration, authorization, tokens, revocation.
//!
//! In: requests of OAuth clients, and what a signed-in member decided. Out: metadata documents, codes, tokens. What may
//! be asked and given are the rules of `playhead_access::oauth`, what is kept is the store's; here is the HTTP between
//! them. Never here: HTML, cookies, passwords; a secret in a log; a URL made of the header `Host`.
//!
//! One endpoint is a page for people: `/authorize`. Its protocol is here, as functions without a page: read the
//! request ([`OAuth::authorization`]), tell what a member could grant ([`AuthorizationRequest::grantable`]), and carry
//! out the decision ([`AuthorizationRequest::allow`], [`AuthorizationRequest::deny`]). The page that asks stands in the
//! dashboard, which has the browser's session, the forms and the layout. So the dashboard depends on this crate, and
//! this crate on no page.
//!
//! [`OAuth::router`] has the endpoints for programs.

mod authorization;
mod clients;
mod config;
mod discovery;
mod fetch;
mod grantable;
mod register;
mod reply;
mod revoke;
mod router;
mod server;
mod token;

pub use authorization::{Authorization, AuthorizationError, AuthorizationRequest};
pub use config::OAuthConfig;
pub use fetch::{ClientDocuments, FetchError, HttpClientDocuments};
pub use grantable::Grantable;
pub use server::OAuth;
