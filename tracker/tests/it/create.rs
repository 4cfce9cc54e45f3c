use playhead_schemas::ErrorCode;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_tracker::{Assignee, BugDraft, create_bug};

use crate::support::TestTracker;

#[tokio::test]
async fn a_bug_is_filed_once_for_a_key() {
    let t = TestTracker::new().await;
    let draft = || BugDraft {
        description: Some("It hangs.".into()),
        priority: Some(Priority::Critical),
        tags: vec!["pay".into()],
        assignee: Some(Assignee::Me),
        release: Some("1.4.2".into()),
        page_url: Some("https://shop.example/pay".into()),
        ..t.draft("Payment hangs")
    };
    let (bug, again) = create_bug(&t.store, draft(), Some("k"), &t.as_ann()).await.unwrap();
    assert!(!again);
    assert_eq!((bug.status, bug.assignee, bug.release.as_deref()), (BugStatus::Open, Some(t.ann), Some("1.4.2")));
    assert_eq!((bug.reporter.name.as_deref(), bug.reporter.id), (Some("Ann"), Some(t.ann.to_string())));
    assert_eq!(t.store.bug(bug.id).await.unwrap().page.url.as_deref(), Some("https://shop.example/pay"));
    let (same, again) = create_bug(&t.store, draft(), Some("k"), &t.as_ann()).await.unwrap();
    assert_eq!((same.id, again), (bug.id, true));
    let other = BugDraft { title: "Another".into(), ..draft() };
    assert_eq!(create_bug(&t.store, other, Some("k"), &t.as_ann()).await.unwrap_err().code(), ErrorCode::Conflict);
    let bot = t.writer(Some(t.bot), Some("Bot"));
    assert!(!create_bug(&t.store, draft(), Some("k"), &bot).await.unwrap().1, "each has its own keys");
}

#[tokio::test]
async fn a_draft_that_is_not_taken_names_its_field() {
    let t = TestTracker::new().await;
    for (field, draft) in [
        ("title", t.draft("  ")),
        ("description", BugDraft { description: Some("x".repeat(50_001)), ..t.draft("x") }),
        ("tags", BugDraft { tags: vec![String::new()], ..t.draft("x") }),
        ("release", BugDraft { release: Some("x".repeat(201)), ..t.draft("x") }),
        ("page_url", BugDraft { page_url: Some(" ".into()), ..t.draft("x") }),
    ] {
        let error = create_bug(&t.store, draft, None, &t.as_ann()).await.unwrap_err();
        assert!(error.to_string().starts_with(field), "{field}: {error}");
        assert_eq!(error.code(), ErrorCode::InvalidInput);
    }
    t.store.archive_project(t.shop).await.unwrap();
    let error = create_bug(&t.store, t.draft("x"), None, &t.as_ann()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
}
