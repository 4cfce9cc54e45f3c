use std::collections::BTreeMap;

use playhead_schemas::{Actor, AgentId, EpochMs, ErrorCode, InvitationId, MemberId, ProjectId, Role};
use playhead_store::{Member, NewInvitation, NewMember, NewToken, StoreError};

use crate::support::TestStore;

async fn member(t: &TestStore, email: &str, admin: bool) -> Result<Member, StoreError> {
    let workspace = t.store.default_workspace().await.unwrap().id;
    let new = NewMember {
        workspace,
        email: email.into(),
        name: "Ann".into(),
        password_hash: Some("$phc".into()),
        must_change_password: true,
        admin,
    };
    t.store.create_member(new).await
}

#[tokio::test]
async fn a_member_is_found_by_its_address_and_stands_until_removed() {
    let t = TestStore::new().await;
    assert!(t.store.has_no_member().await.unwrap());
    let root = member(&t, "root@example.com", true).await.unwrap();
    let ann = member(&t, "Ann@Example.com", false).await.unwrap();
    assert!(!t.store.has_no_member().await.unwrap());
    assert_eq!(member(&t, "ANN@example.com", false).await.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(member(&t, "ann", false).await.unwrap_err().code(), ErrorCode::InvalidInput);

    let found = t.store.member_by_email(ann.workspace, " ann@EXAMPLE.com").await.unwrap();
    assert_eq!(found, Some((ann.clone(), Some("$phc".into()))));
    let changed = t.store.set_password(ann.id, "$new".into()).await.unwrap();
    assert!(!changed.must_change_password);
    let t = t.reopen().await;
    let (stored, phc) = t.store.member_by_email(ann.workspace, "ann@example.com").await.unwrap().unwrap();
    assert_eq!((stored, phc.as_deref()), (changed, Some("$new")));

    let actor = Actor::Member(ann.id);
    assert!(t.store.actor_roles(actor).await.unwrap().is_some());
    assert!(t.store.disable_member(ann.id).await.unwrap().disabled_at.is_some());
    assert_eq!(t.store.actor_roles(actor).await.unwrap(), None, "at once");
    t.store.enable_member(ann.id).await.unwrap();
    assert!(t.store.actor_roles(actor).await.unwrap().is_some());

    for error in [
        t.store.disable_member(root.id).await.unwrap_err(),
        t.store.set_member_admin(root.id, false).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), ErrorCode::Conflict, "the last administrator stays");
    }
    t.store.set_member_admin(ann.id, true).await.unwrap();
    t.store.disable_member(root.id).await.unwrap();
    assert_eq!(t.store.members(ann.workspace, None, 1).await.unwrap().next, Some(root.id));
    assert_eq!(t.store.disable_member(MemberId::new()).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn roles_hold_at_once() {
    let t = TestStore::new().await;
    let ann = member(&t, "ann@example.com", false).await.unwrap();
    let agent = t.store.create_agent(ann.workspace, "fixer").await.unwrap();
    for actor in [Actor::Member(ann.id), Actor::Agent(agent.id)] {
        assert_eq!(t.store.role(t.project, actor).await.unwrap(), None);
        for role in [Some(Role::Viewer), Some(Role::Owner), None, Some(Role::Manager)] {
            t.store.set_role(t.project, actor, role).await.unwrap();
            assert_eq!(t.store.role(t.project, actor).await.unwrap(), role);
        }
        assert_eq!(t.store.roles_of(actor).await.unwrap(), [(t.project, Role::Manager)]);
        let actor_roles = t.store.actor_roles(actor).await.unwrap().unwrap();
        assert_eq!(actor_roles.roles, BTreeMap::from([(t.project, Role::Manager)]));
        let unknown = t.store.set_role(ProjectId::new(), actor, None).await.unwrap_err();
        assert_eq!(unknown.code(), ErrorCode::NotFound);
    }
    assert_eq!(t.store.roles_in(t.project).await.unwrap().len(), 2);
    let nobody = Actor::Agent(AgentId::new());
    assert_eq!(t.store.set_role(t.project, nobody, None).await.unwrap_err().code(), ErrorCode::NotFound);

    t.store.disable_agent(agent.id).await.unwrap();
    assert_eq!(t.store.role(t.project, Actor::Agent(agent.id)).await.unwrap(), None);
    t.store.set_member_admin(ann.id, true).await.unwrap();
    assert_eq!(t.store.role(t.project, Actor::Member(ann.id)).await.unwrap(), Some(Role::Owner));
    assert_eq!(t.store.role(ProjectId::new(), Actor::Member(ann.id)).await.unwrap(), None);
}

#[tokio::test]
async fn an_invitation_is_taken_once() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let new = |email: &str, expires_at| NewInvitation {
        workspace,
        email: email.into(),
        admin: false,
        roles: vec![(t.project, Role::Developer)],
        expires_at,
    };
    let (invited, secret) = t.store.create_invitation(new("Bo@example.com", EpochMs(1000))).await.unwrap();
    assert!(secret.expose().starts_with("phi_"));
    let secret = secret.expose();
    assert_eq!(t.store.invitation_by_secret(secret, EpochMs(999)).await.unwrap(), Some(invited.clone()));
    assert_eq!(t.store.invitation_by_secret(secret, EpochMs(1000)).await.unwrap(), None);
    let take = |now| t.store.accept_invitation(secret, now, "Bo", "$phc".into());
    assert_eq!(take(EpochMs(1000)).await.unwrap_err().code(), ErrorCode::NotFound, "too late");

    let (one, two) = tokio::join!(take(EpochMs(5)), take(EpochMs(5)));
    assert!(one.is_ok() != two.is_ok(), "one of two");
    let bo = one.or(two).unwrap();
    assert_eq!((bo.email.as_str(), bo.must_change_password), ("bo@example.com", false));
    assert_eq!(t.store.role(t.project, Actor::Member(bo.id)).await.unwrap(), Some(Role::Developer));
    assert_eq!(t.store.invitation_by_secret(secret, EpochMs(5)).await.unwrap(), None);

    // Of two links of one address the other ends with the first.
    let (_, first) = t.store.create_invitation(new("di@example.com", EpochMs(1000))).await.unwrap();
    let (_, second) = t.store.create_invitation(new("di@example.com", EpochMs(1000))).await.unwrap();
    t.store.accept_invitation(second.expose(), EpochMs(5), "Di", "$phc".into()).await.unwrap();
    assert_eq!(t.store.invitation_by_secret(first.expose(), EpochMs(5)).await.unwrap(), None);

    let (back, gone) = t.store.create_invitation(new("cy@example.com", EpochMs(1000))).await.unwrap();
    assert!(t.store.revoke_invitation(back.id).await.unwrap().used_at.is_some());
    let taken = t.store.accept_invitation(gone.expose(), EpochMs(5), "Cy", "$phc".into()).await;
    assert_eq!(taken.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(t.store.invitations(workspace, None, 10).await.unwrap().items.len(), 4);
}

#[tokio::test]
async fn an_invited_person_becomes_an_administrator_on_acceptance() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let new = |email: &str| NewInvitation {
        workspace,
        email: email.into(),
        admin: false,
        roles: vec![],
        expires_at: EpochMs(1000),
    };
    let (bo, secret) = t.store.create_invitation(new("bo@example.com")).await.unwrap();
    assert!(t.store.set_invitation_admin(bo.id, true, EpochMs(5)).await.unwrap().admin);
    assert!(t.store.invitation(bo.id).await.unwrap().admin);
    let member = t.store.accept_invitation(secret.expose(), EpochMs(5), "Bo", "$phc".into()).await.unwrap();
    assert!(member.admin && t.store.member(member.id).await.unwrap().admin);
    let late = t.store.set_invitation_admin(bo.id, false, EpochMs(5)).await.unwrap_err();
    assert_eq!(late.code(), ErrorCode::Conflict);
    assert!(late.to_string().contains("change the member"), "{late}");

    let (cy, secret) = t.store.create_invitation(new("cy@example.com")).await.unwrap();
    t.store.set_invitation_admin(cy.id, true, EpochMs(5)).await.unwrap();
    t.store.set_invitation_admin(cy.id, false, EpochMs(5)).await.unwrap();
    let expired = t.store.set_invitation_admin(cy.id, true, EpochMs(1000)).await.unwrap_err();
    assert_eq!(expired.code(), ErrorCode::Conflict);
    assert!(!t.store.accept_invitation(secret.expose(), EpochMs(5), "Cy", "$phc".into()).await.unwrap().admin);
    let unknown = t.store.set_invitation_admin(InvitationId::new(), true, EpochMs(5)).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn no_two_agents_of_a_workspace_have_one_name() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let create = |name| t.store.create_agent(workspace, name);
    let (one, two) = tokio::join!(create("fixer"), create(" fixer "));
    assert!(one.is_ok() != two.is_ok(), "one of two");
    let (fixer, refused) = if one.is_ok() { (one, two) } else { (two, one) };
    let (fixer, refused) = (fixer.unwrap(), refused.unwrap_err());
    assert_eq!(refused.code(), ErrorCode::Conflict);
    assert!(refused.to_string().contains(&fixer.id.to_string()), "{refused}");
    create("Fixer").await.unwrap();
    t.store.disable_agent(fixer.id).await.unwrap();
    assert_ne!(create("fixer").await.unwrap().id, fixer.id, "the name of a removed agent may be used again");
}

