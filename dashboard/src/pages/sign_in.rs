//! Signing in with address and password.
//!
//! Attempts are counted before they are made, by account and by network address. An address without an account costs
//! the same time and gets the same words as a wrong password.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use maud::html;
use playhead_schemas::ErrorCode;
use playhead_store::{Member, SignInAttempt};

use super::passwords;
use crate::app::App;
use crate::web::{
    CookieJar, CsrfForm, Failure, Next, Page, Params, Reply, Visitor, alert, csrf_field, form_token, html as page_of,
    see_other,
};

/// `GET /sign-in`
pub(crate) async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let next = next_of(query.as_deref());
    if Visitor::of(&app, &headers).await?.is_some() {
        return Ok(see_other(next.as_str()));
    }
    let known = app.cookies.form(&headers).map(str::to_owned);
    let cookie = known.clone().unwrap_or_else(CookieJar::new_form);
    let mut response = page(StatusCode::OK, &form_token(&cookie), &next, "", None);
    if known.is_none() {
        response.headers_mut().append(SET_COOKIE, app.cookies.set_form(&cookie));
    }
    Ok(response)
}

/// `POST /sign-in`
pub(crate) async fn submit(State(app): State<App>, http: Extensions, headers: HeaderMap, form: CsrfForm) -> Reply {
    let next = Next::parse(form.fields.field("next"));
    let email = form.fields.field("email");
    let csrf = form.fields.field("csrf");
    match try_password(&app, &http, &headers, email, form.fields.field("password")).await? {
        Tried::Member(member) => {
            app.note(Some(&member), "sign in", None, None);
            signed_in(&app, &member, next.as_str()).await
        }
        Tried::Wrong => {
            app.note(None, "sign in", None, Some(passwords::WRONG));
            let problem = "Address or password is not right.";
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, csrf, &next, email, Some(problem)))
        }
        Tried::TooMany(advice) => {
            app.note(None, "sign in", None, Some(ErrorCode::RateLimited));
            Ok(page(StatusCode::TOO_MANY_REQUESTS, csrf, &next, email, Some(&advice)))
        }
    }
}

/// What came of a password.
pub(super) enum Tried {
    Member(Box<Member>),
    /// Wrong password, no such account, or one that was removed: which one is not told.
    Wrong,
    /// What to do.
    TooMany(String),
}

/// Tries a password.
pub(super) async fn try_password(
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
            return Ok(Tried::TooMany(format!("Too many attempts. Try again in {minutes} min.")));
        }
    };
    let workspace = app.store.default_workspace().await?.id;
    let found = app.store.member_by_email(workspace, email).await?;
    let phc = found.as_ref().filter(|(member, _)| member.disabled_at.is_none()).and_then(|(_, phc)| phc.clone());
    let is_right = passwords::verify(app, typed, phc).await?;
    match found {
        Some((member, _)) if is_right => {
            app.store.sign_in_succeeded(attempt, email).await?;
            Ok(Tried::Member(Box::new(member)))
        }
        _ => Ok(Tried::Wrong),
    }
}

/// Begins a session, always with a new secret, and goes on.
pub(super) async fn signed_in(app: &App, member: &Member, next: &str) -> Reply {
    let secret = app.store.create_session(member.id, app.now(), app.config.session_ms).await?;
    let mut response = see_other(next);
    let cookie: HeaderValue = app.cookies.set_session(secret.expose(), app.config.session_ms);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// The field `next` of a query.
pub(super) fn next_of(query: Option<&str>) -> Next {
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    Next::parse(params.field("next"))
}

fn page(status: StatusCode, csrf: &str, next: &Next, email: &str, problem: Option<&str>) -> Response {
    let to_app = next.as_str().starts_with("/authorize");
    let body = html! {
        (alert(problem))
        @if to_app { p { "An app asks to be connected. Sign in first; then you decide." } }
        form method="post" action="/sign-in" {
            (csrf_field(csrf))
            input type="hidden" name="next" value=(next.as_str());
            p.field {
                label for="email" { "Address" }
                input id="email" name="email" type="email" autocomplete="username" required value=(email);
            }
            p.field {
                label for="password" { "Password" }
                input id="password" name="password" type="password" autocomplete="current-password" required;
            }
            p { button type="submit" { "Sign in" } }
        }
        p.note { "No account, or the password is lost? Ask an administrator of this server for an invitation." }
    };
    page_of(status, &Page::new("Sign in").body(body))
}
