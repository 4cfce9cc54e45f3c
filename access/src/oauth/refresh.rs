//! Rotation of refresh tokens, as a state machine of one grant.
//!
//! Each refresh makes the next generation. The answer may be lost on its way, and a client may run twice: so the
//! generation before the newest still works, for a grace ([`REFRESH_GRACE_MS`] unless the operator sets another), and gives the
//! very same answer again, until the newest was itself used. After that, an old token that comes back was copied: the
//! grant is revoked.

use playhead_schemas::EpochMs;
use playhead_schemas::oauth::{RefreshDecision, RefreshFacts};

use super::error::{OAuthError, Refusal};
use super::scopes;

/// How long an access token works unless the operator sets it, in milliseconds: 1 hour.
pub const ACCESS_TOKEN_LIFETIME_MS: i64 = 3_600_000;
/// How long a refresh token works when it is not used, unless the operator sets it, in milliseconds: 30 days.
pub const REFRESH_TOKEN_LIFETIME_MS: i64 = 30 * 86_400_000;
/// How long after its exchange a refresh token gives the same answer again unless the operator sets it, in
/// milliseconds: 2 minutes.
pub const REFRESH_GRACE_MS: u64 = 120_000;

/// What came with a refresh token.
#[derive(Clone, Debug, Default)]
pub struct PresentedRefresh {
    /// Who says to be the client.
    pub client_id: String,
    /// Less than was granted, if the client wants that.
    pub scope: Option<String>,
    /// The audience; a client that sends it must send the same.
    pub resource: Option<String>,
}

/// Decides about a refresh token. `grace_ms` is how long one that was exchanged gives the same answer again.
pub fn decide(
    facts: &RefreshFacts,
    presented: &PresentedRefresh,
    grace_ms: u64,
    now: EpochMs,
) -> RefreshDecision<Refusal> {
    let grant = |description| Refusal::new(OAuthError::InvalidGrant, description);
    if facts.is_revoked {
        return RefreshDecision::Refuse(grant("the grant was revoked; begin a new authorization"));
    }
    if facts.client_id != presented.client_id {
        return RefreshDecision::Refuse(grant("the refresh token was given to another client"));
    }
    if presented.resource.as_ref().is_some_and(|resource| *resource != facts.resource) {
        let description = "the resource is not the one of the grant";
        return RefreshDecision::Refuse(Refusal::new(OAuthError::InvalidTarget, description));
    }
    match facts.rotated_at {
        None if now >= facts.expires_at => {
            RefreshDecision::Refuse(grant("the refresh token has expired; begin a new authorization"))
        }
        None => match scopes::narrow(&facts.scopes, presented.scope.as_deref()) {
            Ok(scopes) => RefreshDecision::Rotate(scopes),
            Err(refusal) => RefreshDecision::Refuse(refusal),
        },
        Some(rotated_at) if now.since(rotated_at) > grace_ms => {
            RefreshDecision::Revoke(grant("the refresh token was used before; the grant is revoked"))
        }
        Some(_) if facts.generation + 1 == facts.newest => RefreshDecision::Repeat,
        // A straggler within the grace of a client that has gone on: no thief, and no answer for it.
        Some(_) => RefreshDecision::Refuse(grant("the refresh token was replaced; use the newest one")),
    }
}

#[cfg(test)]
mod tests {
    use playhead_schemas::Scope;

    use super::*;

    fn facts(generation: u64, newest: u64) -> RefreshFacts {
        RefreshFacts {
            client_id: "c".to_owned(),
            resource: "https://p.example/mcp".to_owned(),
            scopes: vec![Scope::BugsRead, Scope::BugsWrite],
            is_revoked: false,
            generation,
            newest,
            rotated_at: (generation < newest).then_some(EpochMs(1_000_000)),
            expires_at: EpochMs(9_000_000),
        }
    }

    fn outcome(facts: &RefreshFacts, presented: &PresentedRefresh, now: i64) -> String {
        match decide(facts, presented, REFRESH_GRACE_MS, EpochMs(now)) {
            RefreshDecision::Rotate(scopes) => format!("rotate {}", scopes::to_text(&scopes)),
            RefreshDecision::Repeat => "repeat".to_owned(),
            RefreshDecision::Refuse(refusal) => format!("refuse {}", refusal.error),
            RefreshDecision::Revoke(refusal) => format!("revoke {}", refusal.error),
        }
    }

    #[test]
    fn every_state_of_a_token() {
        let grace = 1_000_000 + i64::try_from(REFRESH_GRACE_MS).unwrap_or(0);
        let client = PresentedRefresh { client_id: "c".to_owned(), ..PresentedRefresh::default() };
        let revoked = |facts| RefreshFacts { is_revoked: true, ..facts };
        for (facts, now, want) in [
            (facts(3, 3), 2_000_000, "rotate bugs:read bugs:write"),
            (facts(3, 3), 9_000_000, "refuse invalid_grant"),
            (facts(2, 3), 1_000_000, "repeat"),
            (facts(2, 3), grace, "repeat"),
            (facts(2, 3), grace + 1, "revoke invalid_grant"),
            (facts(1, 3), grace, "refuse invalid_grant"),
            (facts(1, 3), grace + 1, "revoke invalid_grant"),
            (revoked(facts(3, 3)), 2_000_000, "refuse invalid_grant"),
            (revoked(facts(2, 3)), 1_000_000, "refuse invalid_grant"),
        ] {
            assert_eq!(outcome(&facts, &client, now), want, "{facts:?} at {now}");
        }
    }

    #[test]
    fn what_comes_with_it() {
        let with = |client: &str, scope: Option<&str>, resource: Option<&str>| PresentedRefresh {
            client_id: client.to_owned(),
            scope: scope.map(str::to_owned),
            resource: resource.map(str::to_owned),
        };
        for (presented, want) in [
            (with("c", Some("bugs:read"), Some("https://p.example/mcp")), "rotate bugs:read"),
            (with("c", Some(""), None), "rotate bugs:read bugs:write"),
            (with("c", Some("bugs:read admin"), None), "refuse invalid_scope"),
            (with("c", None, Some("https://p.example/p/a/mcp")), "refuse invalid_target"),
            (with("d", None, None), "refuse invalid_grant"),
        ] {
            assert_eq!(outcome(&facts(1, 1), &presented, 2_000_000), want, "{presented:?}");
        }
    }
}
