//! Bugs over REST: filing, reading, listing, searching, changing.

use http::Method;
use playhead_schemas::{MemberId, Scope};
use playhead_web::testing::Answer;
use serde_json::{Value, json};

use crate::app::TestApp;

const BUGS: &str = "/api/v1/bugs";

async fn filed(app: &TestApp, draft: Value) -> String {
    let made = app.admin(Method::POST, BUGS, Some(draft)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["id"].as_str().unwrap().to_owned()
}

async fn get(app: &TestApp, path: &str) -> Answer {
    app.admin(Method::GET, path, None).await
}

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_bug_is_filed_read_and_found() {
    let app = TestApp::new().await;
    let draft = json!({
        "title": "Payment \u{202e}hangs", "description": "It **hangs**.", "priority": "high", "tags": ["pay", "cart"],
        "milestone": "May", "release": "1.4.2", "page_url": "https://shop.example/pay", "assignee": "none"
    });
    let id = filed(&app, draft).await;
    let bug = get(&app, &format!("{BUGS}/{id}")).await.json;
    assert_eq!((&bug["id"], &bug["project"]), (&json!(id), &json!(app.project.id)));
    assert_eq!((&bug["status"], &bug["priority"], &bug["version"]), (&json!("open"), &json!("high"), &json!(1)));
    assert_eq!((&bug["assignee"], &bug["duplicates"], &bug["replay_id"]), (&Value::Null, &json!(0), &Value::Null));
    let report = &bug["untrusted"];
    assert_eq!((&report["title"], &report["description"]), (&json!("Payment hangs"), &json!("It **hangs**.")));
    assert_eq!((&report["tags"], &report["milestone"]), (&json!(["pay", "cart"]), &json!("May")));
    assert_eq!((&report["release"], &report["page"]["url"]), (&json!("1.4.2"), &json!("https://shop.example/pay")));
    let list = get(&app, BUGS).await.json;
    assert_eq!((ids(&list), &list["items"][0]["untrusted"]["title"]), (vec![&id[..]], &report["title"]));
    let other = filed(&app, json!({"project": "shop", "title": "Cart is empty"})).await;
    assert_eq!(ids(&get(&app, &format!("{BUGS}/search?query=hang")).await.json), [&id[..]]);
    assert_eq!(ids(&get(&app, &format!("{BUGS}/search?query=cart&status=open")).await.json), [&other[..]]);
    assert_eq!(ids(&get(&app, &format!("{BUGS}/search?query=cart&status=closed")).await.json), Vec::<&str>::new());
}

#[tokio::test]
async fn drafts_that_are_not_taken_name_their_field() {
    let app = TestApp::new().await;
    for (draft, said) in [
        (json!({}), "title is missing"),
        (json!({"title": " "}), "title must have 1 to 300 visible characters, not 0."),
        (json!({"title": "x", "tags": ["a", ""]}), "tags must have 1 to 64 visible characters, not 0."),
        (json!({"title": "x", "priority": "urgend"}), "priority must be one of "),
        (json!({"title": "x", "prority": "high"}), "unknown field \"prority\" (did you mean priority?)"),
        (json!({"title": "x", "assignee": "bob"}), "assignee: not me, none, or a member or an agent"),
        (json!({"title": "x", "assignee": "me"}), "assignee is me, but this token acts for no member"),
        (json!({"title": "x", "idempotency_key": " "}), "idempotency_key must have 1 to 200 "),
        (json!({"title": "x", "description": "x".repeat(50_001)}), "description must have 0 to 50000 "),
        (
            json!({"title": "x", "description": "x".repeat(1 << 20)}),
            "the request body is incomplete or larger than 1 MiB",
        ),
    ] {
        let answer = app.admin(Method::POST, BUGS, Some(draft)).await;
        answer.refused(400, "INVALID_INPUT");
        assert!(answer.message().starts_with(said), "{said}: {}", answer.message());
    }
    let nobody = json!({"title": "x", "assignee": format!("member {}", MemberId::new())});
    app.admin(Method::POST, BUGS, Some(nobody)).await.refused(400, "INVALID_INPUT");
    app.store.create_project(app.project.workspace, "other", "Other").await.unwrap();
    let unnamed = app.admin(Method::POST, BUGS, Some(json!({"title": "x"}))).await;
    unnamed.refused(400, "INVALID_INPUT");
    assert_eq!(unnamed.message(), "project is missing, and this token sees several");
    app.store.archive_project(app.project.id).await.unwrap();
    app.admin(Method::POST, BUGS, Some(json!({"project": "shop", "title": "x"}))).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn a_repeated_draft_files_one_bug() {
    let app = TestApp::new().await;
    let draft = |title: &str| Some(json!({"title": title, "idempotency_key": "k"}));
    let first = app.admin(Method::POST, BUGS, draft("x")).await;
    let again = app.admin(Method::POST, BUGS, draft("x")).await;
    assert_eq!((first.status, &first.json), (again.status, &again.json));
    app.admin(Method::POST, BUGS, draft("y")).await.refused(409, "CONFLICT");
    assert_eq!(get(&app, BUGS).await.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn lists_take_every_condition_of_the_tool() {
    let app = TestApp::new().await;
    let low = filed(&app, json!({"title": "a", "priority": "low", "tags": ["x", "y"], "release": "1.0"})).await;
    let high = filed(&app, json!({"title": "b", "priority": "high", "tags": ["x"]})).await;
    app.admin(Method::PATCH, &format!("{BUGS}/{low}"), Some(json!({"status": "closed"}))).await;
    let both = [&high[..], &low[..]];
    let (all, open, closed, none) = (&both[..], &both[..1], &both[1..], &both[..0]);
    for (query, want) in [
        ("", all),
        ("sort=newest", all),
        ("sort=oldest", &[closed[0], open[0]][..]),
        ("sort=priority", all),
        ("status=closed", closed),
        ("status=closed&status=open", all),
        ("state=open", open),
        ("state=closed", closed),
        ("state=all&priority=low", closed),
        ("priority=low&priority=high", all),
        ("tag=x", all),
        ("tag=x&tag=y", closed),
        ("assignee=none", all),
        ("reporter=local%20user", all),
        ("reporter=nobody", none),
        ("release=1.0", closed),
        ("browser=firefox", none),
        ("has_replay=false", all),
        ("has_replay=true", none),
        ("has_error=true", none),
        ("signal=rage_click", none),
        ("created_from=2020-01-01&created_before=2100-01-01T00:00:00Z", all),
        ("created_before=1970-01-01", none),
        ("updated_from=2100-01-01", none),
        ("updated_before=2100-01-01", all),
        ("project=shop", all),
    ] {
        let answer = get(&app, &format!("{BUGS}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(ids(&answer.json), want, "{query}");
    }
    let duplicate = Some(json!({"duplicate_of": low}));
    assert_eq!(app.admin(Method::PATCH, &format!("{BUGS}/{high}"), duplicate).await.json["status"], "closed");
    assert_eq!(ids(&get(&app, &format!("{BUGS}?duplicate_of={low}")).await.json), open);
    assert_eq!(get(&app, &format!("{BUGS}/{low}")).await.json["duplicates"], 1);
}

#[tokio::test]
async fn lists_are_paged_in_each_order() {
    let app = TestApp::new().await;
    for (n, priority) in ["low", "high", "low", "none", "high"].into_iter().enumerate() {
        filed(&app, json!({"title": format!("bug {n}"), "priority": priority})).await;
    }
    for path in [
        format!("{BUGS}?sort=newest"),
        format!("{BUGS}?sort=oldest"),
        format!("{BUGS}?sort=updated"),
        format!("{BUGS}?sort=priority"),
        format!("{BUGS}/search?query=bug"),
    ] {
        let whole = get(&app, &path).await.json;
        assert_eq!((ids(&whole).len(), &whole["next"]), (5, &Value::Null), "{path}");
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = get(&app, &format!("{path}&limit=2{after}")).await.json;
            found.extend(ids(&page).into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(found, ids(&whole), "{path}");
    }
}

#[tokio::test]
async fn conditions_that_are_not_taken_are_named() {
    let app = TestApp::new().await;
    for (path, said) in [
        ("?status=done", "status[0] must be one of "),
        ("?status=open&state=closed", "status and state exclude each other."),
        ("?has_replay=maybe", "has_replay must be "),
        ("?has_replay=true&has_replay=false", "has_replay is given more than once"),
        ("?created_from=soon", "created_from: not a time such as "),
        ("?assignee=me", "assignee is me, but this token acts for no member"),
        ("?duplicate_of=x", "duplicate_of"),
        ("?reporter=", "reporter must have 1 to 200 visible characters, not 0."),
        ("?sort=random", "sort must be one of "),
        ("?after=x", "after is "),
        ("?limit=0", "limit must be a whole number from 1 to 1000"),
        ("?prio=low", "unknown query parameter \"prio\""),
        ("/search", "query is missing"),
        ("/search?query=%3F%21", "query has no word to search for: it consists of signs."),
        ("/search?query=a&sort=newest", "unknown query parameter \"sort\""),
        ("/x", "the path names "),
    ] {
        let answer = get(&app, &format!("{BUGS}{path}")).await;
        answer.refused(400, "INVALID_INPUT");
        assert!(answer.message().starts_with(said), "{path}: {}", answer.message());
    }
}

#[tokio::test]
async fn an_update_changes_all_or_nothing_and_is_told() {
    let app = TestApp::new().await;
    let id = filed(&app, json!({"title": "x", "tags": ["a"], "milestone": "May"})).await;
    let path = format!("{BUGS}/{id}");
    let change = json!({
        "version": 1, "title": "y", "status": "in_progress", "add_tags": ["b"], "remove_tags": ["a"],
        "clear": ["milestone"], "fixed_in": "2.0", "rationale": "it blocks checkout"
    });
    let updated = app.admin(Method::PATCH, &path, Some(change.clone())).await.json;
    assert_eq!((&updated["version"], &updated["status"]), (&json!(2), &json!("in_progress")));
    let changes = updated["untrusted"]["changes"].as_array().unwrap();
    let fields: Vec<&str> = changes.iter().map(|change| change["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["title", "status", "tags", "milestone", "fixed_in"]);
    assert_eq!((&changes[1]["from"], &changes[1]["to"]), (&json!("open"), &json!("in_progress")));
    let activity = get(&app, &format!("{path}/activity")).await.json;
    let entry = &activity["items"][0];
    assert_eq!((&entry["kind"], &entry["version"]), (&json!("updated"), &json!(2)));
    assert_eq!(entry["untrusted"]["rationale"], "it blocks checkout");
    assert_eq!(activity["items"][1]["kind"], "created");
    let older = get(&app, &format!("{path}/activity?limit=1&after={}", entry["id"].as_str().unwrap())).await.json;
    assert_eq!(ids(&older), [activity["items"][1]["id"].as_str().unwrap()]);
    for (body, said) in [
        (json!({}), "No field is given: nothing would change."),
        (json!({"rationale": "x"}), "No field is given: nothing would change."),
        (json!({"status": "reopened", "title": "z"}), "status can't go from in_progress to reopened; "),
        (json!({"assignee": "none"}), "assignee can't be none."),
        (json!({"fixed_in": "1", "clear": ["fixed_in"]}), "fixed_in is set and named in clear."),
        (json!({"clear": ["title"]}), "clear[0] must be one of assignee, milestone, fixed_in, duplicate_of, "),
        (json!({"duplicate_of": id}), "duplicate_of names this bug itself"),
        (json!({"version": "two"}), "version must be a whole number"),
    ] {
        let answer = app.admin(Method::PATCH, &path, Some(body)).await;
        answer.refused(400, "INVALID_INPUT");
        assert!(answer.message().starts_with(said), "{said}: {}", answer.message());
    }
    assert_eq!(get(&app, &path).await.json["version"], 2);
}

#[tokio::test]
async fn a_conflict_tells_which_fields_others_changed() {
    let app = TestApp::new().await;
    let id = filed(&app, json!({"title": "x"})).await;
    let path = format!("{BUGS}/{id}");
    let bot = app.token(&[Scope::BugsRead, Scope::BugsWrite], |new| new.label = "Bot".to_owned()).await;
    let first = json!({"status": "in_progress", "priority": "high", "rationale": "mine"});
    assert_eq!(app.call(&bot, Method::PATCH, &path, Some(first)).await.status, 200);
    let late = app.admin(Method::PATCH, &path, Some(json!({"version": 1, "status": "closed", "title": "y"}))).await;
    late.refused(409, "CONFLICT");
    assert_eq!(late.message(), "The bug has version 2 by now, not 1.");
    let conflict = &late.json["conflict"];
    assert_eq!((&conflict["bug_id"], &conflict["given"], &conflict["version"]), (&json!(id), &json!(1), &json!(2)));
    let change = &conflict["changes"][0]["untrusted"];
    assert_eq!((&change["author"], &change["rationale"]), (&json!("Bot"), &json!("mine")));
    let status = json!({"field": "status", "from": "open", "to": "in_progress"});
    assert!(change["changes"].as_array().unwrap().contains(&status), "{change}");
    let now = get(&app, &path).await.json;
    assert_eq!((&now["version"], &now["untrusted"]["title"]), (&json!(2), &json!("x")), "all or nothing");
}
