use playhead_schemas::tracker::BugField;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{Actor, BugId, ErrorCode, MemberId};
use playhead_store::Bug;
use playhead_tracker::{Assignee, BugPatch, Clearable, TrackerError, UpdatedBug, next_statuses, update_bug};

use crate::support::{TestTracker, member};

async fn update(t: &TestTracker, bug: &Bug, patch: BugPatch) -> Result<UpdatedBug, TrackerError> {
    update_bug(&t.store, bug, patch, None, None, None, &t.as_ann()).await
}

fn to(status: BugStatus) -> BugPatch {
    BugPatch { status: Some(status), ..BugPatch::default() }
}

#[tokio::test]
async fn a_status_goes_where_the_table_says_and_nowhere_else() {
    let t = TestTracker::new().await;
    for from in BugStatus::ALL {
        for target in BugStatus::ALL {
            let bug = t.bug("x").await;
            // The way to each status in the fewest steps.
            let way = match from {
                BugStatus::Open => vec![],
                BugStatus::Reopened => vec![BugStatus::Closed, BugStatus::Reopened],
                other => vec![other],
            };
            for step in way {
                update(&t, &bug, to(step)).await.unwrap();
            }
            let result = update(&t, &bug, to(target)).await;
            if from == target || next_statuses(from).contains(&target) {
                assert_eq!(result.unwrap().bug.status, target, "{from} to {target}");
            } else {
                let error = result.unwrap_err();
                assert_eq!(error.code(), ErrorCode::InvalidInput);
                let message = error.to_string();
                assert!(message.starts_with(&format!("status can't go from {from} to {target}; ")), "{message}");
                assert!(message.ends_with(&format!(" {}.", next_statuses(from).last().unwrap())), "{message}");
                assert_eq!(t.store.bug(bug.id).await.unwrap().status, from);
            }
        }
    }
}

#[tokio::test]
async fn an_older_version_is_told_what_others_changed() {
    let t = TestTracker::new().await;
    let bug = t.bug("x").await;
    let bot = t.writer(Some(t.bot), Some("Bot"));
    let high = BugPatch { priority: Some(Priority::High), ..to(BugStatus::InProgress) };
    update_bug(&t.store, &bug, high, None, Some(1), Some("it blocks checkout"), &bot).await.unwrap();
    let late = BugPatch { title: Some("y".into()), ..BugPatch::default() };
    let error = update_bug(&t.store, &bug, late.clone(), None, Some(1), None, &t.as_ann()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    let TrackerError::Version(conflict) = error else { panic!("{error}") };
    assert_eq!((conflict.given, conflict.version, conflict.changes.len()), (1, 2, 1));
    let change = &conflict.changes[0];
    assert_eq!((change.author.name.as_str(), change.rationale.as_deref()), ("Bot", Some("it blocks checkout")));
    assert_eq!(change.author.id, Some(t.bot.to_string()));
    assert_eq!(change.author.client.as_deref(), Some("cli 1"));
    let fields: Vec<_> = change.changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, [BugField::Status, BugField::Priority]);
    assert_eq!(t.store.bug(bug.id).await.unwrap().title, "x");
    update_bug(&t.store, &bug, late, None, Some(2), None, &t.as_ann()).await.unwrap();
}

