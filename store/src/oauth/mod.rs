//! What OAuth needs kept: clients, codes, grants and their tokens.
//!
//! In: secrets in the clear, and a rule that decides. Out: what became of them. Every decision about a secret is made
//! inside the one writer's transaction, on the facts as they are there, so that of any number of requests with one
//! code exactly one succeeds, and a revocation that was committed can't be undone by a refresh in flight.
//! Never here: the rules themselves (crate `access`), secrets in rows.

mod clients;
mod codes;
mod grants;
mod sweep;
mod token_pairs;

pub use clients::{ClientLimits, NewClient, OAuthClient};
pub use codes::NewCode;
pub use grants::{AccessGrant, Grant};
pub use sweep::Swept;
pub use token_pairs::{Exchange, TokenLifetimes, TokenPair};
