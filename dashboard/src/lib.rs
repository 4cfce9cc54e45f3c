//! What a person sees of Playhead in a browser, and the OAuth endpoints that programs use on a person's behalf.
//!
//! In: requests of browsers and OAuth clients. Out: pages that work without JavaScript, metadata documents, tokens.
//! The rules are the crate `access`'s, what is kept is the crate `store`'s; here is the HTTP between them.
//! Never here: rules about codes, tokens and redirect URIs; SQL; a secret in a log; a URL made of `Host`.
//!
//! - `web/`: cookies, forms, security headers, the frame of every page
//! - `oauth/`: discovery, registration, consent, tokens, revocation
//! - `pages/`: sign-in, password, invitation, tokens, connected apps

mod app;
mod config;
mod oauth;
mod pages;
mod routes;
mod web;

pub use config::DashboardConfig;
pub use oauth::{ClientDocuments, FetchError, HttpClientDocuments};
pub use routes::Dashboard;
