use playhead_schemas::{EpochMs, SessionId};
use playhead_store::{NewMember, SignInAttempt, SignInLimits};

use crate::support::TestStore;

const NOW: EpochMs = EpochMs(1_000_000);
const LIMITS: SignInLimits = SignInLimits { per_account: 3, per_address: 5, window_ms: 60_000 };

async fn new_member(t: &TestStore) -> NewMember {
    NewMember {
        workspace: t.store.default_workspace().await.unwrap().id,
        email: "ann@example.com".into(),
        name: "Ann".into(),
        password_hash: None,
        must_change_password: false,
        admin: false,
    }
}

#[tokio::test]
async fn a_session_lasts_until_its_end() {
    let t = TestStore::new().await;
    let member = t.store.create_member(new_member(&t).await).await.unwrap().id;
    let session = async |secret: &str, now| t.store.session_by_secret(secret, now).await.unwrap();
    let make = async || t.store.create_session(member, None, NOW, 1000).await.unwrap().unwrap();

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
    t.store.set_member_admin(member, true).await.unwrap();
    t.store.set_one_time_password(member, "phc-1".to_owned()).await.unwrap();
    assert!(session(four.expose(), NOW).await.is_none(), "a reset ends every session");
    let late = t.store.create_session(member, None, NOW, 1000).await.unwrap();
    assert!(late.is_none(), "the password that was checked is no longer the member's");
    let five = t.store.create_session(member, Some("phc-1"), NOW, 1000).await.unwrap().unwrap();
    assert!(session(five.expose(), NOW).await.is_some());
    t.store.set_member_admin(member, false).await.unwrap_err();
    let second = NewMember { email: "bob@example.com".into(), admin: true, ..new_member(&t).await };
    t.store.create_member(second).await.unwrap();
    t.store.disable_member(member).await.unwrap();
    assert!(session(five.expose(), NOW).await.is_none());
    assert!(t.store.create_session(member, Some("phc-1"), NOW, 1000).await.unwrap().is_none());
    t.store.enable_member(member).await.unwrap();
    assert!(session(five.expose(), NOW).await.is_none(), "a restored member signs in again");
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
        t.store.sign_in_succeeded(id).await.unwrap();
    }
    for account in ["a", "b", "c", "d", "e"] {
        assert!(matches!(attempt(account, "1.1.1.1").await, SignInAttempt::Allowed(_)), "{account}");
    }
    assert!(matches!(attempt("f", "1.1.1.1").await, SignInAttempt::TooMany(_)));
    assert!(matches!(attempt("f", "2.2.2.2").await, SignInAttempt::Allowed(_)));
}

#[tokio::test]
async fn nobody_is_locked_out_from_elsewhere_and_a_reset_forgets_attempts() {
    let t = TestStore::new().await;
    let member = t.store.create_member(new_member(&t).await).await.unwrap().id;
    let attempt = async |address: &str| {
        let tried = t.store.try_sign_in("Ann@example.com", Some(address), LIMITS, NOW).await.unwrap();
        matches!(tried, SignInAttempt::Allowed(_))
    };
    for wanted in [true, true, true, false] {
        assert_eq!(attempt("203.0.113.9").await, wanted);
    }
    assert!(attempt("192.0.2.1").await, "the member's own address");
    t.store.set_one_time_password(member, "phc".to_owned()).await.unwrap();
    assert!(attempt("203.0.113.9").await, "the operator's reset");
}
