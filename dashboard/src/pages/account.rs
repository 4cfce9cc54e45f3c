//! The first page of an account.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use maud::html;
use playhead_access::oauth::Resource;
use playhead_schemas::Actor;

use crate::app::App;
use crate::browser::{Next, Page, Reply, html as page_of, member_of, see_other};

/// Projects that the page lists.
const PROJECTS_MAX: u32 = 200;

/// `GET /`
pub(crate) async fn home() -> Reply {
    Ok(see_other("/account"))
}

/// `GET /account`
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Reply {
    let visitor = member_of(&app, &headers, &Next::account()).await?;
    let member = &visitor.member;
    let actor_roles = app.store.actor_roles(Actor::Member(member.id)).await?;
    let projects = match &actor_roles {
        Some(actor_roles) if actor_roles.admin => {
            app.store.projects(member.workspace, None, None, PROJECTS_MAX).await?.items
        }
        Some(actor_roles) => {
            let only: Vec<_> = actor_roles.roles.keys().copied().collect();
            app.store.projects(member.workspace, Some(&only), None, PROJECTS_MAX).await?.items
        }
        None => Vec::new(),
    };
    let role =
        |id| actor_roles.as_ref().and_then(|actor_roles| actor_roles.role_in(id)).map_or("none", |role| role.as_str());
    let body = html! {
        dl {
            dt { "Name" } dd { (member.name) }
            dt { "Address" } dd { (member.email) }
            @if member.admin { dt { "Rights" } dd { "Administrator of the workspace: owner of every project" } }
        }
        h2 { "Connect an assistant" }
        p {
            "Give your assistant this address; it then asks you here for permission. For all of your projects: "
            code { (Resource::Workspace.url(app.issuer())) }
        }
        h2 { "Projects" }
        @if projects.is_empty() { p { "You have no role in any project. Ask an owner for one." } }
        ul.cards {
            @for project in &projects {
                li {
                    h3 { (project.name) }
                    p { "Your role: " (role(project.id)) }
                    p { "For this project alone: " code { (Resource::Project(project.slug.clone()).url(app.issuer())) } }
                }
            }
        }
    };
    Ok(page_of(StatusCode::OK, &Page::new("Your account").for_visitor(&visitor).body(body)))
}
