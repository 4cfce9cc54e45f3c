//! The checks of a call, in their order: each is one function, and the first that refuses ends the call.
//!
//! ```text
//! bearer -> known -> audience -> scope -> role -> entitled, rate -> (arguments are read) -> belongs -> daily -> (the tool runs, an audit row)
//! ```

use playhead_schemas::{ActorRoles, EpochMs, ProjectId, Role, Scope, WorkspaceId};

use crate::{Action, Credential, Endpoint, Plan, Principal, Refusal, may, quota};

/// 1. The bearer token of a request: the one value of its one `Authorization` header. A token elsewhere, as in the
///    query, is never looked at.
pub fn bearer<'h>(mut authorization: impl Iterator<Item = &'h str>) -> Result<&'h str, Refusal> {
    let (Some(value), None) = (authorization.next(), authorization.next()) else { return Err(Refusal::NoBearer) };
    let (scheme, secret) = value.split_once(' ').ok_or(Refusal::NoBearer)?;
    let secret = secret.trim();
    let fits = scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty();
    if fits { Ok(secret) } else { Err(Refusal::NoBearer) }
}

/// 2. The token is known and neither revoked (then it is not found) nor expired.
pub fn known(found: Option<Principal>, now: EpochMs) -> Result<Principal, Refusal> {
    found.filter(|principal| principal.expires_at.is_none_or(|end| now < end)).ok_or(Refusal::UnknownToken)
}

/// 3. The credential is for this endpoint, exactly. `public_url` is the configured one: no header has a say.
pub fn audience(principal: &Principal, endpoint: &Endpoint, public_url: &str) -> Result<(), Refusal> {
    let fits = match &principal.credential {
        Credential::Local => *endpoint == Endpoint::Local,
        Credential::Grant { resource, .. } => endpoint.resource(public_url).as_ref() == Some(resource),
        Credential::Token(_) => true,
    };
    let bound = match endpoint {
        Endpoint::Project { id, .. } => id.is_some() && principal.bound_project == *id,
        Endpoint::Workspace | Endpoint::Rest | Endpoint::Local => principal.bound_project.is_none(),
    };
    if fits && bound { Ok(()) } else { Err(Refusal::WrongAudience) }
}

/// 4. The credential has every scope that the operation needs. What it needs is decided by what will run, never by a
///    header.
pub fn scope(principal: &Principal, needed: &[Scope]) -> Result<(), Refusal> {
    if needed.iter().all(|scope| principal.holds(*scope)) {
        return Ok(());
    }
    Err(Refusal::MissingScope(needed.to_vec()))
}

/// 5. The one that the credential acts for is there, and has a role that may do `action`: in the endpoint's project, or
///    in some. `actor_roles` is that of this moment.
pub fn role(
    principal: &Principal,
    actor_roles: Option<&ActorRoles>,
    endpoint: &Endpoint,
    action: Action,
) -> Result<Reach, Refusal> {
    let mut reach = Reach {
        workspace: principal.workspace,
        action,
        only: match principal.bound_project {
            Some(project) => Some(vec![project]),
            None => principal.projects.clone(),
        },
        weak: Vec::new(),
    };
    if principal.actor.is_none() {
        return Ok(reach);
    }
    let actor_roles =
        actor_roles.filter(|actor_roles| actor_roles.workspace == principal.workspace).ok_or(Refusal::ActorRemoved)?;
    if actor_roles.admin {
        return Ok(reach);
    }
    let within = |project: &ProjectId| reach.only.as_ref().is_none_or(|only| only.contains(project));
    let roles: Vec<_> =
        actor_roles.roles.iter().filter(|(project, _)| within(project)).map(|(p, r)| (*p, *r)).collect();
    let (strong, weak): (Vec<_>, Vec<_>) = roles.into_iter().partition(|(_, role)| may(*role, action));
    if strong.is_empty() {
        let of_endpoint = endpoint.project().or(principal.bound_project);
        let role = match of_endpoint {
            Some(project) => actor_roles.role_in(project),
            None => weak.iter().map(|(_, role)| *role).max(),
        };
        return Err(Refusal::RoleTooLow { role, action });
    }
    reach.only = Some(strong.into_iter().map(|(project, _)| project).collect());
    reach.weak = weak;
    Ok(reach)
}

