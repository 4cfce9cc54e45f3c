//! Connected apps: every grant of the member, with its last use, and a button that ends it at once.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use playhead_schemas::{GrantId, ProjectId};
use playhead_store::Grant;
use playhead_web::Params;

use super::scopes;
use crate::app::App;
use crate::browser::{
    CsrfForm, Failure, Next, Page, Reply, Section, csrf_field, html as page_of, member_of, see_other, time,
};

/// Grants on one page.
const PAGE_ROWS: u32 = 50;

/// `GET /account/apps`
pub(crate) async fn show(
    State(app): State<App>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
    headers: HeaderMap,
) -> Reply {
    let visitor = member_of(&app, &headers, &Next::parse("/account/apps")).await?;
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let after = params.field("after").parse::<GrantId>().ok();
    let grants = app.store.grants_of(visitor.member.id, app.now(), after, PAGE_ROWS).await?;
    let mut projects = BTreeMap::new();
    for id in grants.items.iter().filter_map(|grant| grant.project) {
        projects.entry(id).or_insert(app.store.project(id).await?.name);
    }
    let body = html! {
        @if params.field("ended") == "1" { p.done role="status" { "The app no longer has access." } }
        p { "Apps that you allowed to act as you. When you end the access of an app, access ends immediately." }
        @if grants.items.is_empty() { p { "No app is connected." } }
        ul.cards { @for grant in &grants.items { li { (card(grant, &projects, &visitor.csrf)) } } }
        @if let Some(next) = grants.next { p { a.button href={ "/account/apps?after=" (next) } { "Next page" } } }
    };
    Ok(page_of(StatusCode::OK, &Page::new("Connected apps").for_visitor(&visitor).section(Section::Apps).body(body)))
}

/// `POST /account/apps/{id}/revoke`
pub(crate) async fn revoke(State(app): State<App>, Path(id): Path<String>, form: CsrfForm) -> Reply {
    let next = Next::parse("/account/apps");
    let Some(visitor) = form.visitor else { return Ok(see_other(&next.from("/sign-in"))) };
    let id: GrantId = id.parse().map_err(|_| Failure::not_found())?;
    app.store.revoke_grant(id, visitor.member.id, app.now()).await?;
    app.note(Some(&visitor.member), "revoke app", Some(id.to_string()), None);
    Ok(see_other("/account/apps?ended=1"))
}

fn card(grant: &Grant, projects: &BTreeMap<ProjectId, String>, csrf: &str) -> Markup {
    let project = grant.project.and_then(|id| projects.get(&id));
    html! {
        h2 { bdi { (grant.client_name) } }
        dl {
            dt { "Client ID" } dd { code { (grant.client_id) } }
            dt { "Project" } dd { (project.map_or("Every project in which you have a role", String::as_str)) }
            (scopes::given(&grant.scopes))
            dt { "Connected" } dd { (time(grant.created_at)) }
            dt { "Last used" }
            dd {
                @match grant.last_used_at { Some(at) => (time(at)), None => "Never" }
                @if let Some(client) = &grant.last_client { " by " bdi { (client) } }
            }
        }
        form method="post" action={ "/account/apps/" (grant.id) "/revoke" } {
            (csrf_field(csrf))
            button.bad type="submit" aria-label={ "End access of " (grant.client_name) } { "End access" }
        }
    }
}
