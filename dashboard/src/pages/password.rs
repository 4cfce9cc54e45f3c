//! Changing the password.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{Extensions, HeaderMap, StatusCode};
use maud::{Markup, html};
use playhead_access::password::CHARS_MIN;

use crate::app::App;
use crate::browser::{
    CsrfForm, Failure, Next, Page, Reply, Section, Visitor, alert, csrf_field, html as page_of, see_other,
};
use crate::passwords::{check_new, hash, verify};
use crate::sessions::{Tried, try_password};

/// `GET /account/password`
pub(crate) async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let next = Next::of_query(query.as_deref());
    match Visitor::of(&app, &headers).await? {
        Some(visitor) => Ok(page(StatusCode::OK, &visitor, &next, None)),
        None => Ok(see_other(&next.from("/sign-in"))),
    }
}

/// `POST /account/password`. All other browsers of the member are signed out.
pub(crate) async fn change(State(app): State<App>, http: Extensions, headers: HeaderMap, form: CsrfForm) -> Reply {
    let next = Next::parse(form.fields.field("next"));
    let Some(visitor) = form.visitor else { return Ok(see_other(&next.from("/sign-in"))) };
    let (old, new) = (form.fields.field("old"), form.fields.field("new"));
    let again = |problem: &str| Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &visitor, &next, Some(problem)));
    // A member who must choose a password has just signed in with the old one.
    if !visitor.member.must_change_password {
        match try_password(&app, &http, &headers, &visitor.member.email, old).await? {
            Tried::Member(_) => {}
            Tried::Wrong => return again("The current password is not correct. Nothing was changed."),
            Tried::TooMany(advice) => return again(&advice),
        }
    }
    if let Err(problem) = check_new(new, form.fields.field("repeat"), &visitor.member.email) {
        return again(&problem);
    }
    if visitor.member.must_change_password && is_current(&app, &visitor, new).await? {
        return again("Choose a password other than the one-time password.");
    }
    let phc = hash(&app, new).await?;
    app.store.set_password(visitor.member.id, phc).await?;
    app.store.end_other_sessions(visitor.member.id, visitor.session.id, app.now()).await?;
    app.note(Some(&visitor.member), "change password", None, None);
    Ok(see_other(next.as_str()))
}

/// The two fields of a new password.
pub(super) fn new_fields(label: &str) -> Markup {
    html! {
        p.field {
            label for="new" { (label) span.hint id="new-hint" { "At least " (CHARS_MIN) " characters, for example a few unrelated words." } }
            input id="new" name="new" type="password" autocomplete="new-password" required minlength=(CHARS_MIN) aria-describedby="new-hint";
        }
        p.field {
            label for="repeat" { "Repeat password" }
            input id="repeat" name="repeat" type="password" autocomplete="new-password" required;
        }
    }
}

async fn is_current(app: &App, visitor: &Visitor, typed: &str) -> Result<bool, Failure> {
    let found = app.store.member_by_email(visitor.member.workspace, &visitor.member.email).await?;
    verify(app, typed, found.and_then(|(_, phc)| phc)).await
}

fn page(status: StatusCode, visitor: &Visitor, next: &Next, problem: Option<&str>) -> Response {
    let must = visitor.member.must_change_password;
    let title = if must { "Choose a password" } else { "Change password" };
    let body = html! {
        (alert(problem))
        @if must { p { "That was a one-time password. Choose your own password to continue." } }
        form method="post" action="/account/password" {
            (csrf_field(&visitor.csrf))
            input type="hidden" name="next" value=(next.as_str());
            input type="hidden" name="username" autocomplete="username" value=(visitor.member.email);
            @if !must {
                p.field {
                    label for="old" { "Current password" }
                    input id="old" name="old" type="password" autocomplete="current-password" required;
                }
            }
            (new_fields("New password"))
            p.note { "All other browsers that are signed in to your account will be signed out." }
            p { button type="submit" { @if must { "Save password" } @else { (title) } } }
        }
    };
    page_of(status, &Page::new(title).for_visitor(visitor).section(Section::Password).body(body))
}
