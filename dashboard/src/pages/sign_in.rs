//! Signing in with email address and password.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, StatusCode};
use maud::html;
use playhead_schemas::ErrorCode;

use crate::app::App;
use crate::browser::{
    CookieJar, CsrfForm, Next, Page, Reply, Visitor, alert, csrf_field, form_token, html as page_of, see_other,
};
use crate::sessions::{self, Tried, try_password};

/// `GET /sign-in`
pub(crate) async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let next = Next::of_query(query.as_deref());
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
        Tried::Member(known) => {
            app.note(Some(&known.member), "sign in", None, None);
            sessions::begin(&app, &known, next.as_str()).await
        }
        Tried::Wrong => {
            app.note(None, "sign in", None, Some(ErrorCode::Unauthenticated));
            let problem = "The email or password is not correct.";
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, csrf, &next, email, Some(problem)))
        }
        Tried::TooMany(advice) => {
            app.note(None, "sign in", None, Some(ErrorCode::RateLimited));
            Ok(page(StatusCode::TOO_MANY_REQUESTS, csrf, &next, email, Some(&advice)))
        }
    }
}

fn page(status: StatusCode, csrf: &str, next: &Next, email: &str, problem: Option<&str>) -> Response {
    let to_app = next.as_str().starts_with("/authorize");
    let body = html! {
        (alert(problem))
        @if to_app { p { "An app asks for access. Sign in to decide whether to allow it." } }
        form method="post" action="/sign-in" {
            (csrf_field(csrf))
            input type="hidden" name="next" value=(next.as_str());
            p.field {
                label for="email" { "Email" }
                input id="email" name="email" type="email" autocomplete="username" required value=(email);
            }
            p.field {
                label for="password" { "Password" }
                input id="password" name="password" type="password" autocomplete="current-password" required;
            }
            p { button type="submit" { "Sign in" } }
        }
        p.note { "No account, or forgot the password? Ask an administrator of this server." }
    };
    page_of(status, &Page::new("Sign in").body(body))
}
