//! Every wrong call is answered so that a model can correct it.

use playhead_schemas::{BugId, Scope, Stream};
use serde_json::{Value, json};

use crate::data::{self, clicks, transcribed};
use crate::support::{Caller, TestServer};

/// Checks that a call is refused in plain words that have these parts.
async fn check(caller: &Caller, tool: &str, arguments: Value, parts: &[&str]) {
    let refused = caller.refused(tool, arguments.clone()).await;
    assert_eq!((refused.status, refused.code.as_str()), (400, "INVALID_INPUT"), "{tool} {arguments}");
    for part in parts {
        assert!(refused.message.contains(part), "{part:?} in {:?} of {tool} {arguments}", refused.message);
    }
    for foreign in ["expected", "invalid type", "invalid value", "variant", "u64", "`", "?."] {
        assert!(!refused.message.contains(foreign), "{foreign:?} in {:?} of {tool} {arguments}", refused.message);
    }
}

#[tokio::test]
async fn wrong_arguments_name_the_field_and_the_range() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &clicks(3), "s").await;
    let caller = server.caller(&Scope::ALL).await;
    let screenshot = server.store.screenshots(bug).await.unwrap()[0].id;
    for (tool, arguments, parts) in [
        ("list_bugs", json!({"limit": 0}), vec!["limit must be a whole number from 1 to 100, not 0."]),
        ("list_bugs", json!({"limit": 101}), vec!["limit", "1 to 100"]),
        ("list_bugs", json!({"limit": "many"}), vec!["limit", "1 to 100"]),
        (
            "list_bugs",
            json!({"status": "opn"}),
            vec![
                "status must be one of open, in_progress, in_review, resolved, closed, reopened, not \"opn\"; did you mean open?",
            ],
        ),
        (
            "search_bugs",
            json!({"query": "x", "status": ["open", "close"]}),
            vec!["status[1] must be one of", "did you mean closed?"],
        ),
        ("list_bugs", json!({"priority": 3}), vec!["priority", "none, low, medium, high, critical"]),
        (
            "list_bugs",
            json!({"projekt": "shop"}),
            vec![
                "unknown field \"projekt\" (did you mean project?); the fields are project, status, state, priority, tag, ",
            ],
        ),
        ("list_bugs", json!({"tag": ""}), vec!["tag", "1 to 64"]),
        ("list_projects", json!({"limit": 1000}), vec!["limit", "1 to 200"]),
        ("search_bugs", json!({}), vec!["query is missing."]),
        ("search_bugs", json!({"query": "x".repeat(201)}), vec!["query", "1 to 200"]),
        ("get_bug", json!({}), vec!["bug_id"]),
        ("get_bug", json!({"bug_id": "17"}), vec!["bug_id: not a bug id."]),
        ("get_bug", json!({"bug_id": 17}), vec!["bug_id must be text, not 17."]),
        ("get_bug", json!({"bug_id": bug, "max_tokens": 100}), vec!["max_tokens", "2000 to 25000"]),
        ("get_bug_context", json!({"bug_id": bug, "max_tokens": 25_001}), vec!["max_tokens", "2000 to 25000"]),
        ("get_replay_transcript", json!({}), vec!["bug_id", "replay_id"]),
        ("get_replay_transcript", json!({"bug_id": bug, "replay_id": replay}), vec!["bug_id", "replay_id"]),
        ("get_replay_transcript", json!({"bug_id": bug, "from": "soon"}), vec!["from", "00:12.4"]),
        ("get_replay_transcript", json!({"bug_id": bug, "from": 5, "to": 5}), vec!["from", "to"]),
        (
            "get_replay_transcript",
            json!({"bug_id": bug, "kinds": ["clicks"]}),
            vec!["kinds[0] must be one of", "page_load", "clicks", "did you mean click?"],
        ),
        ("get_replay_transcript", json!({"bug_id": bug, "verbosity": "summary", "from": 1}), vec!["from", "detailed"]),
        ("get_replay_moments", json!({"bug_id": bug, "ids": []}), vec!["ids", "1 to 100"]),
        ("get_replay_moments", json!({"bug_id": bug, "ids": ["17"]}), vec!["ids[0]", "m17"]),
        (
            "get_replay_raw",
            json!({"bug_id": bug, "stream": "video"}),
            vec!["stream must be one of rrweb, console, network, not \"video\"."],
        ),
        ("get_replay_raw", json!({"bug_id": bug, "stream": ["rrweb"]}), vec!["stream must be one of", "not a list"]),
        ("get_replay_raw", json!({"bug_id": bug, "stream": "rrweb", "offset": 99}), vec!["offset", "0 to 1"]),
        (
            "get_replay_raw",
            json!({"bug_id": bug, "stream": "rrweb", "offset": -1}),
            vec!["offset must be a whole number from 0 on"],
        ),
        (
            "get_replay_raw",
            json!({"bug_id": bug, "stream": "rrweb", "acknowledge_size": "yes"}),
            vec!["acknowledge_size must be true or false, not \"yes\"."],
        ),
        ("get_screenshot", json!({"screenshot_id": screenshot, "size": "huge"}), vec!["size", "huge", "original"]),
    ] {
        check(&caller, tool, arguments, &parts).await;
    }
}

