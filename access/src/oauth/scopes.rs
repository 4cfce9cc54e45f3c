//! The parameter `scope`: reading it, and never giving more than was granted.

use playhead_schemas::Scope;

use super::error::{OAuthError, Refusal};

/// What a client gets that asks for nothing: reading.
pub const BASIC: [Scope; 1] = [Scope::BugsRead];

/// Names of OpenID Connect that clients send out of habit. They mean nothing here, and no harm.
const HABITS: [&str; 5] = ["openid", "profile", "email", "offline_access", "mcp"];

/// The scopes that a request asks for, each once, in the order of [`Scope::ALL`]. Missing, empty or made of habits
/// alone means [`BASIC`]; a name that is unknown beside known ones is left out (RFC 6749, 3.3).
///
/// # Errors
/// `invalid_scope` when something was asked for and none of it exists.
pub fn asked(scope: Option<&str>) -> Result<Vec<Scope>, Refusal> {
    let names: Vec<&str> = names(scope.unwrap_or_default()).filter(|name| !HABITS.contains(name)).collect();
    if names.is_empty() {
        return Ok(BASIC.to_vec());
    }
    let found: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| names.contains(&scope.as_str())).collect();
    if found.is_empty() {
        return Err(Refusal::new(OAuthError::InvalidScope, "none of these scopes exists; see scopes_supported"));
    }
    Ok(found)
}

/// The scopes of a refresh: what was granted, or less.
///
/// # Errors
/// `invalid_scope` when a scope is asked for that was not granted.
pub fn narrow(granted: &[Scope], scope: Option<&str>) -> Result<Vec<Scope>, Refusal> {
    let names: Vec<&str> = names(scope.unwrap_or_default()).filter(|name| !HABITS.contains(name)).collect();
    if names.is_empty() {
        return Ok(granted.to_vec());
    }
    if names.iter().any(|name| !granted.iter().any(|scope| scope.as_str() == *name)) {
        return Err(Refusal::new(OAuthError::InvalidScope, "more is asked than was granted; ask the member again"));
    }
    Ok(granted.iter().copied().filter(|scope| names.contains(&scope.as_str())).collect())
}

/// Scopes as a parameter.
pub fn to_text(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// What a scope allows, in plain words, for who decides about it.
pub fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::BugsRead => "Read bug reports, their transcripts and their screenshots",
        Scope::BugsWrite => "Change bug reports and comment on them",
        Scope::CookiesRead => "Read the cookies that came with bug reports",
        Scope::ReplayRaw => "Download recordings as they were uploaded",
        Scope::AgentTasks => "Take over bugs that are assigned to an agent, and report on the work",
        Scope::RegressionWrite => "Record regression checks and their results",
        Scope::Admin => "Manage projects, keys, tokens and members",
    }
}

fn names(scope: &str) -> impl Iterator<Item = &str> {
    scope.split([' ', '+', '\t', '\r', '\n']).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_asked() {
        for (scope, want) in [
            (None, Ok("bugs:read")),
            (Some(""), Ok("bugs:read")),
            (Some("  "), Ok("bugs:read")),
            (Some("openid offline_access"), Ok("bugs:read")),
            (Some("bugs:write bugs:read bugs:write"), Ok("bugs:read bugs:write")),
            (Some("replay:raw nonsense"), Ok("replay:raw")),
            (Some("nonsense"), Err(OAuthError::InvalidScope)),
            (Some("BUGS:READ"), Err(OAuthError::InvalidScope)),
        ] {
            let got = asked(scope).map(|scopes| to_text(&scopes)).map_err(|refusal| refusal.error);
            assert_eq!(got.as_deref().map_err(|e| *e), want, "{scope:?}");
        }
    }

    #[test]
    fn a_refresh_only_narrows() {
        let granted = [Scope::BugsRead, Scope::BugsWrite];
        for (scope, want) in [
            (None, Some("bugs:read bugs:write")),
            (Some(""), Some("bugs:read bugs:write")),
            (Some("offline_access"), Some("bugs:read bugs:write")),
            (Some("bugs:write"), Some("bugs:write")),
            (Some("bugs:read replay:raw"), None),
            (Some("bugs:read nonsense"), None),
            (Some("admin"), None),
        ] {
            assert_eq!(narrow(&granted, scope).ok().map(|s| to_text(&s)).as_deref(), want, "{scope:?}");
        }
    }

    #[test]
    fn every_scope_has_its_meaning() {
        let meanings: std::collections::BTreeSet<_> = Scope::ALL.into_iter().map(meaning).collect();
        assert_eq!(meanings.len(), Scope::ALL.len());
    }
}