#[tokio::test]
async fn a_rotated_token_ends_as_the_new_one_begins() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let agent = t.store.create_agent(workspace, "fixer").await.unwrap();
    let new = NewToken {
        workspace,
        projects: Some(vec![t.project]),
        scopes: vec![],
        label: "ci".into(),
        expires_at: None,
        actor: Some(Actor::Agent(agent.id)),
        bound_project: Some(t.project),
    };
    let (old, old_secret) = t.store.create_token(new).await.unwrap();
    let (new, new_secret) = t.store.rotate_token(old.id).await.unwrap();
    assert_eq!(t.store.token_by_secret(old_secret.expose()).await.unwrap(), None);
    assert_eq!(t.store.token_by_secret(new_secret.expose()).await.unwrap(), Some(new.clone()));
    assert_eq!((new.actor, new.bound_project, new.label), (old.actor, old.bound_project, old.label));
    assert_eq!(t.store.rotate_token(old.id).await.unwrap_err().code(), ErrorCode::Conflict);
    assert!(t.store.token(old.id).await.unwrap().revoked_at.is_some());
}

#[tokio::test]
async fn a_project_has_those_with_a_role_and_the_administrators() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let other = t.store.create_project(workspace, "other", "Other").await.unwrap().id;
    let mut members = Vec::new();
    for (name, admin) in [("ann", false), ("root", true), ("gone", true), ("eve", false)] {
        let new = NewMember {
            workspace,
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            password_hash: None,
            must_change_password: false,
            admin,
        };
        members.push(t.store.create_member(new).await.unwrap().id);
    }
    t.store.disable_member(members[2]).await.unwrap();
    let bot = t.store.create_agent(workspace, "bot").await.unwrap().id;
    let gone = t.store.create_agent(workspace, "gone").await.unwrap().id;
    for agent in [bot, gone] {
        t.store.set_role(t.project, Actor::Agent(agent), Some(Role::Developer)).await.unwrap();
    }
    t.store.disable_agent(gone).await.unwrap();
    t.store.set_role(t.project, Actor::Member(members[0]), Some(Role::Viewer)).await.unwrap();
    t.store.set_role(other, Actor::Member(members[3]), Some(Role::Owner)).await.unwrap();
    let all = t.store.project_people(t.project, None, 10).await.unwrap();
    let found: Vec<_> = all.items.iter().map(|one| (one.name.as_str(), one.role)).collect();
    assert_eq!((found, all.next), (vec![("bot", Role::Developer), ("ann", Role::Viewer), ("root", Role::Owner)], None));
    let first = t.store.project_people(t.project, None, 1).await.unwrap();
    let rest = t.store.project_people(t.project, first.next, 10).await.unwrap();
    assert_eq!([first.items, rest.items].concat(), all.items);
}
