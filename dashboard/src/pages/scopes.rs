//! Permissions as pages show them: a list of what was given, and checkboxes to choose from.
//!
//! Only reading bugs is chosen beforehand. What reaches credentials, unfiltered recordings or the administration is
//! marked with a word and a border beside its color, so that it stands out for everybody.

use maud::{Markup, html};
use playhead_access::oauth::meaning;
use playhead_schemas::Scope;

/// A fieldset with a checkbox named `scope` for each scope.
pub(super) fn choices(scopes: impl Iterator<Item = Scope>) -> Markup {
    html! {
        fieldset {
            legend { "Permissions" }
            @for scope in scopes {
                @let warning = warning(scope);
                @let id = id(scope);
                div.choice.sensitive[warning.is_some()] {
                    label {
                        input type="checkbox" name="scope" value=(scope.as_str()) checked[scope == Scope::BugsRead]
                            aria-describedby=[warning.is_some().then_some(&id)];
                        span { (meaning(scope)) " " (name(scope)) }
                    }
                    @if let Some(warning) = warning { p.hint id=(id) { (warning) } }
                }
            }
        }
    }
}

/// The entries of a description list for the permissions that were given.
pub(super) fn given(scopes: &[Scope]) -> Markup {
    html! {
        dt { "Permissions" }
        @for scope in scopes { dd { (meaning(*scope)) " " (name(*scope)) } }
    }
}

fn name(scope: Scope) -> Markup {
    html! {
        code { (scope.as_str()) }
        @if warning(scope).is_some() { " " strong.badge { "Sensitive" } }
    }
}

/// Why a scope needs care; `None` for those that reach nothing but bugs.
fn warning(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::BugsRead | Scope::BugsWrite | Scope::AgentTasks | Scope::RegressionWrite => None,
        Scope::CookiesRead => Some("A session cookie lets anyone sign in to your application as that user."),
        Scope::ReplayRaw => Some("They contain all that your users saw and typed. Nothing is removed from them."),
        Scope::Admin => Some("This includes inviting members, changing roles and creating tokens with any permission."),
    }
}

/// The id of the warning of a scope.
fn id(scope: Scope) -> String {
    format!("about-{}", scope.as_str().replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_is_checked_and_what_is_sensitive_says_why() {
        let html = choices(Scope::ALL.into_iter()).into_string();
        assert_eq!(html.matches(" checked").count(), 1);
        assert!(html.contains("value=\"bugs:read\" checked"), "{html}");
        assert_eq!(html.matches("Sensitive").count(), 3);
        for scope in [Scope::CookiesRead, Scope::ReplayRaw, Scope::Admin] {
            let id = id(scope);
            assert!(
                html.contains(&format!("aria-describedby=\"{id}\"")) && html.contains(&format!("id=\"{id}\"")),
                "{html}"
            );
        }
    }
}
