//! The layout of every page.

use maud::{DOCTYPE, Markup, html};
use playhead_schemas::EpochMs;

use super::csrf::csrf_field;

/// A page: its title, who looks at it, what it says.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    title: String,
    member: Option<(String, String)>,
    body: Markup,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), member: None, body: Markup::default() }
    }

    /// Adds the account's links, and the form that signs out.
    #[must_use]
    pub(super) fn for_member(mut self, email: &str, csrf: &str) -> Self {
        self.member = Some((email.to_owned(), csrf.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn body(mut self, body: Markup) -> Self {
        self.body = body;
        self
    }

    pub(super) fn render(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) " · Playhead" }
                    link rel="stylesheet" href="/assets/playhead.css";
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header {
                        p.brand { "Playhead" }
                        @if let Some((email, csrf)) = &self.member { (links(email, csrf)) }
                    }
                    main id="main" {
                        h1 { (self.title) }
                        (self.body)
                    }
                }
            }
        }
    }
}

fn links(email: &str, csrf: &str) -> Markup {
    html! {
        nav aria-label="Account" {
            ul {
                li { a href="/account" { "Account" } }
                li { a href="/account/tokens" { "Tokens" } }
                li { a href="/account/apps" { "Connected apps" } }
                li { a href="/account/password" { "Password" } }
            }
        }
        form.who method="post" action="/sign-out" {
            (csrf_field(csrf))
            span { (email) }
            button.quiet type="submit" { "Sign out" }
        }
    }
}

/// What went wrong with a form, announced by screen readers.
pub(crate) fn alert(message: Option<&str>) -> Markup {
    html! { @if let Some(message) = message { p.alert role="alert" { (message) } } }
}

/// A time, to the minute in UTC.
pub(crate) fn time(at: EpochMs) -> Markup {
    let text = at.to_rfc3339();
    let minute = text.get(..16).unwrap_or(&text).replace('T', " ");
    html! { time datetime=(text) { (minute) " UTC" } }
}
