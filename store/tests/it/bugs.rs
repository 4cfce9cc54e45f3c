use bytes::Bytes;
use futures::future::join_all;
use playhead_schemas::upload::{BugStatus, Cookie, PageContext, Priority, Reporter};
use playhead_schemas::{BugId, ErrorCode, ProjectId, ScreenshotId};
use playhead_store::{
    Author, BugQuery, JobKind, NewAttachment, NewBug, NewComment, NewRendition, NewScreenshot, PictureState,
    RenditionKind, StoreError,
};

use crate::support::TestStore;

fn screenshot(bytes: &'static [u8]) -> NewScreenshot {
    NewScreenshot { bytes: Bytes::from_static(bytes), media_type: "image/png".into(), width: 1280, height: 720 }
}

fn full_bug(t: &TestStore) -> NewBug {
    let mut system = playhead_schemas::upload::SystemInfo { os: Some("Debian".into()), ..Default::default() };
    system.other.insert("cores".into(), 8.into());
    NewBug {
        client_id: Some("c-1".into()),
        description: "Nothing happens.\n".repeat(1000),
        reporter: Reporter { name: Some("Ada".into()), ..Default::default() },
        page: PageContext { url: Some("https://shop.example/cart".into()), ..Default::default() },
        system,
        metadata: serde_json::from_str(r#"{"plan": "pro"}"#).unwrap(),
        tags: vec!["b".into(), "a".into(), "b".into()],
        priority: Priority::High,
        cookies: vec![Cookie { name: "sid".into(), value: "s3cret".into(), domain: None, path: None }],
        replay: Some("r".parse().unwrap()),
        screenshots: vec![screenshot(b"one"), screenshot(b"two")],
        attachments: vec![NewAttachment {
            file_name: "../../log.txt".into(),
            media_type: "text/plain".into(),
            bytes: Bytes::from_static(b"log"),
        }],
        ..t.bug("Pay button does nothing")
    }
}

#[tokio::test]
async fn a_bug_comes_back_as_it_went_in() {
    let t = TestStore::new().await;
    let (made, there) = t.store.create_bug(full_bug(&t)).await.unwrap();
    assert!(!there);
    let t = t.reopen().await;
    let bug = t.store.bug(made.id).await.unwrap();
    assert_eq!(bug, made);
    let want = full_bug(&t);
    assert_eq!((&bug.title, &bug.description, &bug.reporter), (&want.title, &want.description, &want.reporter));
    assert_eq!((&bug.page, &bug.system, &bug.metadata), (&want.page, &want.system, &want.metadata));
    assert_eq!((bug.status, bug.priority), (BugStatus::Open, Priority::High));
    assert_eq!(bug.tags, ["b", "a"]);
    let counts = (bug.screenshot_count, bug.attachment_count, bug.comment_count, bug.cookie_count);
    assert_eq!(counts, (2, 1, 0, 1));
    assert_eq!(t.store.cookies(bug.id).await.unwrap(), want.cookies);
    assert!(!format!("{bug:?}").contains("s3cret"));

    let file = t.store.attachments(bug.id).await.unwrap().remove(0);
    assert_eq!(file.file_name, "../../log.txt");
    assert_eq!(t.store.attachment(file.id).await.unwrap(), file);
    assert_eq!(t.store.attachment_bytes(file.id).await.unwrap(), "log");
    let replay = t.store.replay_by_key(t.project, &"r".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((bug.replay, replay.segments), (Some(replay.id), 0));
}

#[tokio::test]
async fn the_same_report_makes_one_bug() {
    let t = TestStore::new().await;
    let made = join_all((0..6).map(|_| t.store.create_bug(full_bug(&t)))).await;
    let made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    assert_eq!(made.iter().filter(|(_, there)| !there).count(), 1);
    assert!(made.iter().all(|(bug, _)| bug.id == made[0].0.id));
    assert!(t.store.create_bug(full_bug(&t)).await.unwrap().1);
    assert_eq!(t.store.jobs_summary().await.unwrap().queued, 2, "one job for each of its two pictures");
    // Without a client id, each report is its own.
    for _ in 0..2 {
        assert!(!t.store.create_bug(t.bug("same words")).await.unwrap().1);
    }
}

#[tokio::test]
async fn a_refused_bug_leaves_nothing() {
    let t = TestStore::new().await;
    let many = NewBug { screenshots: vec![screenshot(b"x"); 11], ..t.bug("x") };
    assert!(matches!(t.store.create_bug(many).await, Err(StoreError::Invalid(_))));
    let foreign = NewBug { project: ProjectId::new(), ..full_bug(&t) };
    assert!(matches!(t.store.create_bug(foreign).await, Err(StoreError::NotFound(_))));
    t.store.archive_project(t.project).await.unwrap();
    assert!(matches!(t.store.create_bug(full_bug(&t)).await, Err(StoreError::Conflict(_))));
    let left = std::fs::read_dir(t.dir.path().join("objects")).unwrap().count();
    assert_eq!(left, 0, "the objects of refused bugs are deleted");
    assert_eq!(t.store.jobs_summary().await.unwrap().queued, 0);
    for error in [
        t.store.bug(BugId::new()).await.unwrap_err(),
        t.store.cookies(BugId::new()).await.unwrap_err(),
        t.store.screenshot(ScreenshotId::new()).await.unwrap_err(),
        t.store.screenshot_bytes(ScreenshotId::new(), None).await.unwrap_err(),
        t.store.add_comment(NewComment::new(BugId::new(), Author::named("a"), "b")).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn renditions_are_made_by_a_job_and_replaced() {
    let t = TestStore::new().await;
    let (bug, _) = t.store.create_bug(full_bug(&t)).await.unwrap();
    let shots = t.store.screenshots(bug.id).await.unwrap();
    assert_eq!(shots.iter().map(|s| s.bytes).collect::<Vec<_>>(), [3, 3]);
    let id = shots[0].id;
    assert_eq!((shots[0].state, t.store.screenshot(id).await.unwrap()), (PictureState::Pending, shots[0].clone()));
    assert_eq!(t.store.screenshot_bytes(id, None).await.unwrap(), "one");
    assert_eq!(t.store.screenshot_bytes(id, Some(RenditionKind::Thumb)).await.unwrap_err().code(), ErrorCode::NotFound);
    for bytes in ["small", "smaller"] {
        let thumb = NewRendition {
            kind: RenditionKind::Thumb,
            bytes: bytes.into(),
            media_type: "image/jpeg".into(),
            width: 480,
            height: 270,
        };
        t.store.put_renditions(id, vec![thumb]).await.unwrap();
        assert_eq!(t.store.screenshot_bytes(id, Some(RenditionKind::Thumb)).await.unwrap(), bytes);
    }
    let shot = t.store.screenshot(id).await.unwrap();
    assert_eq!((shot.state, shot.renditions.len(), shot.renditions[0].bytes), (PictureState::Ready, 1, 7));

    let (first, second) = (t.claim("w").await.unwrap(), t.claim("w").await.unwrap());
    assert_eq!((first.kind, second.kind), (JobKind::Renditions, JobKind::Renditions));
    let dead = if first.subject == id.0 { second } else { first };
    t.store.fail_job(dead.id, "w", "not a picture", None).await.unwrap();
    assert_eq!(t.store.screenshots(bug.id).await.unwrap()[1].state, PictureState::Failed);
}

#[tokio::test]
async fn lists_filter_and_page() {
    let t = TestStore::new().await;
    let other = t.store.create_project(t.store.default_workspace().await.unwrap().id, "app", "App").await.unwrap().id;
    let mut ids = Vec::new();
    for (title, description, tags, priority) in [
        ("Cart empties", "100% of the time", vec!["cart", "a\"b"], Priority::Low),
        ("Coupon CRASHES", "stack_trace attached", vec!["cart2"], Priority::High),
        ("Grüße fehlen", "back\\slash", vec!["x"], Priority::Low),
    ] {
        let tags = tags.into_iter().map(str::to_owned).collect();
        let new = NewBug { description: description.into(), tags, priority, ..t.bug(title) };
        ids.push(t.store.create_bug(new).await.unwrap().0.id);
    }
    t.store.create_bug(NewBug { project: other, ..t.bug("Cart of another project") }).await.unwrap();
    let all = BugQuery { projects: vec![t.project], limit: 10, ..Default::default() };
    let text = |text: &str| BugQuery { text: Some(text.into()), ..all.clone() };
    let tag = |tag: &str| BugQuery { tags: vec![tag.into()], ..all.clone() };
    for (what, query, want) in [
        ("all", all.clone(), vec![0, 1, 2]),
        ("no project", BugQuery { projects: vec![], ..all.clone() }, vec![]),
        ("status", BugQuery { status: vec![BugStatus::Closed], ..all.clone() }, vec![]),
        ("open", BugQuery { status: vec![BugStatus::Open], ..all.clone() }, vec![0, 1, 2]),
        ("priority", BugQuery { priority: vec![Priority::High], ..all.clone() }, vec![1]),
        ("either priority", BugQuery { priority: vec![Priority::High, Priority::Low], ..all.clone() }, vec![0, 1, 2]),
        ("tag", tag("cart"), vec![0]),
        ("tag with a quote", tag("a\"b"), vec![0]),
        ("part of a tag", tag("car"), vec![]),
        ("title, any case", text("crashes"), vec![1]),
        ("description", text("STACK_TRACE"), vec![1]),
        ("not in ASCII", text("FEHLEN gr\u{fc}"), vec![2]),
        ("not in ASCII, same letters", text("grüße"), vec![2]),
        ("percent is no wildcard", text("%"), vec![]),
        ("beside words, signs are left out", text("100% % of"), vec![0]),
        ("underscore is no wildcard", text("sta_k"), vec![]),
        ("the beginning of a word", text("stack_tr"), vec![1]),
        ("not the middle of one", text("tack"), vec![]),
        ("backslash", text("back\\sl"), vec![2]),
        ("without accents", text("grusse"), vec![]),
        ("words apart, in any order", text("TIME empties"), vec![0]),
        ("a word that is not there", text("empties crashes"), vec![]),
        ("a quoted piece", text("\"of the time\" cart"), vec![0]),
        ("a quoted piece in another order", text("\"time the of\""), vec![]),
        ("other project", text("another"), vec![]),
        ("quote", text("' OR 1=1 --"), vec![]),
        ("NUL", text("of\0time"), vec![0]),
    ] {
        let mut found: Vec<_> = t.store.bugs(query).await.unwrap().into_iter().map(|row| row.id).collect();
        assert!(found.is_sorted_by(|a, b| a > b), "{what}: newest first");
        found.sort();
        let mut want: Vec<_> = want.into_iter().map(|i: usize| ids[i]).collect();
        want.sort();
        assert_eq!(found, want, "{what}");
    }
    ids.sort();
    let first = t.store.bugs(BugQuery { limit: 2, ..all.clone() }).await.unwrap();
    let rest = t.store.bugs(BugQuery { after: Some(first[1].position(all.sort)), ..all.clone() }).await.unwrap();
    let listed: Vec<_> = first.iter().chain(&rest).map(|row| row.id).rev().collect();
    assert_eq!(listed, ids);
    let many: Vec<String> = (0..33).map(|n| n.to_string()).collect();
    for too_much in ["x".repeat(201), many.join(" ")] {
        assert!(matches!(t.store.bugs(text(&too_much)).await, Err(StoreError::Invalid(_))));
    }
}

#[tokio::test]
async fn comments_are_counted_and_paged() {
    let t = TestStore::new().await;
    let (bug, _) = t.store.create_bug(t.bug("x")).await.unwrap();
    for i in 0..3 {
        let new = NewComment::new(bug.id, Author::named("ada"), format!("comment {i}"));
        t.store.add_comment(new).await.unwrap();
    }
    let now = t.store.bug(bug.id).await.unwrap();
    assert_eq!(now.comment_count, 3);
    assert!(now.updated_at >= bug.updated_at);
    let page = t.store.comments(bug.id, None, 2).await.unwrap();
    let rest = t.store.comments(bug.id, page.next, 2).await.unwrap();
    assert_eq!((page.items.len(), rest.items.len(), rest.next), (2, 1, None));
}
