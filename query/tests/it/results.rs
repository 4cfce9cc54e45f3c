//! What the tools answer, in both forms.

use playhead_schemas::{Scope, Stream};
use serde_json::{Value, json};

use crate::data::{self, coupon_timeline, transcribed};
use crate::support::TestServer;

const SUMMARY: &str = "The user applied a coupon and tried to pay.\nm4 00:09.0 TypeError: rate is undefined";

#[tokio::test]
async fn the_transcript_of_a_replay_is_read() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let caller = server.reader().await;

    let summary = caller.call("get_replay_transcript", json!({"bug_id": bug})).await;
    assert_eq!(summary.data()["untrusted"], json!(SUMMARY.lines().collect::<Vec<_>>()));
    assert!(summary.text().contains(SUMMARY), "{}", summary.text());
    assert_eq!(summary.data()["moments"], 8);

    let detailed = caller.call("get_replay_transcript", json!({"replay_id": replay, "verbosity": "detailed"})).await;
    let lines: Vec<String> = coupon_timeline()
        .moments
        .iter()
        .map(|moment| format!("{} {} {}", moment.id, playhead_schemas::clock::offset_label(moment.t_ms), moment.text))
        .collect();
    assert_eq!(detailed.data()["untrusted"], json!(lines));
    assert!(detailed.text().contains(&lines.join("\n")));
    assert_eq!(detailed.cursor(), None);
}

#[tokio::test]
async fn the_transcript_is_narrowed() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let caller = server.reader().await;
    for (narrow, want) in [
        (json!({"from": 9_005}), vec!["m4", "m5", "m6", "m7", "m8"]),
        (json!({"from": "00:09.0", "to": "00:15"}), vec!["m3", "m4"]),
        (json!({"kinds": ["error", "console"]}), vec!["m4", "m7"]),
        (json!({"to": "00:01"}), vec!["m1"]),
        (json!({"kinds": ["drag"]}), vec![]),
    ] {
        let mut arguments = narrow.clone();
        arguments["bug_id"] = json!(bug);
        let called = caller.call("get_replay_transcript", arguments).await;
        let ids: Vec<&str> = called.data()["untrusted"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap().split(' ').next().unwrap())
            .collect();
        assert_eq!(ids, want, "{narrow}");
    }
}

#[tokio::test]
async fn a_replay_without_transcript_says_what_it_waits_for() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let queued = data::upload(&server.store, server.shop, "queued", &[(Stream::Rrweb, b"[]")]).await;
    let (bug, _) = server.store.create_bug(data::full_bug(server.shop, "never-uploaded")).await.unwrap();
    for (arguments, state) in [(json!({"replay_id": queued}), "queued"), (json!({"bug_id": bug.id}), "empty")] {
        let called = caller.call("get_replay_transcript", arguments).await;
        assert_eq!(called.data()["state"], state);
        assert!(called.text().contains(called.data()["note"].as_str().unwrap()));
    }
    let context = caller.call("get_bug_context", json!({"bug_id": bug.id})).await;
    assert!(context.text().contains("No recording was uploaded"), "{}", context.text());
    let prompt = caller.call("generate_fix_prompt", json!({"bug_id": bug.id})).await;
    assert!(prompt.text().contains("has no transcript"), "{}", prompt.text());
}

#[tokio::test]
async fn the_context_of_a_bug_has_what_one_needs_first() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let called = server.reader().await.call("get_bug_context", json!({"bug_id": bug})).await;
    for part in [
        "Coupon field throws",
        "I typed SAVE10",
        "URL: https://shop.example.com/cart",
        "viewport: 1280 x 720 at 2x",
        "uncaught_error: TypeError: rate is undefined [m4], after [m3]",
        "http_error: POST /api/pay answered 500 [m6], after [m5], related [m7]",
        "m4 00:09.0 error TypeError",
        "m7 00:15.2 console error",
        "The user applied a coupon",
        "Requests were not captured: absent requests prove nothing.",
        "The recorder masked some values",
        "1 screenshot, 1 attachment, 0 comments, 2 cookies.",
        "generate_fix_prompt",
        &replay.to_string(),
    ] {
        assert!(called.text().contains(part), "{part:?} in {}", called.text());
        let escaped = Value::from(part).to_string();
        let in_json = called.data().to_string().contains(escaped.trim_matches('"'));
        assert!(in_json, "{part:?} in {}", called.data());
    }
    assert!(!called.text().contains("s3cr3t"));
}

