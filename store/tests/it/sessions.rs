use playhead_schemas::{EpochMs, SessionId};
use playhead_store::{NewMember, SignInAttempt, SignInLimits};

use crate::support::TestStore;

const NOW: EpochMs = EpochMs(1_000_000);
const LIMITS: SignInLimits = SignInLimits { per_account: 3, per_address: 5, window_ms: 60_000 };

#[tokio::test]
async fn a_session_lasts_until_its_end() {
    let t = TestStore::new().await;
    let new = NewMember {
        workspace: t.store.default_workspace().await.unwrap().id,
        email: "ann@example.com".into(),
        name: "Ann".into(),
        password_hash: None,
        must_change_password: false,
        admin: false,
    };
    let member = t.store.create_member(new).await.unwrap().id;
    let session = async |secret: &str, now| t.store.session_by_secret(secret, now).await.unwrap();
    let make = async || t.store.create_session(member, NOW, 1000).await.unwrap();

    let (one, two) = (make().await, make().await);
    let first = session(one.expose(), NOW).await.unwrap();
    assert_eq!(first.member, member);
    assert!(session(one.expose(), NOW.plus_ms(1000)).await.is_none());
    assert!(session("phs_nonsense", NOW).await.is_none());

    t.store.end_other_sessions(member, first.id, NOW).await.unwrap();
    assert!(session(two.expose(), NOW).await.is_none());
    assert!(session(one.expose(), NOW).await.is_some());
    t.store.end_session(first.id, NOW).await.unwrap();
    assert!(session(one.expose(), NOW).await.is_none());

    let three = make().await;
    t.store.end_other_sessions(member, SessionId::new(), NOW).await.unwrap();
    assert!(session(three.expose(), NOW).await.is_none());
    let four = make().await;
    t.store.disable_member(member).await.unwrap();
    assert!(session(four.expose(), NOW).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_once_stay_within_the_limit() {
    let t = TestStore::new().await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = t.store.clone();
            tokio::spawn(async move { store.try_sign_in("ann@example.com", None, LIMITS, NOW).await.unwrap() })
        })
        .collect();
    let mut allowed = 0;
    for task in tasks {
        match task.await.unwrap() {
            SignInAttempt::Allowed(_) => allowed += 1,
            SignInAttempt::TooMany(until) => assert_eq!(until, NOW.plus_ms(60_000)),
        }
    }
    assert_eq!(allowed, 3);
    let again = t.store.try_sign_in(" ANN@example.com ", None, LIMITS, NOW.plus_ms(59_999)).await.unwrap();
    assert!(matches!(again, SignInAttempt::TooMany(_)));
    let again = t.store.try_sign_in("ann@example.com", None, LIMITS, NOW.plus_ms(60_000)).await.unwrap();
    assert!(matches!(again, SignInAttempt::Allowed(_)));
}

#[tokio::test]
async fn an_address_is_counted_over_all_accounts_and_a_success_is_none() {
    let t = TestStore::new().await;
    let attempt =
        async |account: &str, address: &str| t.store.try_sign_in(account, Some(address), LIMITS, NOW).await.unwrap();
    for _ in 0..10 {
        let SignInAttempt::Allowed(id) = attempt("ann", "1.1.1.1").await else {
            panic!("a success counts as a failure")
        };
        t.store.sign_in_succeeded(id, "ann").await.unwrap();
    }
    for account in ["a", "b", "c", "d", "e"] {
        assert!(matches!(attempt(account, "1.1.1.1").await, SignInAttempt::Allowed(_)), "{account}");
    }
    assert!(matches!(attempt("f", "1.1.1.1").await, SignInAttempt::TooMany(_)));
    assert!(matches!(attempt("f", "2.2.2.2").await, SignInAttempt::Allowed(_)));
}
