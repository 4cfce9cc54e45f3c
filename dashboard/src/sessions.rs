//! Trying a password, and beginning a session.
//!
//! Attempts are counted before they are made, by account and by network address. An email address without an account
//! costs the same time and gets the same words as a wrong password.

use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, HeaderValue};
use playhead_store::{Member, SignInAttempt};

use crate::app::App;
use crate::browser::{Failure, Reply, see_other};
use crate::passwords;

/// What came of a password.
pub(crate) enum Tried {
    Member(Box<Known>),
    /// Wrong password, no such account, or one that was removed: which one is not told.
    Wrong,
    /// What to do.
    TooMany(String),
}

/// A member whose password was right.
pub(crate) struct Known {
    pub(crate) member: Member,
    /// The PHC string that it was compared with.
    pub(crate) phc: Option<String>,
}

/// Tries a password. `http` and `headers` are those of the request, whose address the attempt counts against.
pub(crate) async fn try_password(
    app: &App,
    http: &Extensions,
    headers: &HeaderMap,
    email: &str,
    typed: &str,
) -> Result<Tried, Failure> {
    let address = app.address(http, headers).map(|address| address.to_string());
    let now = app.now();
    let attempt = match app.store.try_sign_in(email, address.as_deref(), app.config.sign_in, now).await? {
        SignInAttempt::Allowed(attempt) => attempt,
        SignInAttempt::TooMany(until) => {
            let minutes = until.since(now).div_ceil(60_000).max(1);
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            return Ok(Tried::TooMany(format!("Too many attempts. Try again in {minutes} {unit}.")));
        }
    };
    let workspace = app.store.default_workspace().await?.id;
    let found = app.store.member_by_email(workspace, email).await?;
    let phc = found.as_ref().filter(|(member, _)| member.disabled_at.is_none()).and_then(|(_, phc)| phc.clone());
    let is_right = passwords::verify(app, typed, phc.clone()).await?;
    match found {
        Some((member, _)) if is_right => {
            app.store.sign_in_succeeded(attempt).await?;
            Ok(Tried::Member(Box::new(Known { member, phc })))
        }
        _ => Ok(Tried::Wrong),
    }
}

/// Begins a session, always with a new secret, and sends the browser on: to the sign-in when the password that was checked
/// was replaced meanwhile.
pub(crate) async fn begin(app: &App, known: &Known, next: &str) -> Reply {
    let begun =
        app.store.create_session(known.member.id, known.phc.as_deref(), app.now(), app.config.session_ms).await?;
    let Some(secret) = begun else { return Ok(see_other("/sign-in")) };
    let mut response = see_other(next);
    let cookie: HeaderValue = app.cookies.set_session(secret.expose(), app.config.session_ms);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}
