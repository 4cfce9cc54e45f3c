//! OAuth 2.1 for MCP as rules.
//!
//! In: what a client sent, as text, and what the catalog knows. Out: typed values, decisions and the metadata
//! documents. Never here: HTTP, SQL, sockets, clocks.
//!
//! Sources: OAuth 2.1 (draft-ietf-oauth-v2-1), RFC 7636 (PKCE), RFC 7591 (registration), RFC 8414 and RFC 9728
//! (metadata), RFC 8707 (resource), RFC 9207 (`iss`), client-ID metadata documents
//! (draft-ietf-oauth-client-id-metadata-document), and the MCP authorization specification of 2026-07-28.

mod address;
mod cimd;
mod client;
mod code;
mod error;
mod issuer;
mod metadata;
mod pkce;
mod redirect;
mod refresh;
mod resource;
mod scopes;

pub use address::is_public;
pub use cimd::{ClientIdUrl, DOCUMENT_BYTES_MAX, check_document};
pub use client::{REGISTRATION_BYTES_MAX, RegisteredClient, Registration, register};
pub use code::{AUTHORIZATION_CODE_LIFETIME_MS, PresentedCode, decide as decide_code};
pub use error::{OAuthError, Refusal};
pub use issuer::{Issuer, IssuerError};
pub use metadata::{AuthorizationServerMetadata, ProtectedResourceMetadata};
pub use pkce::Challenge;
pub use redirect::RedirectUri;
pub use refresh::{
    ACCESS_TOKEN_LIFETIME_MS, PresentedRefresh, REFRESH_GRACE_MS, REFRESH_TOKEN_LIFETIME_MS, decide as decide_refresh,
};
pub use resource::Resource;
pub use scopes::{BASIC, asked, meaning, narrow, to_text};
