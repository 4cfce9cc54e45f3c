//! The page that asks a member whether an app may act for them.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use playhead_access::oauth::meaning;
use playhead_schemas::Scope;
use playhead_store::Project;

use super::request::AuthorizationRequest;
use crate::web::{Page, Visitor, alert, csrf_field, html_with};

/// What is asked, of whom.
pub(super) struct Consent<'a> {
    pub(super) query: &'a str,
    pub(super) request: &'a AuthorizationRequest,
    pub(super) visitor: &'a Visitor,
    pub(super) reach: &'a Reach,
    pub(super) scopes: &'a [Scope],
    pub(super) problem: Option<&'a str>,
}

/// What a grant would reach.
pub(super) struct Reach {
    /// The one project of the endpoint.
    pub(super) project: Option<Project>,
    /// The names of projects.
    pub(super) names: Vec<String>,
    /// How many are not named.
    pub(super) more: usize,
}

pub(super) fn page(consent: &Consent<'_>) -> Response {
    let Consent { query, request, visitor, scopes, .. } = consent;
    let body = html! {
        (alert(consent.problem))
        p {
            "A program that calls itself " strong { bdi { (request.client.name) } }
            " asks to act for " strong { (visitor.member.email) } ". Nobody has checked its name. Go on only if you "
            "began this yourself, in that program."
        }
        (details(consent))
        form method="post" action="/authorize" {
            (csrf_field(&visitor.csrf))
            input type="hidden" name="request" value=(query);
            fieldset {
                legend { "What it may do" }
                @for scope in scopes.iter() { (choice(*scope)) }
            }
            p.note { "It can never do more than your own role allows, at any moment. You can end it under Connected apps." }
            p.actions {
                button type="submit" name="decision" value="allow" { "Allow" }
                button.quiet type="submit" name="decision" value="deny" { "Do not allow" }
            }
        }
    };
    let page = Page::new(format!("Let {} use Playhead?", request.client.name)).for_visitor(visitor).body(body);
    html_with(StatusCode::OK, &page, Some(&request.back.redirect.csp_source()))
}

fn details(consent: &Consent<'_>) -> Markup {
    let Consent { request, reach, .. } = consent;
    let redirect = &request.back.redirect;
    html! {
        dl {
            dt { "Project" }
            dd {
                @match &reach.project {
                    Some(project) => { (project.name) " (" code { (project.slug) } ")" },
                    None if reach.names.is_empty() => "None yet: you have no role in any project",
                    None => {
                        "Every project in which you have a role: " (reach.names.join(", "))
                        @if reach.more > 0 { " and " (reach.more) " more" }
                    },
                }
            }
            dt { "Program (client id)" }
            dd { code { (request.client.id) } }
            dt { "The answer goes to" }
            dd {
                strong { (redirect.recipient()) }
                @if redirect.is_loopback() { ", a program on this computer" }
                @else if redirect.recipient().ends_with(':') { ", an app on this computer" }
            }
        }
    }
}

fn choice(scope: Scope) -> Markup {
    html! {
        p.choice {
            label {
                input type="checkbox" name="scope" value=(scope.as_str()) checked;
                " " (meaning(scope)) " " code { (scope.as_str()) }
            }
        }
    }
}
