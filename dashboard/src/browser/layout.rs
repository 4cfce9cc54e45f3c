//! The layout of every page.
//!
//! In: a title, who looks at the page, its body. Out: one HTML document. Never here: scripts or styles inside the
//! document, which the Content-Security-Policy forbids.

use maud::{DOCTYPE, Markup, html};
use playhead_schemas::EpochMs;

use super::csrf::csrf_field;

/// A page: its title, who looks at it, what it says.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    title: String,
    signed_in: Option<SignedIn>,
    section: Option<Section>,
    has_copy_buttons: bool,
    body: Markup,
}

/// A page that the navigation links to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Account,
    Tokens,
    Apps,
    Password,
}

/// What the header needs of a signed-in member.
#[derive(Clone, Debug)]
struct SignedIn {
    email: String,
    csrf: String,
    /// False while the member must choose a password: until then every link leads back to that page.
    has_navigation: bool,
}

impl Section {
    const ALL: [Self; 4] = [Self::Account, Self::Tokens, Self::Apps, Self::Password];

    fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Tokens => "/account/tokens",
            Self::Apps => "/account/apps",
            Self::Password => "/account/password",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Tokens => "Tokens",
            Self::Apps => "Connected apps",
            Self::Password => "Password",
        }
    }
}

impl Page {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), signed_in: None, section: None, has_copy_buttons: false, body: Markup::default() }
    }

    /// Adds the member's email and the form that signs out; with `has_navigation` also the links of the account.
    #[must_use]
    pub(super) fn for_member(mut self, email: &str, csrf: &str, has_navigation: bool) -> Self {
        self.signed_in = Some(SignedIn { email: email.to_owned(), csrf: csrf.to_owned(), has_navigation });
        self
    }

    /// Marks the page as the current one in the navigation.
    #[must_use]
    pub(crate) fn section(mut self, section: Section) -> Self {
        self.section = Some(section);
        self
    }

    /// Loads the script that adds a button to every [`copyable`] text. Pages without it run no script at all.
    #[must_use]
    pub(crate) fn with_copy_buttons(mut self) -> Self {
        self.has_copy_buttons = true;
        self
    }

    #[must_use]
    pub(crate) fn body(mut self, body: Markup) -> Self {
        self.body = body;
        self
    }

    pub(super) fn has_scripts(&self) -> bool {
        self.has_copy_buttons
    }

    pub(super) fn render(&self) -> Markup {
        // Without the links, the header and one short form fit into a narrow column.
        let is_narrow = !self.signed_in.as_ref().is_some_and(|member| member.has_navigation);
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) " · Playhead" }
                    link rel="stylesheet" href="/assets/playhead.css";
                    @if self.has_copy_buttons { script src="/assets/copy.js" defer {} }
                }
                body.narrow[is_narrow] {
                    a.skip href="#main" { "Skip to content" }
                    header {
                        p.brand { a href="/account" { "Playhead" } }
                        @if let Some(member) = &self.signed_in { (account(member, self.section)) }
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

fn account(member: &SignedIn, current: Option<Section>) -> Markup {
    html! {
        @if member.has_navigation {
            nav aria-label="Account" {
                ul {
                    @for section in Section::ALL {
                        li {
                            a href=(section.path()) aria-current=[(current == Some(section)).then_some("page")] {
                                (section.label())
                            }
                        }
                    }
                }
            }
        }
        form.who method="post" action="/sign-out" {
            (csrf_field(&member.csrf))
            span.email title=(member.email) { (member.email) }
            button.quiet type="submit" { "Sign out" }
        }
    }
}

/// What went wrong with a form, announced by screen readers.
pub(crate) fn alert(message: Option<&str>) -> Markup {
    html! { @if let Some(message) = message { p.alert role="alert" { (message) } } }
}

/// A text to copy. `what` names it for the button that the script adds, such as `token`.
pub(crate) fn copyable(what: &str, text: &str) -> Markup {
    html! { div.copyable { code data-copy=(what) { (text) } } }
}

/// A time, to the minute in UTC.
pub(crate) fn time(at: EpochMs) -> Markup {
    let text = at.to_rfc3339();
    let minute = text.get(..16).unwrap_or(&text).replace('T', " ");
    html! { time datetime=(text) { (minute) " UTC" } }
}