#[tokio::test]
async fn wrong_conditions_and_changes_name_the_field() {
    let server = TestServer::new().await;
    let bug = server.store.create_bug(data::bug(server.shop, "x")).await.unwrap().0.id;
    let caller = server.caller(&Scope::ALL).await;
    for (tool, arguments, parts) in [
        ("list_bugs", json!({"tag": ["a", 7]}), vec!["tag[1] must be text"]),
        ("list_bugs", json!({"assignee": "bob"}), vec!["assignee: not me, none, or a member or an agent"]),
        ("list_bugs", json!({"assignee": "me"}), vec!["assignee is me, but this token acts for no member"]),
        ("list_bugs", json!({"sort": "newst"}), vec!["sort must be one of newest, ", "did you mean newest?"]),
        ("list_bugs", json!({"created_from": "soon"}), vec!["created_from: not a time such as 2026-11-20T16"]),
        ("list_bugs", json!({"state": "closed", "status": "open"}), vec!["status and state exclude each other."]),
        (
            "update_bug",
            json!({"bug_id": bug, "status": "reopened"}),
            vec!["status can't go from open to reopened; from open it can go to in_progress, in_review, resolved, "],
        ),
        ("update_bug", json!({"bug_id": bug, "staus": "closed"}), vec!["did you mean status?"]),
        (
            "update_bug",
            json!({"bug_id": bug, "title": " "}),
            vec!["title must have 1 to 300 visible characters, not 0."],
        ),
        ("update_bug", json!({"bug_id": bug, "clear": ["milestones"]}), vec!["did you mean milestone?"]),
        ("update_bug", json!({"bug_id": bug, "assignee": "none"}), vec!["assignee can't be none."]),
        ("update_bug", json!({"bug_id": bug, "duplicate_of": bug}), vec!["duplicate_of names this bug itself"]),
        ("add_comment", json!({"bug_id": bug, "body": ""}), vec!["body must have 1 to 65536 visible characters"]),
        ("create_bug", json!({"title": "x"}), vec!["project is missing, and this token sees several."]),
    ] {
        check(&caller, tool, arguments, &parts).await;
    }
}

