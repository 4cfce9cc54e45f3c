//! The page that asks a member whether an app may act for them.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use playhead_oauth::{AuthorizationRequest, Grantable};

use super::scopes;
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
            "An app that calls itself " strong { bdi { (request.client.name) } } " asks to act as "
            strong { (visitor.member.email) } ". Playhead can't check that name. Continue only if you started this "
            "connection yourself, in that app."
        }
        (details(consent))
        form method="post" action="/authorize" {
            (csrf_field(&visitor.csrf))
            input type="hidden" name="request" value=(query);
            (scopes::choices(grantable.scopes.iter().copied()))
            (consequences(request))
            p.actions {
                button type="submit" name="decision" value="allow" { "Allow" }
                button.quiet type="submit" name="decision" value="deny" { "Do not allow" }
            }
        }
    };
    let title = format!("Allow {} to use Playhead?", request.client.name);
    html_with(StatusCode::OK, &Page::new(title).for_visitor(visitor).body(body), Some(&request.redirect().csp_source()))
}

fn details(consent: &Consent<'_>) -> Markup {
    let Consent { request, grantable, .. } = consent;
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
            dt { "Client ID" }
            dd { code { (request.client.id) } }
            dt { "Returns to" }
            dd { (recipient(request)) }
        }
    }
}

/// What each of the two buttons leads to.
fn consequences(request: &AuthorizationRequest) -> Markup {
    html! {
        h2 { "What happens next" }
        ul.prose {
            li {
                "If you allow it, your browser returns to " (recipient(request)) ", and the app can act as you with the "
                "selected permissions. It can never do more than your own role allows."
            }
            li { "You can end its access at any time under Connected apps. Access ends immediately." }
            li { "If you do not allow it, your browser returns there as well, and the app gets no access." }
        }
    }
}

/// Who receives the answer.
fn recipient(request: &AuthorizationRequest) -> Markup {
    let redirect = request.redirect();
    html! {
        strong { (redirect.recipient()) }
        @if redirect.is_loopback() { " (a program on this computer)" }
        @else if redirect.recipient().ends_with(':') { " (an app on this computer)" }
    }
}
