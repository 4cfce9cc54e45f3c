//! Who may do what.
//!
//! In: what was presented and what the store knows about it. Out: a decision, or a [`Refusal`] that says what to do
//! next. Never here: HTTP, SQL, clocks (the time is an argument), logs.
//!
//! The checks of a call are the functions of [`checks`], run in the order in which they stand there. What a role may do
//! stands in one table, [`TABLE`].

mod action;
pub mod address;
pub mod checks;
mod endpoint;
pub mod oauth;
pub mod origin;
pub mod password;
mod principal;
pub mod quota;
mod refusal;

pub use action::{Action, TABLE, least_role, may, table_markdown};
pub use checks::Reach;
pub use endpoint::Endpoint;
pub use principal::{Credential, Principal};
pub use quota::Plan;
pub use refusal::Refusal;
