//! The web pages: sign-in, password, invitation, tokens, connected apps, and the consent page of the authorization
//! server.
//!
//! In: requests of browsers. Out: pages that work without JavaScript. The rules are the crate `access`'s, the
//! authorization server is the crate `oauth`'s, what is kept is the crate `store`'s. Never here: rules about codes,
//! tokens and redirect URIs; SQL; a secret in a log; a URL made of the header `Host`.
//!
//! - `browser/`: cookies, forms, security headers, the layout of every page
//! - `pages/`: one file for each page
//! - `passwords.rs`, `sessions.rs`: hashing, trying a password, beginning a session

mod app;
mod browser;
mod config;
mod pages;
mod passwords;
mod routes;
mod sessions;

pub use config::DashboardConfig;
pub use routes::router;
