//! The pages.

mod account;
mod apps;
mod assets;
mod authorize;
mod connect;
mod consent;
mod invitation;
mod password;
mod scopes;
mod sign_in;
mod sign_out;
mod tokens;
mod unknown;

pub(crate) use account::{home, show as account};
pub(crate) use apps::{revoke as revoke_app, show as apps};
pub(crate) use assets::{copy_script, style};
pub(crate) use authorize::{decide as decide_authorization, show as authorize};
pub(crate) use invitation::{accept as accept_invitation, show as invitation};
pub(crate) use password::{change as change_password, show as password};
pub(crate) use sign_in::{show as sign_in, submit as submit_sign_in};
pub(crate) use sign_out::sign_out;
pub(crate) use tokens::{create as create_token, revoke as revoke_token, rotate as rotate_token, show as tokens};
pub(crate) use unknown::{method_not_allowed, not_found};
