//! No answer has more tokens than the caller allowed, whatever is stored.

use playhead_schemas::text::visible;
use playhead_schemas::timeline::FailureKind;
use playhead_schemas::{MomentKind, Scope, Stream, Timeline};
use playhead_store::{Author, NewComment};
use serde_json::{Value, json};

use crate::data::{self, cookie, failure, moment, publish};
use crate::support::{Called, Caller, Form, TestServer};

/// Texts that cost many tokens for their length, or grow when they are escaped.
const COSTLY: [&str; 4] = ["漢字かな交じり文", "\"\\\"\\n\t<>&", "\u{1F469}🏽‍🚀🇩🇪", "aB3$ xY7% qZ9& "];

/// A replay and a bug in which every text is long, costly and hostile.
async fn heavy(server: &TestServer, text: &str) -> (String, String) {
    let (long, longer) = (text.repeat(400), text.repeat(8_000));
    let mut moments = Vec::new();
    for id in 1..=120 {
        let kind = if id % 3 == 0 { MomentKind::Error } else { MomentKind::Click };
        let mut moment = moment(id, kind, u64::from(id) * 100, &long);
        moment.url = Some(long.clone());
        moment.message = Some(long.clone());
        moment.stack = Some(vec![text.repeat(20); 40].join("\n"));
        moments.push(moment);
    }
    let failures = (1..=39)
        .map(|at| failure(FailureKind::UncaughtError, &long, at * 3, Some(at * 3 - 1), &[1, 2, 4, 5, 7, 8]))
        .collect();
    let timeline = Timeline { moments, failures, ..Timeline::default() };
    let replay = data::upload(&server.store, server.shop, "heavy", &[(Stream::Rrweb, longer.as_bytes())]).await;
    publish(&server.store, replay, &timeline, &visible(&long).chars().take(1_300).collect::<String>()).await;
    let mut new = data::full_bug(server.shop, "heavy");
    new.title = long.chars().take(300).collect();
    new.description = longer.chars().take(50_000).collect();
    new.tags = (0..50).map(|at| format!("{at} {}", long.chars().take(60).collect::<String>())).collect();
    new.reporter.name = Some(long.clone());
    new.page.url = Some(long.clone());
    new.page.title = Some(long.clone());
    new.system.user_agent = Some(long.clone());
    new.system.browser = Some(long.clone());
    new.system.os = Some(long.clone());
    new.system.timezone = Some(long.clone());
    new.metadata = json!({"text": longer.chars().take(15_000).collect::<String>()}).as_object().unwrap().clone();
    new.cookies = (0..60).map(|at| cookie(&format!("c{at}"), &long)).collect();
    let (bug, _) = server.store.create_bug(new).await.unwrap();
    let author = Author::named(long.chars().take(200).collect::<String>());
    server.store.add_comment(NewComment::new(bug.id, author, longer)).await.unwrap();
    (bug.id.to_string(), replay.to_string())
}

fn is_cut(called: &Called) -> bool {
    let text = called.text();
    ["cursor\"", "cursor \"", "next_offset", "cut", "Did not fit", "offset ", "left out", "further", "remaining\":[\"m"]
        .iter()
        .any(|word| text.contains(word))
}

#[tokio::test]
async fn answers_keep_their_size() {
    for text in COSTLY {
        let server = TestServer::new().await;
        let (bug, replay) = heavy(&server, text).await;
        let caller = server.caller(&Scope::ALL).await;
        let ids: Vec<String> = (1..=100).map(|id| format!("m{id}")).collect();
        for (tool, arguments) in [
            ("get_bug", json!({"bug_id": bug})),
            ("get_bug_context", json!({"bug_id": bug})),
            ("list_comments", json!({"bug_id": bug})),
            ("get_replay_transcript", json!({"bug_id": bug})),
            ("get_replay_transcript", json!({"bug_id": bug, "verbosity": "detailed"})),
            ("get_replay_moments", json!({"replay_id": replay, "ids": ids})),
            ("get_replay_moments", json!({"replay_id": replay, "ids": ["m3"]})),
            ("get_replay_raw", json!({"replay_id": replay, "stream": "rrweb"})),
            ("get_bug_cookies", json!({"bug_id": bug})),
            ("generate_fix_prompt", json!({"bug_id": bug})),
        ] {
            for form in Form::ALL {
                check(&caller, form, tool, &arguments).await;
            }
        }
    }
}

/// Checks that an answer has the size that was asked for, or the default one, and says when it is cut.
async fn check(caller: &Caller, form: Form, tool: &str, arguments: &Value) {
    for max_tokens in [2_000, 3_333, 10_000, 25_000] {
        let mut arguments = arguments.clone();
        arguments["max_tokens"] = json!(max_tokens);
        let called = caller.call_in(form, tool, arguments.clone()).await;
        let tokens = called.tokens();
        assert!(tokens <= max_tokens, "{form:?} {tool}: {tokens} of {max_tokens}: {}", called.text());
        // A summary is short and a moment may be, so they may be whole.
        let whole = match tool {
            "get_replay_transcript" => called.text().contains("gives every moment"),
            "get_replay_moments" => !called.text().contains('…') && arguments["ids"] == json!(["m3"]),
            _ => false,
        };
        assert!(whole || is_cut(&called), "{form:?} {tool} {max_tokens}: no cut is stated: {}", called.text());
    }
    let called = caller.call_in(form, tool, arguments.clone()).await;
    assert!(called.tokens() <= 10_000, "{form:?} {tool}: {} by default", called.tokens());
}

#[tokio::test]
async fn lists_of_heavy_bugs_keep_their_size() {
    let server = TestServer::new().await;
    for text in COSTLY {
        for _ in 0..25 {
            let mut new = data::bug(server.shop, &text.repeat(60).chars().take(300).collect::<String>());
            new.tags =
                (0..50).map(|at| format!("{at} {}", text.repeat(20).chars().take(60).collect::<String>())).collect();
            server.store.create_bug(new).await.unwrap();
        }
    }
    let caller = server.reader().await;
    for form in Form::ALL {
        let called = caller.call_in(form, "list_bugs", json!({"limit": 100})).await;
        assert!(called.tokens() <= 10_000, "{form:?}: {}", called.tokens());
        assert!(called.tokens() > 5_000, "{form:?}: {}", called.tokens());
        assert!(called.cursor().is_some());
    }
}

#[tokio::test]
async fn the_default_size_is_a_setting() {
    let config = playhead_query::QueryConfig { result_tokens_default: 5_000, ..Default::default() };
    let server = TestServer::with(config).await;
    let (bug, _) = data::transcribed(&server.store, server.shop, &data::clicks(1_500), "s").await;
    let caller = server.reader().await;
    for form in Form::ALL {
        let arguments = json!({"bug_id": bug, "verbosity": "detailed"});
        let called = caller.call_in(form, "get_replay_transcript", arguments).await;
        assert!((4_900..=5_000).contains(&called.tokens()), "{}", called.tokens());
        let arguments = json!({"bug_id": bug, "verbosity": "detailed", "max_tokens": 12_000});
        let called = caller.call_in(form, "get_replay_transcript", arguments).await;
        assert!((11_760..=12_000).contains(&called.tokens()), "{}", called.tokens());
    }
}