/// 6. This server offers what the operation needs.
pub fn entitled(plan: &Plan, needed: &[Scope]) -> Result<(), Refusal> {
    match needed.iter().find(|scope| plan.scopes_off.contains(scope)) {
        Some(scope) => Err(Refusal::SwitchedOff(*scope)),
        None => Ok(()),
    }
}

/// 6b. The principal's calls of this minute are not used up. `is_within` is the counter's answer.
pub fn rate(plan: &Plan, is_within: bool, now: EpochMs) -> Result<(), Refusal> {
    if is_within {
        return Ok(());
    }
    Err(Refusal::RateLimited { limit: plan.calls_per_minute, ends_at: quota::minute_ends(now) })
}

/// 7. The row that the call names belongs to a project within reach. `workspace` is that of the row's project.
pub fn belongs(reach: &Reach, workspace: Option<WorkspaceId>, project: ProjectId) -> Result<(), Refusal> {
    if workspace != Some(reach.workspace) {
        return Err(Refusal::NotFound);
    }
    if reach.only.as_ref().is_none_or(|only| only.contains(&project)) {
        return Ok(());
    }
    match reach.weak.iter().find(|(weak, _)| *weak == project) {
        Some((_, role)) => Err(Refusal::RoleTooLow { role: Some(*role), action: reach.action }),
        None => Err(Refusal::NotFound),
    }
}

/// 8. The day's calls are not used up. `is_within` is the counter's answer.
pub fn daily(plan: &Plan, is_within: bool, now: EpochMs) -> Result<(), Refusal> {
    if is_within {
        return Ok(());
    }
    Err(Refusal::QuotaExceeded { limit: plan.calls_per_day, resets_at: quota::day_ends(now) })
}

/// The projects in which a call may do what it is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    workspace: WorkspaceId,
    action: Action,
    only: Option<Vec<ProjectId>>,
    /// Projects in which the role is too low for the action: what is in them may be known to be there.
    weak: Vec<(ProjectId, Role)>,
}

impl Reach {
    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The projects; `None` means every project of the workspace.
    pub fn only(&self) -> Option<&[ProjectId]> {
        self.only.as_deref()
    }

