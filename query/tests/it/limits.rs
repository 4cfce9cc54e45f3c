//! Quotas: calls a day of a project, calls a minute of a principal.

use playhead_query::QueryConfig;
use playhead_schemas::{Actor, Role, Scope};
use serde_json::json;

use crate::data;
use crate::support::TestServer;

fn config(calls_per_day: u64, calls_per_minute: u64) -> QueryConfig {
    QueryConfig { calls_per_day, calls_per_minute, ..QueryConfig::default() }
}

#[tokio::test]
async fn a_day_has_so_many_calls_in_each_project_and_says_when_it_ends() {
    let server = TestServer::with(config(2, 600)).await;
    let (bug, _) = server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap();
    let (other, _) = server.store.create_bug(data::bug(server.other, "theirs")).await.unwrap();
    let (ann, bob) = (server.reader().await, server.reader().await);
    ann.call("get_bug", json!({"bug_id": bug.id})).await;
    bob.call("list_bugs", json!({"project": "shop"})).await;
    for caller in [&ann, &bob] {
        let refused = caller.refused("get_bug", json!({"bug_id": bug.id})).await;
        assert_eq!((refused.status, refused.code.as_str()), (429, "QUOTA_EXCEEDED"));
        assert!(refused.message.contains("T00:00:00.000Z"), "{}", refused.message);
    }
    let waits = ann.retry_after("get_bug", json!({"bug_id": bug.id})).await;
    assert!((1..=86_400).contains(&waits), "{waits}");
    ann.call("get_bug", json!({"bug_id": other.id})).await;
    ann.call("list_projects", json!({})).await;
    ann.call("list_bugs", json!({})).await;
    assert_eq!(ann.refused("list_bugs", json!({})).await.code, "QUOTA_EXCEEDED", "calls of no project have their own");
    assert_eq!(ann.refused("get_bug", json!({"bug_id": server.shop})).await.code, "NOT_FOUND");
}

#[tokio::test]
async fn what_is_refused_before_costs_nothing_of_the_day() {
    let server = TestServer::with(config(1, 600)).await;
    let (bug, _) = server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap();
    let reader = server.reader().await;
    let stranger = server.caller_of(&[Scope::BugsRead], Some(vec![server.other])).await;
    for _ in 0..3 {
        stranger.refused("get_bug", json!({"bug_id": bug.id})).await;
        reader.refused("get_bug_cookies", json!({"bug_id": bug.id})).await;
    }
    reader.call("get_bug", json!({"bug_id": bug.id})).await;
}

#[tokio::test]
async fn a_minute_has_so_many_calls_of_a_principal_whatever_its_tokens() {
    let server = TestServer::with(config(1000, 3)).await;
    let agent = Actor::Agent(server.store.create_agent(server.workspace, "fixer").await.unwrap().id);
    server.store.set_role(server.shop, agent, Some(Role::Viewer)).await.unwrap();
    let one = server.caller_like(|new| new.actor = Some(agent)).await;
    let two = server.caller_like(|new| new.actor = Some(agent)).await;
    let mut refused = 0;
    // Eight calls touch at most three minutes only if they take a minute: at least one is refused.
    for caller in [&one, &two, &one, &two, &one, &two, &one, &two] {
        let (status, body) = caller.rest("list_bugs", json!({})).await;
        if status == 429 {
            assert_eq!(body["structuredContent"]["code"], "RATE_LIMITED");
            refused += 1;
        }
    }
    assert!(refused > 0);
    server.reader().await.call("list_bugs", json!({})).await;
}

#[tokio::test]
async fn both_survive_a_restart() {
    let server = TestServer::with(config(1, 600)).await;
    let (bug, _) = server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap();
    let caller = server.reader().await;
    caller.call("get_bug", json!({"bug_id": bug.id})).await;
    let again = server.reopened(config(1, 600)).await;
    let caller = again.bearing(&caller.secret);
    assert_eq!(caller.refused("get_bug", json!({"bug_id": bug.id})).await.code, "QUOTA_EXCEEDED");
}
