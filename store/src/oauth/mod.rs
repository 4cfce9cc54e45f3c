//! What OAuth stores: clients, codes, grants and their tokens.
//!
//! In: secrets in plain text, and a rule that decides. Out: the decision, carried out. Every decision about a secret is
//! made inside a transaction of the one writer, on the rows as they are there, so that of any number of requests with
//! one code exactly one succeeds, and a refresh in flight can't undo a revocation that was committed.
//! Never here: the rules themselves (crate `access`); secrets in rows.

mod clients;
mod codes;
mod grants;
mod token_pairs;

pub use clients::{ClientLimits, NewClient, OAuthClient};
pub use codes::NewCode;
pub use grants::{AccessGrant, Grant};
pub use token_pairs::{Exchange, TokenLifetimes, TokenPair};
