//! Codes, grants and their tokens. The rules here are small ones of the tests' own: what is tested is that a decision
//! is carried out once, whole, and at once.

use playhead_schemas::oauth::{CodeDecision, CodeFacts, RefreshDecision, RefreshFacts};
use playhead_schemas::{EpochMs, GrantId, MemberId, Scope};
use playhead_store::{
    ClientLimits, Exchange, NewClient, NewCode, NewMember, OAuthClient, Secret, TokenLifetimes, TokenPair,
};

use crate::support::{TestStore, config};

const LIFETIMES: TokenLifetimes = TokenLifetimes { access_ms: 1000, refresh_ms: 10_000 };
const NOW: EpochMs = EpochMs(1_000_000);

fn once(facts: &CodeFacts) -> CodeDecision<&'static str> {
    if facts.redeemed_at.is_some() { CodeDecision::Refuse("used") } else { CodeDecision::Redeem }
}

/// The newest rotates, the one before repeats, older ones revoke.
fn graceful(facts: &RefreshFacts) -> RefreshDecision<&'static str> {
    match facts.newest - facts.generation {
        _ if facts.is_revoked => RefreshDecision::Refuse("revoked"),
        0 => RefreshDecision::Rotate(facts.scopes.clone()),
        1 => RefreshDecision::Repeat,
        _ => RefreshDecision::Revoke("reused"),
    }
}

async fn member(t: &TestStore) -> MemberId {
    let new = NewMember {
        workspace: t.store.default_workspace().await.unwrap().id,
        email: "ann@example.com".into(),
        name: "Ann".into(),
        password_hash: None,
        must_change_password: false,
        admin: false,
    };
    t.store.create_member(new).await.unwrap().id
}

async fn code(t: &TestStore, member: MemberId) -> Secret {
    let new = NewCode {
        workspace: t.store.default_workspace().await.unwrap().id,
        member,
        project: Some(t.project),
        scopes: vec![Scope::BugsRead, Scope::BugsWrite],
        client_id: "client".into(),
        client_name: "Client".into(),
        redirect_uri: "http://localhost/cb".into(),
        challenge: "challenge".into(),
        resource: "https://p.example/p/shop/mcp".into(),
        expires_at: NOW.plus_ms(1000),
    };
    t.store.create_code(new, NOW).await.unwrap()
}

fn given<R: std::fmt::Debug>(exchange: Exchange<R>) -> TokenPair {
    match exchange {
        Exchange::Issued(pair) => pair,
        other => panic!("no tokens: {other:?}"),
    }
}

async fn granted(t: &TestStore) -> TokenPair {
    let code = code(t, member(t).await).await;
    given(t.store.redeem_code(code.expose(), NOW, LIFETIMES, once).await.unwrap())
}