    /// The one project, when there is just one.
    pub fn single(&self) -> Option<ProjectId> {
        match self.only.as_deref() {
            Some([project]) => Some(*project),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use playhead_schemas::{Actor, ErrorCode, GrantId, MemberId, TokenId};

    use super::*;

    fn token() -> Principal {
        let (credential, scopes) = (Credential::Token(TokenId::new()), Scope::ALL.to_vec());
        Principal { credential, scopes, ..Principal::local(WorkspaceId::new()) }
    }

    fn actor_roles(workspace: WorkspaceId, roles: &[(ProjectId, Role)]) -> ActorRoles {
        ActorRoles { workspace, name: "Ann".into(), admin: false, roles: roles.iter().copied().collect() }
    }

    #[test]
    fn only_one_bearer_header_counts() {
        assert_eq!(bearer(["Bearer pht_x"].into_iter()), Ok("pht_x"));
        assert_eq!(bearer(["bearer  pht_x "].into_iter()), Ok("pht_x"));
        for refused in [&[][..], &["Bearer"], &["Bearer "], &["Basic pht_x"], &["pht_x"], &["Bearer a", "Bearer b"]] {
            assert_eq!(bearer(refused.iter().copied()), Err(Refusal::NoBearer), "{refused:?}");
        }
    }

    #[test]
    fn a_token_ends_when_it_says() {
        let ends = |at| Principal { expires_at: Some(EpochMs(at)), ..token() };
        assert!(known(Some(token()), EpochMs(i64::MAX)).is_ok());
        assert!(known(Some(ends(10)), EpochMs(9)).is_ok());
        assert_eq!(known(Some(ends(10)), EpochMs(10)), Err(Refusal::UnknownToken));
        assert_eq!(known(None, EpochMs(0)), Err(Refusal::UnknownToken));
    }

    #[test]
    fn each_credential_is_good_for_its_endpoint_alone() {
        const URL: &str = "https://x.example";
        let (a, b) = (ProjectId::new(), ProjectId::new());
        let shop = |id| Endpoint::Project { id: Some(id), slug: "shop".into() };
        let nowhere = || Endpoint::Project { id: None, slug: "shop".into() };
        let bound = Principal { bound_project: Some(a), ..token() };
        let grant = |resource: &str, bound_project| Principal {
            credential: Credential::Grant { grant: GrantId::new(), resource: resource.into() },
            bound_project,
            ..token()
        };
        let local = Principal::local(WorkspaceId::new());
        for (what, principal, endpoint, want) in [
            ("a token at the workspace", &token(), Endpoint::Workspace, true),
            ("a token at a project that is not there", &token(), nowhere(), false),
            ("a grant at a project that is not there", &grant("https://x.example/p/shop/mcp", None), nowhere(), false),
            ("a token over REST", &token(), Endpoint::Rest, true),
            ("a token at a project", &token(), shop(a), false),
            ("a bound token at its project", &bound, shop(a), true),
            ("a bound token at another", &bound, shop(b), false),
            ("a bound token at the workspace", &bound, Endpoint::Workspace, false),
            ("a bound token over REST", &bound, Endpoint::Rest, false),
            ("a grant at its resource", &grant("https://x.example/mcp", None), Endpoint::Workspace, true),
            ("a grant with a slash too many", &grant("https://x.example/mcp/", None), Endpoint::Workspace, false),
            ("a grant of another server", &grant("https://y.example/mcp", None), Endpoint::Workspace, false),
            ("a grant of the workspace at a project", &grant("https://x.example/mcp", None), shop(a), false),
            ("a grant of a project", &grant("https://x.example/p/shop/mcp", Some(a)), shop(a), true),
            (
                "a grant whose slug went to another project",
                &grant("https://x.example/p/shop/mcp", Some(a)),
                shop(b),
                false,
            ),
            ("a grant over REST", &grant("https://x.example/mcp", None), Endpoint::Rest, false),
            ("the local user over stdio", &local, Endpoint::Local, true),
            ("the local user elsewhere", &local, Endpoint::Workspace, false),
        ] {
            assert_eq!(audience(principal, &endpoint, URL).is_ok(), want, "{what}");
        }
    }

    #[test]
    fn a_missing_scope_names_all_that_the_operation_needs() {
        let reader = Principal { scopes: vec![Scope::BugsRead], ..token() };
        assert_eq!(scope(&reader, &[Scope::BugsRead]), Ok(()));
        let needed = [Scope::BugsRead, Scope::CookiesRead];
        assert_eq!(scope(&reader, &needed), Err(Refusal::MissingScope(needed.to_vec())));
    }

    #[test]
    fn the_role_of_the_moment_bounds_the_token() {
        let (a, b) = (ProjectId::new(), ProjectId::new());
        let acting = Principal { actor: Some(Actor::Member(MemberId::new())), ..token() };
        let at = |principal: &Principal, actor_roles: Option<&ActorRoles>, action| {
            role(principal, actor_roles, &Endpoint::Workspace, action)
        };
        let reach = at(&token(), None, Action::ReadCookies).unwrap();
        assert_eq!(reach.only(), None, "a token that acts for nobody has no role to check");
        assert_eq!(at(&acting, None, Action::ReadBugs), Err(Refusal::ActorRemoved));
        let elsewhere = actor_roles(WorkspaceId::new(), &[(a, Role::Owner)]);
        assert_eq!(at(&acting, Some(&elsewhere), Action::ReadBugs), Err(Refusal::ActorRemoved));

        let both = actor_roles(acting.workspace, &[(a, Role::Viewer), (b, Role::Developer)]);
        assert_eq!(at(&acting, Some(&both), Action::ReadBugs).unwrap().only().unwrap().len(), 2);
        let reach = at(&acting, Some(&both), Action::ReadCookies).unwrap();
        assert_eq!(reach.only(), Some(&[b][..]));
        assert_eq!(reach.single(), Some(b));
        let too_low = Refusal::RoleTooLow { role: Some(Role::Developer), action: Action::ManageProject };
        assert_eq!(at(&acting, Some(&both), Action::ManageProject), Err(too_low));

        let narrow = Principal { projects: Some(vec![a]), ..acting.clone() };
        assert_eq!(at(&narrow, Some(&both), Action::ReadBugs).unwrap().only(), Some(&[a][..]));
        let admin = ActorRoles { admin: true, roles: BTreeMap::new(), ..both.clone() };
        assert_eq!(at(&narrow, Some(&admin), Action::ReadAudit).unwrap().only(), Some(&[a][..]));
        let none = actor_roles(acting.workspace, &[]);
        let refused = at(&acting, Some(&none), Action::ReadBugs);
        assert_eq!(refused, Err(Refusal::RoleTooLow { role: None, action: Action::ReadBugs }));
    }

    #[test]
    fn what_is_switched_off_is_off_for_everybody() {
        let plan = Plan { scopes_off: vec![Scope::CookiesRead], ..Plan::default() };
        assert_eq!(entitled(&plan, &[Scope::BugsRead]), Ok(()));
        assert_eq!(
            entitled(&plan, &[Scope::BugsRead, Scope::CookiesRead]),
            Err(Refusal::SwitchedOff(Scope::CookiesRead))
        );
    }

    #[test]
    fn rows_out_of_reach_do_not_exist() {
        let (a, b, c) = (ProjectId::new(), ProjectId::new(), ProjectId::new());
        let acting = Principal { actor: Some(Actor::Member(MemberId::new())), ..token() };
        let both = actor_roles(acting.workspace, &[(a, Role::Viewer), (b, Role::Developer)]);
        let reach = role(&acting, Some(&both), &Endpoint::Workspace, Action::ReadCookies).unwrap();
        let ours = Some(acting.workspace);
        assert_eq!(belongs(&reach, ours, b), Ok(()));
        assert_eq!(belongs(&reach, ours, c), Err(Refusal::NotFound));
        assert_eq!(belongs(&reach, Some(WorkspaceId::new()), b), Err(Refusal::NotFound));
        assert_eq!(belongs(&reach, None, b), Err(Refusal::NotFound));
        let too_low = Refusal::RoleTooLow { role: Some(Role::Viewer), action: Action::ReadCookies };
        assert_eq!(belongs(&reach, ours, a), Err(too_low));
    }

    #[test]
    fn limits_say_when_they_end() {
        let (plan, now) =
            (Plan { calls_per_day: 3, calls_per_minute: 2, ..Plan::default() }, EpochMs(1_795_176_000_500));
        assert_eq!((rate(&plan, true, now), daily(&plan, true, now)), (Ok(()), Ok(())));
        let slow = rate(&plan, false, now).unwrap_err();
        assert_eq!((slow.code(), slow.retry_after_seconds(now)), (ErrorCode::RateLimited, Some(60)));
        let over = daily(&plan, false, now).unwrap_err();
        assert_eq!((over.code(), over.retry_after_seconds(now)), (ErrorCode::QuotaExceeded, Some(43_200)));
        assert!(over.message().contains("2026-11-21T00:00:00.000Z"), "{over}");
    }
}
