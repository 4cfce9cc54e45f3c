use playhead_schemas::{EpochMs, ErrorCode, KeyId, ProjectId, Scope, TokenId};
use playhead_store::NewToken;

use crate::support::TestStore;

#[tokio::test]
async fn an_ingest_key_works_until_it_is_revoked() {
    let t = TestStore::new().await;
    let origins = vec!["https://shop.example".to_owned()];
    let (key, secret) = t.store.create_ingest_key(t.project, "web", origins).await.unwrap();
    assert!(secret.expose().starts_with("phk_") && secret.expose().starts_with(&key.prefix));
    for _ in 0..2 {
        assert_eq!(t.store.ingest_key_by_secret(secret.expose()).await.unwrap(), Some(key.clone()));
    }
    let unknown = format!("phk_{}", "x".repeat(43));
    assert_eq!(t.store.ingest_key_by_secret(&unknown).await.unwrap(), None);

    let t = t.reopen().await;
    assert_eq!(t.store.ingest_key_by_secret(secret.expose()).await.unwrap(), Some(key.clone()));
    let revoked = t.store.revoke_ingest_key(key.id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(t.store.ingest_key_by_secret(secret.expose()).await.unwrap(), None);
    assert_eq!(t.store.revoke_ingest_key(key.id).await.unwrap(), revoked);
    assert_eq!(t.store.ingest_keys(t.project, None, 10).await.unwrap().items, [revoked]);
    assert_eq!(t.store.revoke_ingest_key(KeyId::new()).await.unwrap_err().code(), ErrorCode::NotFound);
    let error = t.store.create_ingest_key(ProjectId::new(), "x", vec![]).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn the_keys_of_an_archived_project_stop_at_once() {
    let t = TestStore::new().await;
    let (_, secret) = t.store.create_ingest_key(t.project, "web", vec![]).await.unwrap();
    assert!(t.store.ingest_key_by_secret(secret.expose()).await.unwrap().is_some());
    t.store.archive_project(t.project).await.unwrap();
    assert_eq!(t.store.ingest_key_by_secret(secret.expose()).await.unwrap(), None);
    let error = t.store.create_ingest_key(t.project, "web", vec![]).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
}

#[tokio::test]
async fn a_token_keeps_its_bounds_and_its_last_use() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let now = EpochMs::now();
    let new = NewToken {
        workspace,
        projects: Some(vec![t.project]),
        scopes: vec![Scope::BugsRead, Scope::ReplayRaw],
        label: "claude".into(),
        expires_at: Some(now.plus_ms(1000)),
        actor: None,
        bound_project: None,
    };
    let (token, secret) = t.store.create_token(new).await.unwrap();
    assert!(token.is_live(now) && !token.is_live(now.plus_ms(1000)));
    assert!(token.covers(t.project) && !token.covers(ProjectId::new()));
    assert_eq!(t.store.token_by_secret(secret.expose()).await.unwrap(), Some(token.clone()));

    t.store.touch_token(token.id, now, Some("cursor"));
    t.store.touch_token(token.id, now.plus_ms(5), None);
    let t = t.reopen().await;
    let stored = t.store.tokens(workspace, None, 10).await.unwrap().items.remove(0);
    assert_eq!(stored.last_used_at, Some(now.plus_ms(5)));
    assert_eq!((stored.scopes, stored.projects), (token.scopes, token.projects));

    assert!(!t.store.revoke_token(token.id).await.unwrap().is_live(now));
    assert_eq!(t.store.token_by_secret(secret.expose()).await.unwrap(), None);
    assert_eq!(t.store.revoke_token(TokenId::new()).await.unwrap_err().code(), ErrorCode::NotFound);
}
