//! The first page of an account.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use maud::html;
use playhead_access::oauth::Resource;
use playhead_schemas::Actor;

use super::connect;
use crate::app::App;
use crate::browser::{Next, Page, Reply, Section, copyable, html as page_of, member_of, see_other};

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
    let endpoint = Resource::Workspace.url(app.issuer());
    let body = html! {
        dl {
            dt { "Name" } dd { (member.name) }
            dt { "Email" } dd { (member.email) }
            @if member.admin { dt { "Role" } dd { "Administrator: owner of every project" } }
        }
        h2 { "Connect an assistant" }
        p {
            "Add this MCP endpoint to your assistant. It then opens a page here on which you choose its permissions. "
            "The endpoint reaches all of your projects."
        }
        (copyable("endpoint", &endpoint))
        details {
            summary { "Configuration for common clients" }
            (connect::snippets(&endpoint, None))
        }
        p {
            "For a script, or an assistant that can't open a page, create a "
            a href="/account/tokens" { "token" } "."
        }
        h2 { "Projects" }
        @if !projects.is_empty() { p { "The endpoint of a project reaches that project only." } }
        @if projects.is_empty() { p { "You have no role in any project. Ask an owner of a project for one." } }
        ul.cards {
            @for project in &projects {
                li {
                    h3 { (project.name) }
                    dl {
                        dt { "Your role" } dd { (role(project.id)) }
                        dt { "Endpoint" }
                        dd {
                            (copyable(
                                &format!("endpoint of {}", project.name),
                                &Resource::Project(project.slug.clone()).url(app.issuer()),
                            ))
                        }
                    }
                }
            }
        }
    };
    let page = Page::new("Account").for_visitor(&visitor).section(Section::Account).with_copy_buttons().body(body);
    Ok(page_of(StatusCode::OK, &page))
}