#[tokio::test]
async fn fields_are_cleaned_and_bounded() {
    let t = TestTracker::new().await;
    let bug = t.bug("x").await;
    let texts = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    let none = BugPatch::default;
    for (field, patch) in [
        ("title", BugPatch { title: Some(" \u{200b}".into()), ..none() }),
        ("title", BugPatch { title: Some("é".repeat(301)), ..none() }),
        ("description", BugPatch { description: Some("é".repeat(50_001)), ..none() }),
        ("milestone", BugPatch { milestone: Some("x".repeat(201)), ..none() }),
        ("fixed_in", BugPatch { fixed_in: Some(String::new()), ..none() }),
        ("tags", BugPatch { tags: Some(texts(51)), ..none() }),
        ("add_tags", BugPatch { tags: Some(texts(50)), add_tags: vec!["more".into()], ..none() }),
        ("add_tags", BugPatch { add_tags: vec!["é".repeat(65)], ..none() }),
        ("add_tags", BugPatch { add_tags: vec!["a".into()], remove_tags: vec!["a".into()], ..none() }),
        ("answered_by", BugPatch { answered_by: Some(MemberId::new()), ..none() }),
        ("milestone", BugPatch { milestone: Some("x".into()), clear: vec![Clearable::Milestone], ..none() }),
    ] {
        let error = update(&t, &bug, patch.clone()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{patch:?}");
        assert!(error.to_string().starts_with(field), "{field}: {error}");
    }
    let patch = BugPatch {
        title: Some(" Pay\n now\u{200b} ".into()),
        description: Some("a\u{202e}\nb".into()),
        tags: Some(vec![" a ".into(), "b".into(), "a".into()]),
        add_tags: vec!["c".into()],
        remove_tags: vec!["b".into(), "z".into()],
        ..none()
    };
    let now = update(&t, &bug, patch.clone()).await.unwrap().bug;
    assert_eq!((now.title.as_str(), now.description.as_str(), now.version), ("Pay now", "a\nb", 2));
    assert_eq!(now.tags, ["a", "c"]);
    let again = update(&t, &bug, patch).await.unwrap();
    assert_eq!((again.bug.version, again.changes.len()), (2, 0), "the same again changes nothing");
}

#[tokio::test]
async fn those_who_have_a_role_are_assigned_and_an_agent_has_one_who_answers() {
    let t = TestTracker::new().await;
    let bug = t.bug("x").await;
    let assign = |assignee, writer| {
        let store = &t.store;
        let bug = &bug;
        async move { update_bug(store, bug, BugPatch::default(), Some(assignee), None, None, &writer).await }
    };
    let stranger = member(&t.store, t.workspace, "Eve").await;
    for nobody in [stranger, Actor::Member(MemberId::new())] {
        let error = assign(Assignee::Actor(nobody), t.as_ann()).await.unwrap_err();
        assert!(error.to_string().starts_with("assignee names no one"), "{error}");
    }
    assert!(assign(Assignee::Me, t.writer(None, None)).await.is_err());
    let now = assign(Assignee::Actor(t.bot), t.as_ann()).await.unwrap().bug;
    assert_eq!((now.assignee, now.answered_by.map(Actor::Member)), (Some(t.bot), Some(t.ann)));
    let now = assign(Assignee::Me, t.as_ann()).await.unwrap().bug;
    assert_eq!((now.assignee, now.answered_by), (Some(t.ann), None));
    let clear = BugPatch { clear: vec![Clearable::Assignee], ..BugPatch::default() };
    assert_eq!(update(&t, &bug, clear).await.unwrap().bug.assignee, None);
}

#[tokio::test]
async fn a_duplicate_is_closed_and_comes_back() {
    let t = TestTracker::new().await;
    let (bug, original) = (t.bug("x").await, t.bug("y").await);
    let mark = |original| BugPatch { duplicate_of: Some(original), ..BugPatch::default() };
    let now = update(&t, &bug, mark(original.id)).await.unwrap();
    assert_eq!((now.bug.status, now.bug.duplicate_of, now.changes.len()), (BugStatus::Closed, Some(original.id), 2));
    assert_eq!(update(&t, &bug, mark(bug.id)).await.unwrap_err().code(), ErrorCode::InvalidInput);
    assert_eq!(update(&t, &original, mark(bug.id)).await.unwrap_err().code(), ErrorCode::InvalidInput);
    assert_eq!(update(&t, &bug, mark(BugId::new())).await.unwrap_err().code(), ErrorCode::NotFound);
    let clear = BugPatch { clear: vec![Clearable::DuplicateOf], ..BugPatch::default() };
    let now = update(&t, &bug, clear).await.unwrap().bug;
    assert_eq!((now.status, now.duplicate_of), (BugStatus::Reopened, None));
}

#[tokio::test]
async fn a_bug_that_comes_back_is_fixed_nowhere() {
    let t = TestTracker::new().await;
    let bug = t.bug("x").await;
    let fixed = BugPatch { fixed_in: Some("1.5.0".into()), ..to(BugStatus::Resolved) };
    assert_eq!(update(&t, &bug, fixed).await.unwrap().bug.fixed_in.as_deref(), Some("1.5.0"));
    assert_eq!(update(&t, &bug, to(BugStatus::Reopened)).await.unwrap().bug.fixed_in, None);
}
