//! Addresses and methods that no route serves: a page for browsers, JSON for programs.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::ACCEPT;
use http::{HeaderMap, Method, StatusCode, Uri};
use maud::html;

use crate::app::App;
use crate::browser::{Failure, Page, Visitor, html as page_of};

/// Where programs ask: their answer is JSON whatever they accept.
const API_PREFIXES: [&str; 5] = ["/v1/", "/api/", "/mcp/", "/p/", "/.well-known/"];

/// The answer for an address that no route has.
pub(crate) async fn not_found(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if !is_for_a_browser(&method, uri.path(), &headers) {
        return playhead_web::not_found().await.into_response();
    }
    let page = Page::new("Page not found").body(html! {
        p { "There is no page at this address. Check it for mistakes, or go to one of these pages:" }
        ul.prose {
            li { a href="/account" { "Account" } ": your projects, and how to connect an assistant" }
            li { a href="/account/tokens" { "Tokens" } ": access for scripts, and for assistants that can't ask you here" }
            li { a href="/account/apps" { "Connected apps" } ": apps that act as you, and how to end their access" }
        }
    });
    match Visitor::of(&app, &headers).await {
        Ok(Some(visitor)) => page_of(StatusCode::NOT_FOUND, &page.for_visitor(&visitor)),
        Ok(None) => page_of(StatusCode::NOT_FOUND, &page),
        Err(failure) => failure.into_response(),
    }
}

/// The answer for a page that takes a form only, or none.
pub(crate) async fn method_not_allowed() -> Failure {
    let advice = "This address takes a form that another page submits. Start from your account.";
    Failure::refused(StatusCode::METHOD_NOT_ALLOWED, "This page can't be opened directly", advice)
}

fn is_for_a_browser(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accepts_html = headers.get_all(ACCEPT).iter().any(|value| {
        value.to_str().is_ok_and(|value| value.split(',').any(|kind| kind.trim().starts_with("text/html")))
    });
    let is_api = API_PREFIXES.iter().any(|prefix| path.starts_with(prefix));
    matches!(*method, Method::GET | Method::HEAD) && accepts_html && !is_api
}
