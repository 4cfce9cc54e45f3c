//! Requests that nobody is known to have sent: how many are looked at.

use playhead_query::QueryConfig;
use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, Scope};
use serde_json::{Value, json};

use crate::support::{Caller, TestServer};

/// A server behind one proxy that takes two refusals a minute from an address.
async fn server() -> (TestServer, Clock) {
    let clock = Clock::manual(EpochMs::now());
    let config =
        QueryConfig { auth_failures_per_minute: 2, trusted_proxies: 1, clock: clock.clone(), ..QueryConfig::default() };
    (TestServer::with(config).await, clock)
}

/// Asks for the list of tools from an address: status, code and seconds to wait.
async fn ask(caller: &Caller, address: &str) -> (u16, String, Option<u64>) {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let response = caller.mcp(&body).header("X-Forwarded-For", address).send().await.unwrap();
    let waits = response.headers().get("retry-after").map(|value| value.to_str().unwrap().parse().unwrap());
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["code"].as_str().unwrap_or("none").to_owned(), waits)
}

const REFUSED: (u16, &str, Option<u64>) = (401, "UNAUTHENTICATED", None);
const WAITS: (u16, &str, Option<u64>) = (429, "RATE_LIMITED", Some(30));
const DONE: (u16, &str, Option<u64>) = (200, "none", None);

async fn check(caller: &Caller, address: &str, want: (u16, &str, Option<u64>), what: &str) {
    let (status, code, waits) = ask(caller, address).await;
    assert_eq!((status, code.as_str(), waits), want, "{what}");
}

#[tokio::test]
async fn an_address_that_was_refused_too_often_waits() {
    let (server, clock) = server().await;
    let (nobody, guesser) = (server.bearing(""), server.bearing("pht_guessed"));
    check(&nobody, "192.0.2.1", REFUSED, "without a token").await;
    check(&guesser, "192.0.2.1", REFUSED, "with one that there is not").await;
    for caller in [&nobody, &guesser] {
        check(caller, "192.0.2.1", WAITS, "too often").await;
        check(caller, "192.0.2.2", REFUSED, "another address").await;
    }
    // A good token that was never looked up is not looked up now either; what the client writes itself is not believed.
    let newcomer = server.reader().await;
    check(&newcomer, "192.0.2.1", WAITS, "a token that nobody used yet").await;
    check(&newcomer, "192.0.2.9, 192.0.2.1", WAITS, "a forged entry").await;
    check(&newcomer, "192.0.2.3", DONE, "from elsewhere").await;
    check(&newcomer, "192.0.2.1", DONE, "who is known goes on, whoever else is refused at that address").await;
    clock.advance_ms(29_999);
    assert_eq!(ask(&guesser, "192.0.2.1").await.2, Some(1));
    clock.advance_ms(1);
    check(&guesser, "192.0.2.1", REFUSED, "looked at again").await;
    check(&guesser, "192.0.2.1", WAITS, "once").await;
}

#[tokio::test]
async fn every_way_in_counts_together_and_refusals_of_known_ones_too() {
    let (server, _) = server().await;
    let reader = server.reader().await;
    check(&reader, "192.0.2.1", DONE, "known from now on").await;
    let post = async |path: &str, caller: &Caller, tool: &str| {
        let url = format!("{}{path}", server.url);
        let body =
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}}});
        let request = server.http.post(url).bearer_auth(&caller.secret).header("X-Forwarded-For", "192.0.2.1");
        let request = request.header("Accept", "application/json, text/event-stream").json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    let stranger = server.bearing("pha_guessed");
    assert_eq!(post("/mcp", &reader, "get_bug_cookies").await, 403, "a scope that it lacks");
    assert_eq!(post("/p/shop/mcp", &reader, "list_bugs").await, 401, "another endpoint");
    for path in ["/mcp", "/p/shop/mcp", "/v1/tools/list_bugs"] {
        assert_eq!(post(path, &stranger, "list_bugs").await, 429, "{path}");
    }
    assert_eq!(post("/mcp", &reader, "get_bug_cookies").await, 429);
    assert_eq!(post("/mcp", &reader, "list_bugs").await, 200);
}

#[tokio::test]
async fn a_revoked_token_is_a_strangers() {
    let (server, _) = server().await;
    let caller = server.caller(&[Scope::BugsRead]).await;
    check(&caller, "192.0.2.1", DONE, "live").await;
    let token = server.store.token_by_secret(&caller.secret).await.unwrap().unwrap().id;
    server.store.revoke_token(token).await.unwrap();
    check(&caller, "192.0.2.1", REFUSED, "revoked").await;
    check(&caller, "192.0.2.1", REFUSED, "revoked").await;
    check(&caller, "192.0.2.1", WAITS, "too often").await;
}
