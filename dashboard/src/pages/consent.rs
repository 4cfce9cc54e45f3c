//! The page that asks a member whether an app may act for them.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use playhead_access::oauth::meaning;
use playhead_oauth::{AuthorizationRequest, Grantable};
use playhead_schemas::Scope;

use crate::browser::{Page, Visitor, alert, csrf_field, html_with};

/// What is asked, of whom.
pub(super) struct Consent<'a> {
    pub(super) query: &'a str,
    pub(super) request: &'a AuthorizationRequest,
    pub(super) visitor: &'a Visitor,
    pub(super) grantable: &'a Grantable,
    pub(super) problem: Option<&'a str>,
}

pub(super) fn page(consent: &Consent<'_>) -> Response {
    let Consent { query, request, visitor, grantable, .. } = consent;
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
                @for scope in &grantable.scopes { (choice(*scope)) }
            }
            p.note { "It can never do more than your own role allows, at any moment. You can end it under Connected apps." }
            p.actions {
                button type="submit" name="decision" value="allow" { "Allow" }
                button.quiet type="submit" name="decision" value="deny" { "Do not allow" }
            }
        }
    };
    let page = Page::new(format!("Let {} use Playhead?", request.client.name)).for_visitor(visitor).body(body);
    html_with(StatusCode::OK, &page, Some(&request.redirect().csp_source()))
}

fn details(consent: &Consent<'_>) -> Markup {
    let Consent { request, grantable, .. } = consent;
    let redirect = request.redirect();
    html! {
        dl {
            dt { "Project" }
            dd {
                @match &grantable.project {
                    Some(project) => { (project.name) " (" code { (project.slug) } ")" },
                    None if grantable.names.is_empty() => "None yet: you have no role in any project",
                    None => {
                        "Every project in which you have a role: " (grantable.names.join(", "))
                        @if grantable.more > 0 { " and " (grantable.more) " more" }
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
