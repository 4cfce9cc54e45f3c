//! The member who looks at a page, if somebody is signed in.

use http::HeaderMap;
use playhead_store::{BrowserSession, Member};

use super::csrf;
use super::failure::Failure;
use super::layout::Page;
use super::next::Next;
use super::respond::see_other;
use crate::app::App;

/// A member in a signed-in browser.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) session: BrowserSession,
    pub(crate) member: Member,
    /// What this browser's forms carry.
    pub(crate) csrf: String,
}

impl Visitor {
    /// The visitor of a request, if somebody is signed in.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let Some(secret) = app.cookies.session(headers) else { return Ok(None) };
        let Some(session) = app.store.session_by_secret(secret, app.now()).await? else { return Ok(None) };
        let member = app.store.member(session.member).await?;
        Ok(Some(Self { session, member, csrf: csrf::token(secret) }))
    }

    /// Sends a member who must choose a password to do that first.
    pub(crate) fn ready(self, next: &Next) -> Result<Self, Failure> {
        if self.member.must_change_password {
            return Err(see_other(&next.from("/account/password")).into());
        }
        Ok(self)
    }
}

/// The member who looks at a page that only members see; anybody else is sent to sign in, and then to `next`.
pub(crate) async fn member_of(app: &App, headers: &HeaderMap, next: &Next) -> Result<Visitor, Failure> {
    match Visitor::of(app, headers).await? {
        Some(visitor) => visitor.ready(next),
        None => Err(see_other(&next.from("/sign-in")).into()),
    }
}

impl Page {
    /// Adds the header of a signed-in member.
    #[must_use]
    pub(crate) fn for_visitor(self, visitor: &Visitor) -> Self {
        self.for_member(&visitor.member.email, &visitor.csrf, !visitor.member.must_change_password)
    }
}
