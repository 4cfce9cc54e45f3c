//! Quotas, to the call and to the millisecond: calls a day of a project, calls a minute of a principal.

use playhead_query::QueryConfig;
use playhead_schemas::clock::Clock;
use playhead_schemas::{Actor, BugId, EpochMs, Role, Scope};
use serde_json::json;

use crate::data;
use crate::support::{Caller, TestServer};

/// Far ahead of the machine's clock, in the middle of a UTC day: 2030-06-15T12:00:00.000Z.
const NOON: EpochMs = EpochMs(1_907_755_200_000);
const MINUTE_MS: i64 = 60_000;
const HALF_DAY_MS: i64 = 43_200_000;

fn config(calls_per_day: u64, calls_per_minute: u64, clock: &Clock) -> QueryConfig {
    QueryConfig { calls_per_day, calls_per_minute, clock: clock.clone(), ..QueryConfig::default() }
}

async fn bug_of(server: &TestServer) -> BugId {
    server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap().0.id
}

/// Calls a tool over REST; the code, or `done`.
async fn outcome(caller: &Caller, bug: BugId) -> String {
    let (_, body) = caller.rest("get_bug", json!({"bug_id": bug})).await;
    body["structuredContent"]["code"].as_str().unwrap_or("done").to_owned()
}

#[tokio::test]
async fn a_day_has_so_many_calls_in_each_project_and_begins_at_utc_midnight() {
    let clock = Clock::manual(NOON);
    let server = TestServer::with(config(2, 600, &clock)).await;
    let bug = bug_of(&server).await;
    let (other, _) = server.store.create_bug(data::bug(server.other, "theirs")).await.unwrap();
    let (ann, bob) = (server.reader().await, server.reader().await);
    ann.call("get_bug", json!({"bug_id": bug})).await;
    bob.call("list_bugs", json!({"project": "shop"})).await;
    for caller in [&ann, &bob] {
        let refused = caller.refused("get_bug", json!({"bug_id": bug})).await;
        assert_eq!((refused.status, refused.code.as_str()), (429, "QUOTA_EXCEEDED"));
        assert!(refused.message.contains("2030-06-16T00:00:00.000Z"), "{}", refused.message);
    }
    assert_eq!(ann.retry_after("get_bug", json!({"bug_id": bug})).await, 43_200);
    ann.call("get_bug", json!({"bug_id": other.id})).await;
    ann.call("list_projects", json!({})).await;
    ann.call("list_bugs", json!({})).await;
    assert_eq!(ann.refused("list_bugs", json!({})).await.code, "QUOTA_EXCEEDED", "calls of no project have their own");
    assert_eq!(ann.refused("get_bug", json!({"bug_id": server.shop})).await.code, "NOT_FOUND");

    clock.advance_ms(HALF_DAY_MS - 1);
    assert_eq!(outcome(&ann, bug).await, "QUOTA_EXCEEDED");
    assert_eq!(ann.retry_after("get_bug", json!({"bug_id": bug})).await, 1);
    clock.advance_ms(1);
    for want in ["done", "done", "QUOTA_EXCEEDED"] {
        assert_eq!(outcome(&ann, bug).await, want, "a new day");
    }
}

#[tokio::test]
async fn what_is_refused_before_costs_nothing_of_the_day() {
    let clock = Clock::manual(NOON);
    let server = TestServer::with(config(1, 600, &clock)).await;
    let bug = bug_of(&server).await;
    let reader = server.reader().await;
    let stranger = server.caller_of(&[Scope::BugsRead], Some(vec![server.other])).await;
    for _ in 0..3 {
        stranger.refused("get_bug", json!({"bug_id": bug})).await;
        reader.refused("get_bug_cookies", json!({"bug_id": bug})).await;
    }
    assert_eq!(outcome(&reader, bug).await, "done");
    assert_eq!(outcome(&reader, bug).await, "QUOTA_EXCEEDED");
}

#[tokio::test]
async fn a_minute_has_so_many_calls_of_a_principal_whatever_its_tokens() {
    let clock = Clock::manual(NOON);
    let server = TestServer::with(config(1000, 3, &clock)).await;
    let bug = bug_of(&server).await;
    let agent = Actor::Agent(server.store.create_agent(server.workspace, "fixer").await.unwrap().id);
    server.store.set_role(server.shop, agent, Some(Role::Viewer)).await.unwrap();
    let one = server.caller_like(|new| new.actor = Some(agent)).await;
    let two = server.caller_like(|new| new.actor = Some(agent)).await;
    clock.advance_ms(15_000);
    for (caller, want) in [(&one, "done"), (&two, "done"), (&one, "done"), (&two, "RATE_LIMITED")] {
        assert_eq!(outcome(caller, bug).await, want);
    }
    let refused = one.refused("get_bug", json!({"bug_id": bug})).await;
    assert_eq!(refused.status, 429);
    assert!(refused.message.contains("2030-06-15T12:01:00.000Z"), "{}", refused.message);
    assert_eq!(one.retry_after("get_bug", json!({"bug_id": bug})).await, 45);
    assert_eq!(outcome(&server.reader().await, bug).await, "done", "another principal");
    clock.advance_ms(MINUTE_MS - 15_000 - 1);
    assert_eq!(outcome(&one, bug).await, "RATE_LIMITED");
    clock.advance_ms(1);
    for want in ["done", "done", "done", "RATE_LIMITED"] {
        assert_eq!(outcome(&two, bug).await, want, "a new minute");
    }
}

#[tokio::test]
async fn both_survive_a_restart() {
    for (per_day, per_minute, want, window_ms) in
        [(2, 600, "QUOTA_EXCEEDED", HALF_DAY_MS), (600, 2, "RATE_LIMITED", MINUTE_MS)]
    {
        let clock = Clock::manual(NOON);
        let server = TestServer::with(config(per_day, per_minute, &clock)).await;
        let bug = bug_of(&server).await;
        let caller = server.reader().await;
        assert_eq!(outcome(&caller, bug).await, "done");
        let server = server.reopened(config(per_day, per_minute, &clock)).await;
        let caller = server.bearing(&caller.secret);
        assert_eq!(outcome(&caller, bug).await, "done", "one of two was used before");
        assert_eq!(outcome(&caller, bug).await, want);
        let server = server.reopened(config(per_day, per_minute, &clock)).await;
        let caller = server.bearing(&caller.secret);
        assert_eq!(outcome(&caller, bug).await, want, "used up before");
        clock.advance_ms(window_ms);
        assert_eq!(outcome(&caller, bug).await, "done");
    }
}

#[tokio::test]
async fn a_token_ends_to_the_millisecond() {
    let clock = Clock::manual(NOON);
    let server = TestServer::with(config(600, 600, &clock)).await;
    let bug = bug_of(&server).await;
    let caller = server.caller_like(|new| new.expires_at = Some(NOON.plus_ms(1000))).await;
    clock.advance_ms(999);
    assert_eq!(outcome(&caller, bug).await, "done");
    clock.advance_ms(1);
    assert_eq!(caller.refused_status("get_bug").await, 401, "whether it was remembered or not");
}
