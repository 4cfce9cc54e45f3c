//! What the tools answer, in each form: typed answers fit their schemas, and the text says everything.

use playhead_schemas::{Actor, Role, Scope};
use playhead_store::{Author, NewComment};
use serde_json::{Value, json};

use crate::data::{self, SUMMARY, coupon_timeline, transcribed};
use crate::support::TestServer;

#[tokio::test]
async fn structured_results_fit_their_schemas() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let caller = server.caller(&Scope::ALL).await;
    let comment = caller.call("add_comment", json!({"bug_id": bug, "body": "First"})).await;
    let comment = comment.data()["id"].clone();
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
        ("list_workspaces", json!({})),
        ("list_project_members", json!({"project": "shop"})),
        ("list_comments", json!({"bug_id": bug})),
        ("list_bug_activity", json!({"bug_id": bug})),
        ("create_bug", json!({"project": "shop", "title": "By hand"})),
        ("update_bug", json!({"bug_id": bug, "status": "in_progress", "fixed_in": "1.5"})),
        ("add_comment", json!({"bug_id": bug, "body": "Hello"})),
        ("edit_comment", json!({"comment_id": comment, "body": "Changed"})),
        ("delete_comment", json!({"comment_id": comment})),
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
    server.store.add_comment(NewComment::new(bug, Author::named("Grace"), "I see it too.")).await.unwrap();
    let caller = server.caller(&Scope::ALL).await;
    let actor = Actor::Member(server.member().await);
    server.store.set_role(server.shop, actor, Some(Role::Manager)).await.unwrap();
    let (changed, original) = (server.store.create_bug(data::bug(server.shop, "changed")).await.unwrap().0.id, bug);
    let change = json!({"bug_id": changed, "assignee": actor, "milestone": "May", "duplicate_of": original,
        "fixed_in": "1.5", "title": "Changed", "rationale": "because"});
    caller.call("update_bug", change).await;
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
        ("list_workspaces", json!({})),
        ("list_project_members", json!({"project": "shop"})),
        ("list_comments", json!({"bug_id": bug})),
        ("list_bug_activity", json!({"bug_id": bug})),
        ("get_bug", json!({"bug_id": changed})),
        ("get_bug_context", json!({"bug_id": changed})),
        ("list_bugs", json!({"assignee": actor})),
        ("create_bug", json!({"project": "shop", "title": "By hand", "idempotency_key": "k"})),
        ("add_comment", json!({"bug_id": bug, "body": "Hello", "idempotency_key": "k"})),
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
