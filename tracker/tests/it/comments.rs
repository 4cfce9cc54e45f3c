use playhead_schemas::{CommentId, ErrorCode};
use playhead_tracker::{CommentDraft, add_comment, delete_comment, edit_comment};

use crate::support::TestTracker;

#[tokio::test]
async fn a_comment_is_its_authors_alone() {
    let t = TestTracker::new().await;
    let bug = t.bug("x").await.id;
    let draft = |body: &str| CommentDraft { bug, body: body.to_owned(), reply_to: None };
    let (ann, bot, local) = (t.as_ann(), t.writer(Some(t.bot), Some("Bot")), t.writer(None, None));
    let comment = add_comment(&t.store, draft(" **hello**\n\nworld "), None, &ann).await.unwrap().0;
    assert_eq!(comment.body, "**hello**\n\nworld");
    for other in [&bot, &local] {
        for error in [
            edit_comment(&t.store, &comment, "x", other).await.unwrap_err(),
            delete_comment(&t.store, &comment, other).await.unwrap_err(),
        ] {
            assert_eq!(error.code(), ErrorCode::Forbidden);
        }
    }
    assert_eq!(edit_comment(&t.store, &comment, "changed", &ann).await.unwrap().body, "changed");
    assert!(delete_comment(&t.store, &comment, &ann).await.unwrap().deleted_at.is_some());
    assert_eq!(edit_comment(&t.store, &comment, "x", &ann).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn bodies_have_their_length_and_answers_their_comment() {
    let t = TestTracker::new().await;
    let bug = t.bug("x").await.id;
    let draft = |body: String| CommentDraft { bug, body, reply_to: None };
    let ann = t.as_ann();
    assert!(add_comment(&t.store, draft("é".repeat(65_536)), None, &ann).await.is_ok());
    for body in [String::new(), " \u{200b}\n".to_owned(), "x".repeat(65_537)] {
        let error = add_comment(&t.store, draft(body), None, &ann).await.unwrap_err();
        assert!(error.to_string().starts_with("body must have 1 to 65536"), "{error}");
    }
    let orphan = CommentDraft { reply_to: Some(CommentId::new()), ..draft("x".into()) };
    assert_eq!(add_comment(&t.store, orphan, None, &ann).await.unwrap_err().code(), ErrorCode::NotFound);
    let (first, _) = add_comment(&t.store, draft("once".into()), Some("k"), &ann).await.unwrap();
    let (same, again) = add_comment(&t.store, draft("once".into()), Some("k"), &ann).await.unwrap();
    assert_eq!((first, true), (same, again));
    let other = add_comment(&t.store, draft("other".into()), Some("k"), &ann).await;
    assert_eq!(other.unwrap_err().code(), ErrorCode::Conflict);
}
