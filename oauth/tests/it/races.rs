//! What happens when the same thing is sent many times at once.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use http::StatusCode;
use playhead_schemas::EpochMs;
use playhead_web::testing::Answer;
use tokio::task::JoinSet;

use crate::app::TestApp;

/// Twenty requests, all in flight before the first is answered.
async fn twenty<F>(app: &Arc<TestApp>, send: impl Fn(Arc<TestApp>) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut flying = JoinSet::new();
    for _ in 0..20 {
        flying.spawn(send(app.clone()));
    }
    flying.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_redeemed_twenty_times_at_once_gives_tokens_once() {
    let app = Arc::new(TestApp::new().await);
    let client = app.client().await;
    let code = app.code(&client).await;
    let answers = twenty(&app, |app| {
        let (client, code) = (client.clone(), code.clone());
        async move { app.redeem(&client, &code, &[]).await }
    })
    .await;
    let (given, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((given.len(), refused.len()), (1, 19));
    assert!(refused.iter().all(|answer| answer.json["error"] == "invalid_grant"));
    // Nobody is locked out: what the one got works, and goes on.
    let tokens = &given[0].json;
    let access = tokens["access_token"].as_str().unwrap();
    assert!(app.store.grant_by_access_token(access).await.unwrap().is_some());
    let next = app.refresh(&client, tokens["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!(next.status, StatusCode::OK, "{}", next.text);
    assert_eq!(app.store.grants_of(app.member.id, EpochMs::now(), None, 10).await.unwrap().items.len(), 1);
}

/// One rotation, and everybody is told of it: twenty answers with the same tokens. Which of a client's processes
/// asked first does not matter, and none of them is locked out.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_refreshed_twenty_times_at_once_is_rotated_once() {
    let app = Arc::new(TestApp::new().await);
    let client = app.client().await;
    let first = app.redeem(&client, &app.code(&client).await, &[]).await.json;
    let refresh = first["refresh_token"].as_str().unwrap().to_owned();
    let answers = twenty(&app, |app| {
        let (client, refresh) = (client.clone(), refresh.clone());
        async move { app.refresh(&client, &refresh, &[]).await }
    })
    .await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    let of = |name: &str| -> BTreeSet<String> {
        answers.iter().map(|answer| answer.json[name].as_str().unwrap().to_owned()).collect()
    };
    let (access, next) = (of("access_token"), of("refresh_token"));
    assert_eq!((access.len(), next.len()), (1, 1), "more than one rotation");
    assert!(!next.contains(&refresh));
    assert!(app.store.grant_by_access_token(access.first().unwrap()).await.unwrap().is_some());
    assert_eq!(app.refresh(&client, next.first().unwrap(), &[]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_in_flight_do_not_survive_a_revocation() {
    let app = Arc::new(TestApp::new().await);
    let client = app.client().await;
    let first = app.redeem(&client, &app.code(&client).await, &[]).await.json;
    let refresh = first["refresh_token"].as_str().unwrap().to_owned();
    let revoking = tokio::spawn({
        let (app, refresh) = (app.clone(), refresh.clone());
        async move { app.post("/revoke", &[("token", &refresh)]).await }
    });
    let answers = twenty(&app, |app| {
        let (client, refresh) = (client.clone(), refresh.clone());
        async move { app.refresh(&client, &refresh, &[]).await }
    })
    .await;
    assert_eq!(revoking.await.unwrap().status, StatusCode::OK);
    for late in answers.iter().filter(|answer| answer.status == StatusCode::OK).map(|answer| &answer.json) {
        let access = late["access_token"].as_str().unwrap();
        assert!(app.store.grant_by_access_token(access).await.unwrap().is_none());
        let again = app.refresh(&client, late["refresh_token"].as_str().unwrap(), &[]).await;
        assert_eq!(again.json["error"], "invalid_grant");
    }
    assert_eq!(app.refresh(&client, &refresh, &[]).await.json["error"], "invalid_grant");
}