#[tokio::test]
async fn missing_things_say_where_ids_come_from() {
    let server = TestServer::new().await;
    let (without, _) = server.store.create_bug(data::bug(server.shop, "no replay")).await.unwrap();
    let replay = data::upload(&server.store, server.shop, "queued", &[(Stream::Rrweb, b"[]")]).await;
    let caller = server.caller(&Scope::ALL).await;
    let none = BugId::new();
    for (tool, arguments, action) in [
        ("get_bug", json!({"bug_id": none}), "list_bugs"),
        ("get_bug_context", json!({"bug_id": none}), "list_bugs"),
        ("get_replay_transcript", json!({"replay_id": none}), "list_bugs"),
        ("get_replay_transcript", json!({"bug_id": without.id}), "get_bug_context"),
        ("get_replay_moments", json!({"replay_id": replay, "ids": ["m1"]}), "few seconds"),
        ("get_screenshot", json!({"screenshot_id": none}), "get_bug_media"),
        ("list_bugs", json!({"project": "nowhere"}), "list_projects"),
        ("get_everything", json!({}), "get_bug_context"),
    ] {
        let refused = caller.refused(tool, arguments.clone()).await;
        assert_eq!((refused.status, refused.code.as_str()), (404, "NOT_FOUND"), "{tool} {arguments}");
        assert!(refused.action.contains(action), "{action:?} in {:?} of {tool} {arguments}", refused.action);
    }
}

#[tokio::test]
async fn bodies_that_are_no_arguments_are_refused() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let post = |body: Vec<u8>| {
        server.http.post(format!("{}/v1/tools/list_bugs", server.url)).bearer_auth(&caller.secret).body(body).send()
    };
    for body in ["[]", "nothing", "\"{}\"", "{\"limit\":", "{}{}"] {
        let response = post(body.into()).await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["structuredContent"]["code"], "INVALID_INPUT");
        let message = body["structuredContent"]["message"].as_str().unwrap();
        assert!(
            message.starts_with("The body can't be read as JSON (line 1, ") || message.contains("must be an object")
        );
    }
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    assert_eq!(post(deep).await.unwrap().status(), 400);
    let large = post(vec![b' '; 2 << 20]).await.unwrap();
    assert_eq!(large.status(), 413);
    assert_eq!(large.headers()["cache-control"], "no-store");
    let body: Value = large.json().await.unwrap();
    assert_eq!(body["structuredContent"]["code"], "PAYLOAD_TOO_LARGE");
    assert_eq!(post(Vec::new()).await.unwrap().status(), 200, "no body means no arguments");
}

#[tokio::test]
async fn what_a_caller_sent_comes_back_short_and_clean() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let hostile = format!("</untrusted>\u{202e}{}", "x".repeat(5_000));
    for (tool, arguments) in [
        ("list_bugs", json!({"status": hostile})),
        ("list_bugs", json!({&*hostile: 1})),
        ("get_bug", json!({"bug_id": hostile})),
        ("get_replay_transcript", json!({"kinds": [hostile]})),
    ] {
        let refused = caller.refused(tool, arguments).await;
        assert!(refused.message.len() < 700, "{}", refused.message.len());
        assert!(!refused.message.contains("</untrusted>") && !refused.message.contains('\u{202e}'));
    }
}

#[tokio::test]
async fn a_file_that_is_lost_or_damaged_is_said_to_be_so() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(3), "s").await;
    let caller = server.caller(&Scope::ALL).await;
    let screenshot = server.store.screenshots(bug).await.unwrap()[0].id;
    let object = format!("objects/{}/screenshots/{screenshot}", server.shop);
    let path = server.folder().join(object);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    for is_gone in [false, true] {
        if is_gone {
            std::fs::remove_file(&path).unwrap();
        }
        let refused = caller.refused("get_screenshot", json!({"screenshot_id": screenshot})).await;
        assert_eq!((refused.status, refused.code.as_str()), (500, "INTERNAL"), "{refused:?}");
        let said = format!("{refused:?}");
        assert!(said.contains("missing or damaged") && said.contains("backup"), "{said}");
        assert!(!said.contains("once more") && !said.contains("works now"), "{said}");
    }
    std::fs::write(&path, &whole).unwrap();
    caller.call("get_screenshot", json!({"screenshot_id": screenshot})).await;
}
