//! Changing bugs, their activity, comments, and requests that are repeated.

use playhead_schemas::timeline::{Failure, FailureKind, Signal};
use playhead_schemas::tracker::{ActivityKind, BugField, BugSort};
use playhead_schemas::upload::{BugStatus, Priority, Reporter};
use playhead_schemas::{Actor, BugId, EpochMs, ErrorCode, MemberId, MomentId};
use playhead_store::{
    AssigneeIs, Author, Bug, BugFields, BugQuery, ChangedBug, Filing, IdempotencyKey, MoreConditions, NewBug,
    NewComment,
};
use serde_json::json;

use crate::support::{TestStore, clicks};

fn ann() -> Author {
    Author { id: Some("member 01JD3M6ZQK8V0W2X4Y6Z8A0B2C".into()), name: "Ann".into(), client: Some("cli 1".into()) }
}

fn filing(key: Option<IdempotencyKey>) -> Filing {
    Filing { author: ann(), key, assignee: None, answered_by: None, milestone: None }
}

async fn change(t: &TestStore, bug: BugId, change: fn(&mut BugFields)) -> ChangedBug {
    let decide = move |bug: &Bug| {
        let mut fields = bug.fields();
        change(&mut fields);
        Ok::<_, ()>(fields)
    };
    t.store.change_bug(bug, ann(), Some("because".into()), decide).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_change_is_whole_and_told() {
    let t = TestStore::new().await;
    let new = NewBug { tags: vec!["cart".into()], ..t.bug("Pay button") };
    let bug = t.store.create_bug(new).await.unwrap().0;
    let changed = change(&t, bug.id, |fields| {
        fields.status = BugStatus::InProgress;
        fields.priority = Priority::Critical;
        fields.tags = vec!["pay".into()];
        fields.title = "Payment hangs".into();
        fields.milestone = Some("May".into());
    })
    .await;
    assert_eq!(changed.changes.len(), 5);
    let now = t.store.bug(bug.id).await.unwrap();
    assert_eq!(now, changed.bug);
    assert_eq!((now.version, now.status, now.milestone.as_deref()), (2, BugStatus::InProgress, Some("May")));

    let all = BugQuery { projects: vec![t.project], limit: 10, ..BugQuery::default() };
    let tags = |tag: &str| vec![tag.to_owned()];
    let text = |text: &str| Some(text.to_owned());
    for (what, query, found) in [
        ("the new tag", BugQuery { tags: tags("pay"), ..all.clone() }, true),
        ("the old tag", BugQuery { tags: tags("cart"), ..all.clone() }, false),
        ("tag and state", BugQuery { tags: tags("pay"), status: vec![BugStatus::InProgress], ..all.clone() }, true),
        ("the old state", BugQuery { status: vec![BugStatus::Open], ..all.clone() }, false),
        ("the new words", BugQuery { text: text("hangs"), ..all.clone() }, true),
        ("the old words", BugQuery { text: text("button"), ..all.clone() }, false),
        ("words and tag", BugQuery { text: text("hangs"), tags: tags("pay"), ..all.clone() }, true),
        ("words and the old tag", BugQuery { text: text("hangs"), tags: tags("cart"), ..all.clone() }, false),
    ] {
        assert_eq!(t.store.bugs(query).await.unwrap().len(), usize::from(found), "{what}");
    }

    let told = t.store.bug_activity(bug.id, None, 10).await.unwrap().items.remove(0);
    assert_eq!((told.kind, told.version, told.author), (ActivityKind::Updated, 2, ann()));
    assert_eq!(told.rationale.as_deref(), Some("because"));
    let status = told.changes.iter().find(|change| change.field == BugField::Status).unwrap();
    assert_eq!((&status.from, &status.to), (&json!("open"), &json!("in_progress")));
    assert!(t.store.bug_changes_since(bug.id, 2).await.unwrap().is_empty());
    assert_eq!(t.store.bug_changes_since(bug.id, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_changes_nothing_or_is_refused_leaves_no_trace() {
    let t = TestStore::new().await;
    let bug = t.store.create_bug(t.bug("x")).await.unwrap().0;
    assert!(change(&t, bug.id, |_| ()).await.changes.is_empty());
    let refused = t.store.change_bug(bug.id, ann(), None, |_| Err::<BugFields, _>("no")).await.unwrap();
    assert_eq!(refused.unwrap_err(), "no");
    assert_eq!(t.store.bug(bug.id).await.unwrap(), bug);
    assert!(t.store.bug_activity(bug.id, None, 10).await.unwrap().items.is_empty());
    let missing = t.store.change_bug(BugId::new(), ann(), None, |bug| Ok::<_, ()>(bug.fields())).await;
    assert_eq!(missing.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn changes_that_race_each_count() {
    let t = TestStore::new().await;
    let bug = t.store.create_bug(t.bug("x")).await.unwrap().0;
    let add = |i: u32| {
        let store = t.store.clone();
        async move {
            let decide = move |bug: &Bug| {
                let mut fields = bug.fields();
                fields.tags.push(i.to_string());
                Ok::<_, ()>(fields)
            };
            store.change_bug(bug.id, ann(), None, decide).await.unwrap().unwrap()
        }
    };
    futures::future::join_all((0..20).map(add)).await;
    let now = t.store.bug(bug.id).await.unwrap();
    assert_eq!((now.version, now.tags.len()), (21, 20));
}

/// A new title keeps the words of the replay's summary, which are not in the bug's row.
#[tokio::test]
async fn a_new_title_keeps_the_words_of_the_replay() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    t.publish(replay, &clicks(3), "the coupon failed").await;
    let new = NewBug { replay: Some("r".parse().unwrap()), ..t.bug("x") };
    let bug = t.store.create_bug(new).await.unwrap().0;
    change(&t, bug.id, |fields| fields.title = "renamed".into()).await;
    let query =
        BugQuery { projects: vec![t.project], text: Some("coupon renamed".into()), limit: 10, ..BugQuery::default() };
    assert_eq!(t.store.bugs(query).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_bug_never_repeats_itself() {
    let t = TestStore::new().await;
    let mut ids = Vec::new();
    for title in ["a", "b", "c"] {
        ids.push(t.store.create_bug(t.bug(title)).await.unwrap().0.id);
    }
    let mark = |bug: BugId, original: BugId| {
        let decide = move |bug: &Bug| Ok::<_, ()>(BugFields { duplicate_of: Some(original), ..bug.fields() });
        t.store.change_bug(bug, ann(), None, decide)
    };
    mark(ids[0], ids[1]).await.unwrap().unwrap();
    mark(ids[1], ids[2]).await.unwrap().unwrap();
    assert_eq!(t.store.duplicate_count(ids[2]).await.unwrap(), 2);
    let of = MoreConditions { duplicate_of: Some(ids[2]), ..MoreConditions::default() };
    let query = BugQuery { projects: vec![t.project], more: of, limit: 10, ..BugQuery::default() };
    let direct: Vec<BugId> = t.store.bugs(query).await.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(direct, [ids[1]]);
    for (bug, original) in [(2, 0), (2, 1), (2, 2)] {
        assert_eq!(mark(ids[bug], ids[original]).await.unwrap_err().code(), ErrorCode::InvalidInput);
    }
    let workspace = t.store.default_workspace().await.unwrap().id;
    let other = t.store.create_project(workspace, "other", "Other").await.unwrap().id;
    let foreign = t.store.create_bug(NewBug { project: other, ..t.bug("d") }).await.unwrap().0.id;
    for original in [foreign, BugId::new()] {
        assert_eq!(mark(ids[2], original).await.unwrap_err().code(), ErrorCode::NotFound);
    }
    assert_eq!(t.store.bug(ids[2]).await.unwrap().version, 1);
}

#[tokio::test]
async fn a_request_with_the_same_key_makes_one_thing_over_a_restart() {
    let t = TestStore::new().await;
    let key = |key: &str, request: &str| Some(IdempotencyKey::new("token 1", "create_bug", key, request));
    let (first, _) = t.store.file_bug(t.bug("x"), filing(key("k", "r"))).await.unwrap();
    let raced = futures::future::join_all((0..4).map(|_| t.store.file_bug(t.bug("x"), filing(key("k2", "r"))))).await;
    let raced: Vec<_> = raced.into_iter().map(Result::unwrap).collect();
    assert_eq!(raced.iter().filter(|(_, again)| !again).count(), 1);
    let t = t.reopen().await;
    let (second, again) = t.store.file_bug(t.bug("x"), filing(key("k", "r"))).await.unwrap();
    assert_eq!((second.id, again), (first.id, true));
    let other = t.store.file_bug(t.bug("y"), filing(key("k", "other"))).await;
    assert_eq!(other.unwrap_err().code(), ErrorCode::Conflict);
    let another = IdempotencyKey::new("token 2", "create_bug", "k", "r");
    assert!(!t.store.file_bug(t.bug("x"), filing(Some(another))).await.unwrap().1, "keys of others are other keys");
    let told = t.store.bug_activity(first.id, None, 10).await.unwrap().items;
    assert_eq!(told.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [ActivityKind::Created]);

    let comment = |body: &str, key| NewComment { key, ..NewComment::new(first.id, ann(), body) };
    let key = Some(IdempotencyKey::new("token 1", "add_comment", "k", "hello"));
    let (made, again) = t.store.add_comment(comment("hello", key.clone())).await.unwrap();
    let (same, repeated) = t.store.add_comment(comment("hello", key)).await.unwrap();
    assert_eq!((made, again, repeated), (same, false, true));
    assert_eq!(t.store.bug(first.id).await.unwrap().comment_count, 1);
}

#[tokio::test]
async fn comments_answer_change_and_go() {
    let t = TestStore::new().await;
    let bug = t.store.create_bug(t.bug("x")).await.unwrap().0.id;
    let other = t.store.create_bug(t.bug("y")).await.unwrap().0.id;
    let first = t.store.add_comment(NewComment::new(bug, ann(), "one")).await.unwrap().0;
    let answer = |to| NewComment { reply_to: Some(to), ..NewComment::new(bug, ann(), "two") };
    let second = t.store.add_comment(answer(first.id)).await.unwrap().0;
    assert_eq!(second.reply_to, Some(first.id));
    let foreign = t.store.add_comment(NewComment::new(other, ann(), "z")).await.unwrap().0;
    assert_eq!(t.store.add_comment(answer(foreign.id)).await.unwrap_err().code(), ErrorCode::NotFound);
    let edited = t.store.edit_comment(first.id, ann(), "changed".into()).await.unwrap();
    assert!(edited.edited_at.is_some() && edited.body == "changed");
    let gone = t.store.delete_comment(first.id, ann()).await.unwrap();
    assert!(gone.body.is_empty() && gone.deleted_at.is_some());
    for error in [
        t.store.edit_comment(first.id, ann(), "x".into()).await.unwrap_err(),
        t.store.delete_comment(first.id, ann()).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), ErrorCode::NotFound);
    }
    let all = t.store.comments(bug, None, 10).await.unwrap().items;
    assert_eq!(all, [gone, second]);
    let now = t.store.bug(bug).await.unwrap();
    assert_eq!((now.comment_count, now.version), (1, 1), "comments are no fields");
    let kinds: Vec<_> = t.store.bug_activity(bug, None, 10).await.unwrap().items.iter().map(|e| e.kind).collect();
    use ActivityKind::{CommentDeleted, CommentEdited, Commented};
    assert_eq!(kinds, [CommentDeleted, CommentEdited, Commented, Commented]);
    let page = t.store.bug_activity(bug, None, 3).await.unwrap();
    assert_eq!(t.store.bug_activity(bug, page.next, 3).await.unwrap().items.len(), 1);
}

/// Four bugs: the second has a replay and everything that is asked for, the third is assigned, the first is changed last.
async fn four_bugs() -> (TestStore, Vec<BugId>, Actor) {
    let t = TestStore::new().await;
    let mut timeline = clicks(3);
    timeline.moments[1].signals = vec![Signal::RageClick];
    timeline.failures = vec![Failure {
        kind: FailureKind::UncaughtError,
        title: "TypeError".into(),
        moment: MomentId(2),
        action: None,
        related: Vec::new(),
        count: 1,
        contrast: None,
        tries: Vec::new(),
    }];
    let replay = t.closed_replay("r").await;
    t.publish(replay, &timeline, "s").await;
    let actor = Actor::Member(MemberId::new());
    let mut ids = Vec::new();
    for (i, priority) in [Priority::Low, Priority::Critical, Priority::Low, Priority::High].into_iter().enumerate() {
        let mut new = NewBug { priority, ..t.bug(&i.to_string()) };
        if i == 1 {
            new.replay = Some("r".parse().unwrap());
            new.reporter = Reporter { name: Some("Ada".into()), email: Some("ada@example.com".into()), id: None };
            new.metadata = json!({"release": "1.4.2"}).as_object().unwrap().clone();
            new.system.browser = Some("Firefox 140".into());
            new.tags = vec!["a".into(), "b".into()];
        }
        let assignee = (i == 2).then_some(actor);
        let filing = Filing { assignee, ..filing(None) };
        let made = t.store.file_bug(new, filing).await.unwrap().0;
        // What comes next is to have another time.
        while EpochMs::now() <= made.created_at {
            tokio::task::yield_now().await;
        }
        ids.push(made.id);
    }
    change(&t, ids[0], |fields| fields.title = "touched".into()).await;
    (t, ids, actor)
}

/// A list is these bugs, whether it is read at once or one by one.
async fn check(t: &TestStore, what: &str, query: BugQuery, want: Vec<BugId>) {
    let listed: Vec<BugId> = t.store.bugs(query.clone()).await.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(listed, want, "{what}");
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = t.store.bugs(BugQuery { limit: 1, after, ..query.clone() }).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.position(query.sort));
        paged.push(last.id);
    }
    assert_eq!(paged, listed, "{what}, one at a time");
}

#[tokio::test]
async fn lists_take_any_conditions() {
    let (t, ids, actor) = four_bugs().await;
    let base = || BugQuery { projects: vec![t.project, t.project], limit: 10, ..BugQuery::default() };
    let more = |more: MoreConditions| BugQuery { more, ..base() };
    let none = MoreConditions::default;
    let text = |text: &str| Some(text.to_owned());
    let created = t.store.bug(ids[2]).await.unwrap().created_at;
    let updated = t.store.bug(ids[0]).await.unwrap().updated_at;
    for (what, query, want) in [
        ("assignee", more(MoreConditions { assignee: Some(AssigneeIs::Actor(actor)), ..none() }), vec![2]),
        ("nobody", more(MoreConditions { assignee: Some(AssigneeIs::Nobody), ..none() }), vec![3, 1, 0]),
        ("reporter's name", more(MoreConditions { reporter: text("Ada"), ..none() }), vec![1]),
        ("reporter's address", more(MoreConditions { reporter: text("ada@example.com"), ..none() }), vec![1]),
        ("part of a name", more(MoreConditions { reporter: text("Ad"), ..none() }), vec![]),
        ("a key is no name", more(MoreConditions { reporter: text("name"), ..none() }), vec![]),
        ("release", more(MoreConditions { release: text("1.4.2"), ..none() }), vec![1]),
        ("another release", more(MoreConditions { release: text("1.4"), ..none() }), vec![]),
        ("browser", more(MoreConditions { browser: text("FIREFOX"), ..none() }), vec![1]),
        ("with a replay", more(MoreConditions { has_replay: Some(true), ..none() }), vec![1]),
        ("without a replay", more(MoreConditions { has_replay: Some(false), ..none() }), vec![3, 2, 0]),
        ("with an error", more(MoreConditions { has_error: Some(true), ..none() }), vec![1]),
        ("without an error", more(MoreConditions { has_error: Some(false), ..none() }), vec![3, 2, 0]),
        ("signal", more(MoreConditions { signal: Some(Signal::RageClick), ..none() }), vec![1]),
        ("NUL", more(MoreConditions { release: text("1\0"), ..none() }), vec![]),
        ("another signal", more(MoreConditions { signal: Some(Signal::DeadClick), ..none() }), vec![]),
        ("from", more(MoreConditions { created_from: Some(created), ..none() }), vec![3, 2]),
        ("updated", more(MoreConditions { updated_from: Some(updated), ..none() }), vec![0]),
        ("two tags", BugQuery { tags: vec!["b".into(), "a".into(), "a".into()], ..base() }, vec![1]),
        ("a tag too many", BugQuery { tags: vec!["b".into(), "c".into()], ..base() }, vec![]),
    ] {
        check(&t, what, query, want.into_iter().map(|i: usize| ids[i]).collect()).await;
    }
}

#[tokio::test]
async fn lists_come_in_four_orders() {
    let (t, ids, _) = four_bugs().await;
    let base = || BugQuery { projects: vec![t.project, t.project], limit: 10, ..BugQuery::default() };
    for (what, query, want) in [
        ("oldest", BugQuery { sort: BugSort::Oldest, ..base() }, vec![0, 1, 2, 3]),
        ("priority", BugQuery { sort: BugSort::Priority, ..base() }, vec![1, 3, 2, 0]),
        (
            "two priorities",
            BugQuery { sort: BugSort::Priority, priority: vec![Priority::Low, Priority::High], ..base() },
            vec![3, 2, 0],
        ),
        ("last changed", BugQuery { sort: BugSort::Updated, ..base() }, vec![0, 3, 2, 1]),
    ] {
        check(&t, what, query, want.into_iter().map(|i: usize| ids[i]).collect()).await;
    }
}
