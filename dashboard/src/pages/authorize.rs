//! The page of the authorization endpoint: a client sends a member here, and the member decides.

use axum::extract::{RawQuery, State};
use http::{HeaderMap, StatusCode};
use playhead_oauth::{Authorization, AuthorizationError, AuthorizationRequest, Grantable};
use playhead_schemas::{ErrorCode, Scope};

use super::consent::{Consent, page};
use crate::app::App;
use crate::browser::{CsrfForm, Failure, Next, Reply, Visitor, see_other};

/// `GET /authorize`: asks.
pub(crate) async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let query = query.unwrap_or_default();
    let next = Next::authorize(&query);
    let visitor = Visitor::of(&app, &headers).await?;
    let request = match app.oauth.authorization(&query, visitor.is_some()).await.map_err(failure)? {
        Authorization::SignIn => return Ok(see_other(&next.from("/sign-in"))),
        Authorization::Refused(location) => return Ok(see_other(&location)),
        Authorization::Ask(request) => request,
    };
    if request.is_silent {
        return Ok(see_other(&request.interaction_required(&app.oauth)));
    }
    let Some(visitor) = visitor else { return Ok(see_other(&next.from("/sign-in"))) };
    let visitor = visitor.ready(&next)?;
    let grantable = grantable(&app, &request, &visitor).await?;
    Ok(page(&Consent { query: &query, request: &request, visitor: &visitor, grantable: &grantable, problem: None }))
}

/// `POST /authorize`: the member's answer.
pub(crate) async fn decide(State(app): State<App>, form: CsrfForm) -> Reply {
    let query = form.fields.field("request").to_owned();
    let next = Next::authorize(&query);
    let Some(visitor) = form.visitor else { return Ok(see_other(&next.from("/sign-in"))) };
    let visitor = visitor.ready(&next)?;
    let request = match app.oauth.authorization(&query, true).await.map_err(failure)? {
        Authorization::SignIn => return Ok(see_other(&next.from("/sign-in"))),
        Authorization::Refused(location) => return Ok(see_other(&location)),
        Authorization::Ask(request) => request,
    };
    let client = || Some(request.client.id.clone());
    if form.fields.field("decision") != "allow" {
        app.note(Some(&visitor.member), "deny app", client(), Some(ErrorCode::Forbidden));
        return Ok(see_other(&request.deny(&app.oauth)));
    }
    let grantable = grantable(&app, &request, &visitor).await?;
    let chosen: Vec<Scope> = form.fields.all("scope").filter_map(|scope| scope.parse().ok()).collect();
    match request.allow(&app.oauth, &visitor.member, &grantable, &chosen).await? {
        Some(location) => {
            app.note(Some(&visitor.member), "allow app", client(), None);
            Ok(see_other(&location))
        }
        None => {
            let problem = Some("Select at least one permission, or choose “Do not allow”.");
            Ok(page(&Consent { query: &query, request: &request, visitor: &visitor, grantable: &grantable, problem }))
        }
    }
}

async fn grantable(app: &App, request: &AuthorizationRequest, visitor: &Visitor) -> Result<Grantable, Failure> {
    request.grantable(&app.oauth, &visitor.member).await?.ok_or_else(|| {
        Failure::refused(
            StatusCode::FORBIDDEN,
            "You have no access to this project",
            "The app asks for a project in which you have no role. Ask an owner of the project for one, or sign in with another account.",
        )
    })
}

/// A request that is answered here, because it must not be sent anywhere.
fn failure(error: AuthorizationError) -> Failure {
    let what = match error {
        AuthorizationError::Store(error) => return error.into(),
        AuthorizationError::Invalid(what) => what,
    };
    let mut what = what.to_owned();
    if let Some(first) = what.get(..1).map(str::to_uppercase) {
        what.replace_range(..1, &first);
    }
    let what = what.trim_end_matches('.');
    Failure::refused(
        StatusCode::BAD_REQUEST,
        "This app can't be connected",
        format!(
            "{what}. Nothing was sent to the app. Start the connection again in the app. If it fails again, report this text to the developers of the app."
        ),
    )
}
