//! Accepting an invitation: its link makes an account, once.

use axum::extract::{Path, State};
use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use maud::html;
use playhead_store::{Invitation, StoreError};

use super::password::new_fields;
use crate::app::App;
use crate::browser::{
    CookieJar, CsrfForm, Failure, Page, Reply, Visitor, alert, csrf_field, form_token, html as page_of, time,
};
use crate::passwords::{check_new, hash};
use crate::sessions::{self, Known};

/// `GET /invitations/{secret}`
pub(crate) async fn show(State(app): State<App>, Path(secret): Path<String>, headers: HeaderMap) -> Reply {
    let invitation = open(&app, &secret).await?;
    // A form is bound to the browser's session where there is one, else to the cookie of forms.
    if let Some(visitor) = Visitor::of(&app, &headers).await? {
        return Ok(page(StatusCode::OK, &invitation, &secret, &visitor.csrf, "", None));
    }
    let known = app.cookies.form(&headers).map(str::to_owned);
    let cookie = known.clone().unwrap_or_else(CookieJar::new_form);
    let mut response = page(StatusCode::OK, &invitation, &secret, &form_token(&cookie), "", None);
    if known.is_none() {
        response.headers_mut().append(SET_COOKIE, app.cookies.set_form(&cookie));
    }
    Ok(response)
}

/// `POST /invitations/{secret}`
pub(crate) async fn accept(State(app): State<App>, Path(secret): Path<String>, form: CsrfForm) -> Reply {
    let invitation = open(&app, &secret).await?;
    let fields = &form.fields;
    let (name, new) = (fields.field("name"), fields.field("new"));
    let again = |problem: &str| {
        Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &invitation, &secret, fields.field("csrf"), name, Some(problem)))
    };
    if name.trim().is_empty() {
        return again("Enter your name.");
    }
    if let Err(problem) = check_new(new, fields.field("repeat"), &invitation.email) {
        return again(&problem);
    }
    let phc = hash(&app, new).await?;
    let member =
        app.store.accept_invitation(&secret, app.now(), name, phc.clone()).await.map_err(|error| match error {
            StoreError::Conflict(_) => Failure::refused(
                StatusCode::CONFLICT,
                "This email address already has an account",
                "Sign in with it. If its password is lost, ask an administrator for a new one.",
            ),
            other => other.into(),
        })?;
    app.note(Some(&member), "accept invitation", Some(invitation.id.to_string()), None);
    sessions::begin(&app, &Known { member, phc: Some(phc) }, "/account").await
}

async fn open(app: &App, secret: &str) -> Result<Invitation, Failure> {
    app.store.invitation_by_secret(secret, app.now()).await?.ok_or_else(|| {
        let advice =
            "It has expired, or it was already used or withdrawn. Ask the person who invited you for a new one.";
        Failure::refused(StatusCode::NOT_FOUND, "This invitation is not valid", advice)
    })
}

fn page(
    status: StatusCode,
    invitation: &Invitation,
    secret: &str,
    csrf: &str,
    name: &str,
    problem: Option<&str>,
) -> Response {
    let body = html! {
        (alert(problem))
        p { "You are invited as " strong { (invitation.email) } ". The invitation expires on " (time(invitation.expires_at)) "." }
        form method="post" action={ "/invitations/" (secret) } {
            (csrf_field(csrf))
            input type="hidden" name="username" autocomplete="username" value=(invitation.email);
            p.field {
                label for="name" { "Name" span.hint id="name-hint" { "Other members see it next to your changes." } }
                input id="name" name="name" type="text" autocomplete="name" required maxlength="200" value=(name) aria-describedby="name-hint";
            }
            (new_fields("Password"))
            p { button type="submit" { "Create account" } }
        }
    };
    page_of(status, &Page::new("Create your account").body(body))
}
