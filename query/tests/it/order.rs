//! The checks of a call in their fixed order: a request that fails two neighbouring checks is answered by the earlier one,
//! and one that fails a single check is answered by that one.

use playhead_query::QueryConfig;
use playhead_schemas::{Actor, BugId, EpochMs, MemberId, Role, Scope};
use playhead_store::AuditQuery;
use serde_json::{Value, json};

use crate::data;
use crate::gate::code;
use crate::support::TestServer;

/// What can be wrong with a call, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Two `Authorization` headers: no bearer token.
    Bearer,
    /// The token has expired.
    Known,
    /// The token is another endpoint's.
    Audience,
    /// The token lacks the tool's scope.
    Scope,
    /// The acting member has no role that may do this.
    Role,
    /// The operator switched the scope off.
    Entitled,
    /// The minute's calls are used up.
    Rate,
    /// The tool does not know an argument.
    Arguments,
    /// The row is another project's.
    Belongs,
    /// The day's calls are used up.
    Daily,
}

const ALL: [Fault; 10] = [
    Fault::Bearer,
    Fault::Known,
    Fault::Audience,
    Fault::Scope,
    Fault::Role,
    Fault::Entitled,
    Fault::Rate,
    Fault::Arguments,
    Fault::Belongs,
    Fault::Daily,
];

/// How a call comes in. Over MCP the gate looks at scope and member first, over REST the call itself does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Mcp,
    Rest,
}

/// How a fault is answered over MCP: status, code, and words of the challenge or of the message. Over REST every code has
/// its own status.
fn answer(fault: Fault) -> (u16, &'static str, &'static str) {
    match fault {
        Fault::Bearer => (401, "UNAUTHENTICATED", "no bearer token"),
        Fault::Known => (401, "UNAUTHENTICATED", "unknown, expired or revoked"),
        Fault::Audience => (401, "UNAUTHENTICATED", "not for this endpoint"),
        Fault::Scope => (403, "FORBIDDEN", "cookies:read"),
        Fault::Role => (200, "FORBIDDEN", "no role in a project here"),
        Fault::Entitled => (200, "FORBIDDEN", "switched off"),
        Fault::Rate => (200, "RATE_LIMITED", "in this minute"),
        Fault::Arguments => (200, "INVALID_INPUT", "nonsense"),
        Fault::Belongs => (200, "NOT_FOUND", "Bug not found."),
        Fault::Daily => (200, "QUOTA_EXCEEDED", "of this day"),
    }
}

struct World {
    server: TestServer,
    ours: BugId,
    foreign: BugId,
    /// A developer of the shop.
    developer: MemberId,
    /// A member without any role.
    outsider: MemberId,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::new().await;
        let (ours, _) = server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap();
        let (foreign, _) = server.store.create_bug(data::bug(server.other, "of another project")).await.unwrap();
        let (developer, outsider) = (server.member().await, server.member().await);
        server.store.set_role(server.shop, Actor::Member(developer), Some(Role::Developer)).await.unwrap();
        Self { server, ours: ours.id, foreign: foreign.id, developer, outsider }
    }

    /// Calls a tool with exactly these faults: status, code, and all that was said.
    async fn call(&self, way: Way, faults: &[Fault]) -> (u16, String, String) {
        let has = |fault| faults.contains(&fault);
        let server = &self.server;
        let scopes = if has(Fault::Scope) { vec![Scope::BugsRead] } else { vec![Scope::BugsRead, Scope::CookiesRead] };
        let member = if has(Fault::Role) { self.outsider } else { self.developer };
        let made = server.caller_like(|new| {
            new.scopes = scopes;
            new.actor = Some(Actor::Member(member));
            new.expires_at = has(Fault::Known).then_some(EpochMs(1));
            new.bound_project = has(Fault::Audience).then_some(server.shop);
        });
        let config = QueryConfig {
            scopes_off: if has(Fault::Entitled) { vec![Scope::CookiesRead] } else { Vec::new() },
            calls_per_minute: if has(Fault::Rate) { 0 } else { 600 },
            calls_per_day: if has(Fault::Daily) { 0 } else { 600 },
            ..QueryConfig::default()
        };
        let caller = server.restarted(config, &made.await.secret).await;
        let bug = if has(Fault::Belongs) { self.foreign } else { self.ours };
        let mut arguments = json!({"bug_id": bug});
        if has(Fault::Arguments) {
            arguments["nonsense"] = json!(1);
        }
        let params = json!({"name": "get_bug_cookies", "arguments": arguments.clone()});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let mut request = match way {
            Way::Mcp => caller.mcp(&body),
            Way::Rest => caller.mcp_at("/v1/tools/get_bug_cookies", &arguments),
        };
        if has(Fault::Bearer) {
            request = request.header("Authorization", "Bearer pht_another");
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        let body: Value = response.json().await.unwrap();
        let body = body.get("result").unwrap_or(&body).clone();
        (status, code(&body).to_owned(), format!("{}{body}", challenge.unwrap_or_default()))
    }

    /// Checks that a call with these faults is answered, either way, as the first of them is.
    async fn check(&self, faults: &[Fault]) {
        for way in [Way::Mcp, Way::Rest] {
            let (status, code, said) = self.call(way, faults).await;
            let mut want = faults.first().map_or((200, "none", "\"isError\":false"), |fault| answer(*fault));
            if way == Way::Rest {
                want.0 = status_of(want.1);
            }
            assert_eq!((status, code.as_str()), (want.0, want.1), "{way:?} {faults:?}: {said}");
            assert!(said.contains(want.2), "{way:?} {faults:?}: {said} lacks {:?}", want.2);
        }
    }
}

fn status_of(code: &str) -> u16 {
    match code {
        "none" => 200,
        "INVALID_INPUT" => 400,
        "UNAUTHENTICATED" => 401,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "RATE_LIMITED" | "QUOTA_EXCEEDED" => 429,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn each_check_answers_for_itself_and_leaves_a_row() {
    let world = World::new().await;
    world.check(&[]).await;
    for fault in ALL {
        world.check(&[fault]).await;
    }
    // The last step: whatever the outcome, a call of somebody who is known is noted once.
    let entries = world.server.store.audit_entries(AuditQuery::default(), None, 100).await.unwrap().items;
    let mut codes: Vec<_> = entries.iter().map(|(_, entry)| entry.code.map_or("none", |code| code.as_str())).collect();
    codes.sort_unstable();
    let noted = ALL[2..].iter().map(|fault| answer(*fault).1).chain(["none"]);
    let mut want: Vec<_> = noted.flat_map(|code| [code, code]).collect();
    want.sort_unstable();
    assert_eq!(codes, want);
}

#[tokio::test]
async fn of_two_neighbours_the_earlier_answers() {
    let world = World::new().await;
    for pair in ALL.windows(2) {
        world.check(pair).await;
    }
}

#[tokio::test]
async fn of_all_that_is_left_the_first_answers() {
    let world = World::new().await;
    for first in 0..ALL.len() {
        world.check(&ALL[first..]).await;
    }
}
