//! What every page needs: cookies, forms that other sites can't forge, security headers, one layout.

mod cookies;
mod csrf;
mod failure;
mod form;
mod layout;
mod next;
mod respond;
mod visitor;

pub(crate) use cookies::CookieJar;
pub(crate) use csrf::{csrf_field, token as form_token};
pub(crate) use failure::{Failure, Reply};
pub(crate) use form::CsrfForm;
pub(crate) use layout::{Page, Section, alert, copyable, time};
pub(crate) use next::Next;
pub(crate) use respond::{html, html_with, see_other};
pub(crate) use visitor::{Visitor, member_of};
