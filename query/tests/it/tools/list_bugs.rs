//! `list_bugs`: bugs by project, status, priority and tag; each on one page.

use playhead_schemas::upload::Priority;
use serde_json::{Value, json};

use crate::data::{self, coupon_timeline, transcribed};
use crate::support::{Called, Form, TestServer, walk};

/// The ids of a page of bugs.
pub(crate) fn ids(page: &Called) -> Vec<String> {
    page.data()["bugs"].as_array().unwrap().iter().map(|bug| bug["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn bugs_are_listed_by_what_they_are() {
    let server = TestServer::new().await;
    let (first, _) = transcribed(&server.store, server.shop, &coupon_timeline(), "s").await;
    let urgent = playhead_store::NewBug { priority: Priority::Critical, ..data::bug(server.other, "second") };
    let (second, _) = server.store.create_bug(urgent).await.unwrap();
    let caller = server.reader().await;
    for (arguments, want) in [
        (json!({}), vec![second.id, first]),
        (json!({"project": "shop"}), vec![first]),
        (json!({"project": server.other}), vec![second.id]),
        (json!({"tag": "coupon"}), vec![first]),
        (json!({"status": "closed"}), vec![]),
        (json!({"status": ["closed", "open"]}), vec![second.id, first]),
        (json!({"status": []}), vec![second.id, first]),
        (json!({"priority": "medium", "status": "open"}), vec![first]),
        (json!({"priority": ["urgent", "medium"]}), vec![second.id, first]),
        (json!({"priority": "URGENT"}), vec![second.id]),
        (json!({"priority": "critical"}), vec![second.id]),
        (json!({"tag": ["coupon", "checkout"]}), vec![first]),
        (json!({"tag": ["coupon", "pay"]}), vec![]),
        (json!({"state": "open"}), vec![second.id, first]),
        (json!({"state": "closed"}), vec![]),
        (json!({"state": "all", "status": "open"}), vec![second.id, first]),
        (json!({"assignee": "none"}), vec![second.id, first]),
        (json!({"reporter": "Ada"}), vec![first]),
        (json!({"browser": "firefox", "has_replay": true, "has_error": true}), vec![first]),
        (json!({"has_replay": false}), vec![second.id]),
        (json!({"signal": "rage_click"}), vec![]),
        (json!({"created_from": "2020-01-01", "updated_before": "2100-01-01T00:00:00Z"}), vec![second.id, first]),
        (json!({"created_before": "2020-01-01"}), vec![]),
        (json!({"sort": "oldest"}), vec![first, second.id]),
        (json!({"sort": "priority"}), vec![second.id, first]),
        (json!({"limit": 50}), vec![second.id, first]),
        (json!({"limit": "50"}), vec![second.id, first]),
    ] {
        let called = caller.call("list_bugs", arguments.clone()).await;
        assert_eq!(ids(&called), want.iter().map(ToString::to_string).collect::<Vec<_>>(), "{arguments}");
        assert_eq!(called.text().contains("No bug matches"), want.is_empty());
    }
}

#[tokio::test]
async fn each_bug_is_on_one_page() {
    let server = TestServer::new().await;
    let mut made = Vec::new();
    for at in 0..57 {
        let (bug, _) = server.store.create_bug(data::bug(server.shop, &format!("bug {at}"))).await.unwrap();
        made.push(bug.id.to_string());
    }
    made.reverse();
    let caller = server.reader().await;
    for (tool, arguments) in [
        ("list_bugs", json!({"limit": 10})),
        ("list_bugs", json!({"limit": 57})),
        ("list_bugs", json!({"limit": 10, "sort": "updated"})),
        ("list_bugs", json!({"limit": 10, "sort": "priority"})),
        ("search_bugs", json!({"limit": 19, "query": "BUG"})),
    ] {
        let pages = walk(&caller, Form::Rest, tool, arguments.clone()).await;
        assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), made, "{arguments}");
        assert!(pages.iter().all(|page| !ids(page).is_empty()), "no empty page");
        let told = walk(&caller, Form::Text, tool, arguments.clone()).await;
        let lines = told.iter().flat_map(|page| page.text().lines()).filter(|line| line.contains(" | bug "));
        assert_eq!(lines.map(|line| &line[..26]).collect::<Vec<_>>(), made, "{arguments}");
    }
}

/// What other trackers' clients ask for.
#[tokio::test]
async fn every_list_takes_fifty() {
    let server = TestServer::new().await;
    let bug = server.store.create_bug(data::bug(server.shop, "x")).await.unwrap().0.id;
    let caller = server.caller(&playhead_schemas::Scope::ALL).await;
    for tool in caller.tools().await {
        let name = tool["name"].as_str().unwrap();
        let takes_limit = tool["inputSchema"]["properties"].get("limit").is_some();
        assert_eq!(takes_limit, name.starts_with("list_") || name.starts_with("search_"), "{name}");
        if takes_limit {
            let arguments: Value = match name {
                "search_bugs" => json!({"query": "x", "limit": 50}),
                "list_comments" | "list_bug_activity" => json!({"bug_id": bug, "limit": 50}),
                "list_project_members" => json!({"project": "shop", "limit": 50}),
                _ => json!({"limit": 50}),
            };
            caller.call(name, arguments).await;
        }
    }
}