#[tokio::test]
async fn a_bug_is_given_as_it_was_sent() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    server.store.add_comment(bug, "Grace", "I see it too.").await.unwrap();
    let called = server.reader().await.call("get_bug", json!({"bug_id": bug})).await;
    let report = &called.data()["untrusted"];
    assert_eq!(report["reporter"], "Ada, ada@example.com");
    assert_eq!(report["tags"], json!(["checkout", "coupon"]));
    let parts = report["parts"].as_array().unwrap();
    assert_eq!(parts[0]["text"], "I typed SAVE10 and pressed Apply.\nNothing happened.");
    let metadata: Value = serde_json::from_str(parts[1]["text"].as_str().unwrap()).unwrap();
    assert_eq!(metadata["metadata"], json!({"plan": "pro", "cart": {"items": 3}}));
    assert_eq!(parts[2]["text"], "I see it too.");
    assert!(parts[2]["author"].as_str().unwrap().starts_with("Grace, "));
    assert!(!called.0.to_string().contains("s3cr3t"), "cookies are never in an ordinary answer");
}

#[tokio::test]
async fn moments_are_expanded() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let arguments = json!({"bug_id": bug, "ids": ["m6", "m4", "m4", "m99"]});
    let called = server.reader().await.call("get_replay_moments", arguments).await;
    let timeline = coupon_timeline();
    assert_eq!(called.data()["untrusted"], json!([timeline.moments[3], timeline.moments[5]]));
    assert_eq!(called.data()["missing"], json!(["m99"]));
    assert!(called.text().contains("no card processor"));
}

#[tokio::test]
async fn bugs_are_listed_and_found() {
    let server = TestServer::new().await;
    let (first, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let (second, _) = server.store.create_bug(data::bug(server.other, "100% broken_page")).await.unwrap();
    let caller = server.reader().await;
    for (tool, arguments, want) in [
        ("list_bugs", json!({}), vec![second.id, first]),
        ("list_bugs", json!({"project": "shop"}), vec![first]),
        ("list_bugs", json!({"project": server.other}), vec![second.id]),
        ("list_bugs", json!({"tag": "coupon"}), vec![first]),
        ("list_bugs", json!({"status": "closed"}), vec![]),
        ("list_bugs", json!({"priority": "medium", "status": "open"}), vec![second.id, first]),
        ("search_bugs", json!({"query": "applied a COUPON"}), vec![first]),
        ("search_bugs", json!({"query": "100%"}), vec![second.id]),
        ("search_bugs", json!({"query": "n_p"}), vec![second.id]),
        ("search_bugs", json!({"query": "%"}), vec![second.id]),
    ] {
        let called = caller.call(tool, arguments.clone()).await;
        let ids: Vec<&str> =
            called.data()["bugs"].as_array().unwrap().iter().map(|bug| bug["id"].as_str().unwrap()).collect();
        assert_eq!(ids, want.iter().map(ToString::to_string).collect::<Vec<_>>(), "{tool} {arguments}");
        assert_eq!(called.text().contains("No bug matches"), ids.is_empty());
    }
    let projects = caller.call("list_projects", json!({})).await;
    assert_eq!(projects.data()["projects"][0]["slug"], "shop");
    assert_eq!(projects.data()["projects"][1]["slug"], "other");
}

#[tokio::test]
async fn structured_results_fit_their_schemas() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let caller = server.caller(&Scope::ALL).await;
    let calls = [
        ("list_projects", json!({})),
        ("list_bugs", json!({"limit": 1})),
        ("search_bugs", json!({"query": "coupon"})),
        ("get_bug", json!({"bug_id": bug})),
        ("get_bug_context", json!({"bug_id": bug})),
        ("get_bug_media", json!({"bug_id": bug})),
        ("get_replay_transcript", json!({"bug_id": bug, "verbosity": "detailed"})),
        ("get_replay_moments", json!({"replay_id": replay, "ids": ["m1"]})),
        ("get_replay_raw", json!({"bug_id": bug, "stream": "rrweb"})),
        ("get_bug_cookies", json!({"bug_id": bug})),
        ("generate_fix_prompt", json!({"bug_id": bug})),
        ("list_audit_log", json!({})),
    ];
    let tools = caller.tools().await;
    let mut covered = 0;
    for tool in &tools {
        let name = tool["name"].as_str().unwrap();
        let Some(schema) = tool.get("outputSchema") else { continue };
        let validator = jsonschema::validator_for(schema).unwrap();
        let arguments = &calls.iter().find(|(tool, _)| *tool == name).unwrap_or_else(|| panic!("no call of {name}")).1;
        let called = caller.call(name, arguments.clone()).await;
        let errors: Vec<String> = validator.iter_errors(called.data()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?} in {}", called.data());
        // Clients check failures against the same schema.
        let (_, refused) = caller.rest(name, json!({"no_such_argument": 1})).await;
        assert!(validator.is_valid(&refused["structuredContent"]), "{name}: {refused}");
        assert!(!validator.is_valid(&json!({})), "{name}: the schema takes anything");
        covered += 1;
    }
    assert_eq!(covered, calls.len());
    let without: Vec<&str> = tools
        .iter()
        .filter(|tool| tool.get("outputSchema").is_none())
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(without, ["get_screenshot"]);
}