async fn refresh(t: &TestStore, secret: &Secret) -> Exchange<&'static str> {
    t.store.refresh_grant(secret.expose(), NOW, LIFETIMES, graceful).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_redeems_of_one_code_one_succeeds() {
    let t = TestStore::new().await;
    let code = code(&t, member(&t).await).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (store, code) = (t.store.clone(), code.clone());
            tokio::spawn(async move { store.redeem_code(code.expose(), NOW, LIFETIMES, once).await.unwrap() })
        })
        .collect();
    let mut pairs = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Exchange::Issued(pair) => pairs.push(pair),
            Exchange::Refused(why) => assert_eq!(why, "used"),
            Exchange::Unknown => panic!("the code is known"),
        }
    }
    assert_eq!(pairs.len(), 1);
    let grant = t.store.grant_by_access_token(pairs[0].access.expose()).await.unwrap().unwrap();
    assert_eq!((grant.grant, grant.project, grant.client_name.as_str()), (pairs[0].grant, Some(t.project), "Client"));
    assert_eq!((grant.resource.as_str(), grant.expires_at), ("https://p.example/p/shop/mcp", NOW.plus_ms(1000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_refreshes_at_once_all_get_the_same_answer() {
    let t = TestStore::new().await;
    let first = granted(&t).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (store, secret) = (t.store.clone(), first.refresh.clone());
            tokio::spawn(async move { store.refresh_grant(secret.expose(), NOW, LIFETIMES, graceful).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(given(task.await.unwrap()));
    }
    let second = answers.remove(0);
    assert_ne!(second.refresh, first.refresh);
    assert!(answers.iter().all(|answer| *answer == second));
    // Nobody is locked out, and there is one chain.
    let third = given(refresh(&t, &second.refresh).await);
    assert!(t.store.grant_by_access_token(third.access.expose()).await.unwrap().is_some());
    assert_eq!(refresh(&t, &first.refresh).await, Exchange::Refused("reused"));
    assert_eq!(refresh(&t, &third.refresh).await, Exchange::Refused("revoked"));
}

#[tokio::test]
async fn the_same_answer_comes_again_after_a_restart() {
    let t = TestStore::new().await;
    let first = granted(&t).await;
    let second = given(refresh(&t, &first.refresh).await);
    let t = t.reopen().await;
    assert_eq!(given(refresh(&t, &first.refresh).await), second);
}

#[tokio::test]
async fn a_revocation_bites_at_once_and_stays() {
    let t = TestStore::new().await;
    let pair = granted(&t).await;
    let grant = t.store.grant_by_access_token(pair.access.expose()).await.unwrap().unwrap();
    let stranger = t.store.revoke_grant(grant.grant, MemberId::new(), NOW).await.unwrap_err();
    assert_eq!(stranger.to_string(), "no such connected app");
    assert!(t.store.grant_by_access_token(pair.access.expose()).await.unwrap().is_some());

    t.store.touch_grant(grant.grant, NOW.plus_ms(5), Some("cursor"));
    let t = t.reopen().await;
    let listed = t.store.grants_of(grant.member, NOW, None, 10).await.unwrap().items.remove(0);
    assert_eq!((listed.last_used_at, listed.last_client.as_deref()), (Some(NOW.plus_ms(5)), Some("cursor")));

    t.store.revoke_grant(grant.grant, grant.member, NOW).await.unwrap();
    assert_eq!(t.store.grant_by_access_token(pair.access.expose()).await.unwrap(), None);
    assert_eq!(refresh(&t, &pair.refresh).await, Exchange::Refused("revoked"));
    assert!(t.store.grants_of(grant.member, NOW, None, 10).await.unwrap().items.is_empty());
    assert!(t.store.revoke_grant(GrantId::new(), grant.member, NOW).await.is_err());
}

/// However the two interleave, the grant is dead at the end: no answer of the refresh works.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_in_flight_does_not_bring_a_grant_back() {
    let t = TestStore::new().await;
    let pair = granted(&t).await;
    let member = t.store.grant_by_access_token(pair.access.expose()).await.unwrap().unwrap().member;
    let refreshes: Vec<_> = (0..10)
        .map(|_| {
            let (store, secret) = (t.store.clone(), pair.refresh.clone());
            tokio::spawn(async move { store.refresh_grant(secret.expose(), NOW, LIFETIMES, graceful).await.unwrap() })
        })
        .collect();
    t.store.revoke_grant(pair.grant, member, NOW).await.unwrap();
    for task in refreshes {
        if let Exchange::Issued(late) = task.await.unwrap() {
            assert_eq!(t.store.grant_by_access_token(late.access.expose()).await.unwrap(), None);
            assert_eq!(refresh(&t, &late.refresh).await, Exchange::Refused("revoked"));
        }
    }
}

#[tokio::test]
async fn a_removed_member_refreshes_no_more() {
    let t = TestStore::new().await;
    let pair = granted(&t).await;
    let member = t.store.grant_by_access_token(pair.access.expose()).await.unwrap().unwrap().member;
    t.store.disable_member(member).await.unwrap();
    assert_eq!(refresh(&t, &pair.refresh).await, Exchange::Refused("revoked"));
}

#[tokio::test]
async fn a_burnt_code_takes_its_grant_with_it() {
    let t = TestStore::new().await;
    let code = code(&t, member(&t).await).await;
    let pair = given(t.store.redeem_code(code.expose(), NOW, LIFETIMES, once).await.unwrap());
    let burnt = t.store.redeem_code(code.expose(), NOW, LIFETIMES, |_| CodeDecision::Burn("stolen")).await.unwrap();
    assert_eq!(burnt, Exchange::Refused("stolen"));
    assert_eq!(t.store.grant_by_access_token(pair.access.expose()).await.unwrap(), None);
    assert_eq!(refresh(&t, &pair.refresh).await, Exchange::Refused("revoked"));
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens() {
    let t = TestStore::new().await;
    let pair = granted(&t).await;
    let unknown = format!("phr_{}", "x".repeat(43));
    assert_eq!(t.store.revoke_by_token(&unknown, None, NOW).await.unwrap(), None);
    assert_eq!(t.store.revoke_by_token("nonsense", None, NOW).await.unwrap(), None);
    assert_eq!(t.store.revoke_by_token(pair.refresh.expose(), Some("other"), NOW).await.unwrap(), Some(false));
    assert!(t.store.grant_by_access_token(pair.access.expose()).await.unwrap().is_some());
    assert_eq!(t.store.revoke_by_token(pair.access.expose(), Some("client"), NOW).await.unwrap(), Some(true));
    assert_eq!(t.store.grant_by_access_token(pair.access.expose()).await.unwrap(), None);
}

#[tokio::test]
async fn secrets_are_not_in_the_files() {
    let t = TestStore::new().await;
    let first = granted(&t).await;
    let second = given(refresh(&t, &first.refresh).await);
    t.store.close().await;
    let mut files = Vec::new();
    for file in std::fs::read_dir(t.dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.is_file() {
            files.extend(std::fs::read(file).unwrap());
        }
    }
    let holds = |text: &str| files.windows(text.len()).any(|window| window == text.as_bytes());
    // With a catalog in PostgreSQL the folder holds nothing of it.
    assert_eq!(holds("ann@example.com"), config(t.dir.path()).catalog_url.is_none());
    for secret in [&first.access, &first.refresh, &second.access, &second.refresh] {
        assert!(!holds(&secret.expose()[4..]));
    }
}

#[tokio::test]
async fn registrations_are_bounded_and_the_unused_go() {
    let t = TestStore::new().await;
    let limits = ClientLimits { per_address_hour: 2, unused_max: 3 };
    let new = |from: &str| NewClient { name: "c".into(), redirect_uris: vec!["u".into()], from: Some(from.into()) };
    let register = async |from: &str, now| t.store.register_client(new(from), limits, now).await.unwrap();
    let first = register("1.1.1.1", NOW).await.unwrap();
    assert!(register("1.1.1.1", NOW).await.is_some());
    assert!(register("1.1.1.1", NOW).await.is_none(), "two from one address");
    assert!(register("2.2.2.2", NOW).await.is_some());
    assert!(register("3.3.3.3", NOW).await.is_none(), "three altogether");
    assert_eq!(t.store.oauth_client(&first.id).await.unwrap(), Some(first.clone()));

    let document = OAuthClient { id: "https://c.example/doc".into(), fresh_until: Some(NOW), ..first.clone() };
    t.store.store_client_document(document.clone()).await.unwrap();
    let renewed = OAuthClient { name: "d".into(), fresh_until: Some(NOW.plus_ms(1)), ..document };
    t.store.store_client_document(renewed.clone()).await.unwrap();
    assert_eq!(t.store.oauth_client(&renewed.id).await.unwrap(), Some(renewed));

    let later = NOW.plus_ms(2 * 86_400_000);
    assert_eq!(t.store.delete_ended_credentials(later).await.unwrap().clients, 4);
    assert_eq!(t.store.oauth_client(&first.id).await.unwrap(), None);
    assert!(register("1.1.1.1", later).await.is_some());
}

#[tokio::test]
async fn what_is_over_goes_and_what_stands_stays() {
    let t = TestStore::new().await;
    let pair = granted(&t).await;
    let day = 86_400_000;
    let long = TokenLifetimes { access_ms: 10 * day, refresh_ms: 10 * day };
    let second = given(t.store.refresh_grant(pair.refresh.expose(), NOW, long, graceful).await.unwrap());
    let swept = t.store.delete_ended_credentials(NOW.plus_ms(2 * day)).await.unwrap();
    assert_eq!(swept.others, 3, "the code and the first two tokens");
    assert!(t.store.grant_by_access_token(second.access.expose()).await.unwrap().is_some());
    t.store.delete_ended_credentials(NOW.plus_ms(60 * day)).await.unwrap();
    assert_eq!(t.store.grant_by_access_token(second.access.expose()).await.unwrap(), None);
    assert_eq!(refresh(&t, &second.refresh).await, Exchange::Unknown);
}