/// Every text and number of a value, as it stands in JSON, without its quotes.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| leaves(value, out)),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::String(_) | Value::Number(_) => out.push(value.to_string().trim_matches('"').to_owned()),
        Value::Bool(_) | Value::Null => {}
    }
}

/// A model gets the text alone, so whatever the typed form says stands in it: ids, cursors, addresses, times.
#[tokio::test]
async fn the_text_says_everything_that_the_typed_form_says() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    server.store.create_bug(data::bug(server.shop, "another")).await.unwrap();
    server.store.add_comment(bug, "Grace", "I see it too.").await.unwrap();
    let caller = server.caller(&Scope::ALL).await;
    for (tool, arguments) in [
        ("list_projects", json!({"limit": 1})),
        ("list_bugs", json!({"limit": 1})),
        ("search_bugs", json!({"query": "coupon"})),
        ("get_bug", json!({"bug_id": bug})),
        ("get_bug_context", json!({"bug_id": bug})),
        ("get_bug_media", json!({"bug_id": bug})),
        ("get_replay_transcript", json!({"bug_id": bug})),
        ("get_replay_transcript", json!({"bug_id": bug, "verbosity": "detailed"})),
        ("get_replay_moments", json!({"replay_id": replay, "ids": ["m1-m8", "m99"]})),
        ("get_replay_raw", json!({"bug_id": bug, "stream": "rrweb"})),
        ("get_bug_cookies", json!({"bug_id": bug})),
        ("generate_fix_prompt", json!({"bug_id": bug})),
        ("list_audit_log", json!({"limit": 2, "tool": "list_projects"})),
    ] {
        let typed = caller.call(tool, arguments.clone()).await;
        let text = caller.text(tool, arguments).await;
        let said = Value::from(text.text()).to_string();
        let mut all = Vec::new();
        leaves(typed.data(), &mut all);
        assert!(!all.is_empty(), "{tool}");
        for leaf in all.iter().filter(|leaf| *leaf != "ready") {
            // A text of JSON is quoted twice in the text's own JSON.
            let quoted = Value::from(leaf.as_str()).to_string();
            let is_said = said.contains(leaf.as_str()) || said.contains(quoted.trim_matches('"'));
            assert!(is_said, "{tool}: the text lacks {leaf:?}: {}", text.text());
        }
    }
}
