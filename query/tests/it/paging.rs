//! Walking pages shows each thing once; cursors are good for their own list only.

use playhead_query::{CursorKey, QueryConfig};
use playhead_schemas::{Scope, Stream};
use serde_json::{Value, json};

use crate::data::{self, clicks, cookie, publish, transcribed};
use crate::support::{Called, Caller, TestServer};

/// The lines of a page that are whole; one that is only begun stands on the next page again.
fn whole(page: &Called) -> impl Iterator<Item = &str> {
    let lines = page.data()["untrusted"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    lines.filter(|line| !line.ends_with("[whole on the next page]"))
}

/// Every page of a list, from the first to the last.
async fn walk(caller: &Caller, tool: &str, arguments: Value) -> Vec<Called> {
    let mut pages = vec![caller.call(tool, arguments.clone()).await];
    while let Some(cursor) = pages.last().unwrap().cursor() {
        let mut next = arguments.clone();
        next["cursor"] = json!(cursor);
        assert!(pages.last().unwrap().text().contains(cursor), "the text states the way on");
        pages.push(caller.call(tool, next).await);
        assert!(pages.len() < 1_000, "no end");
    }
    pages
}

#[tokio::test]
async fn each_moment_is_on_one_page() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(1_234), "s").await;
    let caller = server.reader().await;
    for max_tokens in [2_000, 7_000, 25_000] {
        let arguments = json!({"bug_id": bug, "verbosity": "detailed", "max_tokens": max_tokens});
        let pages = walk(&caller, "get_replay_transcript", arguments).await;
        let ids: Vec<String> =
            pages.iter().flat_map(whole).map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(ids, (1..=1_234).map(|id| format!("m{id}")).collect::<Vec<_>>(), "{max_tokens}");
        for page in &pages {
            assert!(page.tokens() <= max_tokens, "{} of {max_tokens}", page.tokens());
        }
        // Pages are filled: none but the last is more than 2 % smaller than it may be.
        for page in &pages[..pages.len() - 1] {
            assert!(page.tokens() * 100 >= max_tokens * 98, "{} of {max_tokens}", page.tokens());
        }
    }
}

#[tokio::test]
async fn narrowed_transcripts_are_walked_too() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(900), "s").await;
    let arguments = json!({"bug_id": bug, "from": 100_000, "to": 800_000, "kinds": ["click"], "max_tokens": 3_000});
    let pages = walk(&server.reader().await, "get_replay_transcript", arguments).await;
    assert_eq!(pages.iter().flat_map(whole).count(), 700);
    assert!(pages.len() > 3);
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
        ("search_bugs", json!({"limit": 19, "query": "BUG"})),
    ] {
        let pages = walk(&caller, tool, arguments.clone()).await;
        let ids: Vec<&str> = pages
            .iter()
            .flat_map(|page| page.data()["bugs"].as_array().unwrap())
            .map(|bug| bug["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, made, "{arguments}");
        assert!(pages.iter().all(|page| !page.data()["bugs"].as_array().unwrap().is_empty()), "no empty page");
    }
    let projects = walk(&caller, "list_projects", json!({"limit": 1})).await;
    assert_eq!(projects.len(), 2);
}

#[tokio::test]
async fn a_long_report_is_whole_over_its_pages() {
    let server = TestServer::new().await;
    let description = (0..4_000).map(|at| format!("line {at} of the \"story\"\n")).collect::<String>();
    let mut new = data::full_bug(server.shop, "long");
    new.description = description.chars().take(50_000).collect();
    new.metadata = (0..2_000).map(|at| (format!("key{at:04}"), json!(at))).collect();
    let (bug, _) = server.store.create_bug(new.clone()).await.unwrap();
    let bodies: Vec<String> = (0..45).map(|at| format!("comment {at} {}", "words ".repeat(at * 40))).collect();
    for body in &bodies {
        server.store.add_comment(bug.id, "Grace", body).await.unwrap();
    }
    let caller = server.reader().await;
    for max_tokens in [2_000, 20_000] {
        let pages = walk(&caller, "get_bug", json!({"bug_id": bug.id, "max_tokens": max_tokens})).await;
        assert!(pages.iter().all(|page| page.tokens() <= max_tokens));
        let part = |name: &str| -> String {
            let parts = pages.iter().flat_map(|page| page.data()["untrusted"]["parts"].as_array().unwrap());
            parts.filter(|part| part["part"] == name).map(|part| part["text"].as_str().unwrap()).collect()
        };
        assert_eq!(part("description"), new.description);
        let metadata: Value = serde_json::from_str(&part("metadata")).unwrap();
        assert_eq!(metadata["metadata"], Value::Object(new.metadata.clone()));
        assert_eq!(part("comment"), bodies.concat());
    }
}

#[tokio::test]
async fn each_cookie_is_on_one_page() {
    let server = TestServer::new().await;
    let mut new = data::bug(server.shop, "cookies");
    new.cookies = (0..150).map(|at| cookie(&format!("c{at}"), &"v1.a-Z/".repeat(at * 3))).collect();
    let names: Vec<String> = new.cookies.iter().map(|cookie| cookie.name.clone()).collect();
    let (bug, _) = server.store.create_bug(new).await.unwrap();
    let caller = server.caller(&[Scope::CookiesRead]).await;
    let pages = walk(&caller, "get_bug_cookies", json!({"bug_id": bug.id, "max_tokens": 5_000})).await;
    let seen: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.data()["untrusted"].as_array().unwrap())
        .map(|cookie| cookie["name"].as_str().unwrap())
        .collect();
    assert_eq!(seen, names);
    assert!(pages.iter().all(|page| page.tokens() <= 5_000));
}

#[tokio::test]
async fn raw_data_is_read_to_its_end() {
    let server = TestServer::new().await;
    let parts: Vec<String> =
        (0..3).map(|n| format!("[{}]\n", "{\"überall\":[1,2,\"✓\"]},".repeat(2_000 + n))).collect();
    let mut payloads: Vec<(Stream, &[u8])> = parts.iter().map(|part| (Stream::Rrweb, part.as_bytes())).collect();
    payloads.insert(1, (Stream::Console, b"[]"));
    let replay = data::upload(&server.store, server.shop, "raw", &payloads).await;
    let caller = server.caller(&[Scope::ReplayRaw]).await;
    let (mut text, mut offset, mut pages) = (String::new(), 0, 0);
    loop {
        let arguments = json!({"replay_id": replay, "stream": "rrweb", "offset": offset});
        let called = caller.call("get_replay_raw", arguments).await;
        assert!(called.tokens() <= 10_000);
        text.push_str(called.data()["untrusted"].as_str().unwrap());
        pages += 1;
        let Some(next) = called.data()["next_offset"].as_u64() else { break };
        assert!(next > offset && called.text().contains(&format!("offset {next}")));
        offset = next;
    }
    assert_eq!(text, parts.concat());
    assert!(pages > 1);
}

#[tokio::test]
async fn much_raw_data_is_given_only_when_its_size_is_acknowledged() {
    let server = TestServer::new().await;
    let raw = "{\"type\":3}\n".repeat(60_000);
    let replay = data::upload(&server.store, server.shop, "big", &[(Stream::Rrweb, raw.as_bytes())]).await;
    let caller = server.caller(&[Scope::ReplayRaw]).await;
    let arguments = |more: Value| {
        let mut arguments = json!({"replay_id": replay, "stream": "rrweb"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let head = caller.call("get_replay_raw", arguments(json!({}))).await;
    assert_eq!(head.data()["total_bytes"], raw.len());
    assert!(head.tokens() <= 10_000);
    assert!(raw.starts_with(head.data()["untrusted"].as_str().unwrap()));

    let edge = caller.call("get_replay_raw", arguments(json!({"offset": 199_990}))).await;
    assert_eq!(edge.data()["next_offset"], 200_000);
    assert!(edge.text().contains("acknowledge_size true"), "{}", edge.text());
    for more in [
        json!({"offset": 200_000}),
        json!({"max_bytes": 1_000}),
        json!({"max_bytes": (2 << 20) + 1, "acknowledge_size": true}),
    ] {
        let refused = caller.refused("get_replay_raw", arguments(more)).await;
        assert_eq!((refused.status, refused.code.as_str()), (413, "PAYLOAD_TOO_LARGE"), "{refused:?}");
    }
    let further = caller.call("get_replay_raw", arguments(json!({"offset": 200_000, "acknowledge_size": true}))).await;
    assert!(further.tokens() <= 10_000);
    let whole =
        caller.call("get_replay_raw", arguments(json!({"acknowledge_size": true, "max_bytes": 1_000_000}))).await;
    assert_eq!(whole.data()["untrusted"], raw);
    assert_eq!(whole.data().get("next_offset"), None);
}

#[tokio::test]
async fn cursors_are_good_for_their_own_call_only() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &clicks(500), "s").await;
    let (other_bug, _) = transcribed(&server.store, server.shop, &clicks(500), "s").await;
    let caller = server.reader().await;
    let detailed = |bug, more: Value| {
        let mut arguments = json!({"bug_id": bug, "verbosity": "detailed", "max_tokens": 3_000});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let first = caller.call("get_replay_transcript", detailed(bug, json!({}))).await;
    let cursor = first.cursor().unwrap().to_owned();
    let mut forged = cursor.clone().into_bytes();
    let middle = cursor.len() / 2;
    forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let list = caller.call("list_bugs", json!({"limit": 1})).await;
    let foreign = list.cursor().unwrap();
    let elsewhere = server.reader().await;
    for (what, caller, arguments, part) in [
        ("forged", &caller, detailed(bug, json!({"cursor": forged})), "not one that this server gave"),
        ("garbage", &caller, detailed(bug, json!({"cursor": "x"})), "not one that this server gave"),
        ("another tool", &caller, detailed(bug, json!({"cursor": foreign})), "another call"),
        ("another bug", &caller, detailed(other_bug, json!({"cursor": cursor})), "another call"),
        ("another filter", &caller, detailed(bug, json!({"cursor": cursor, "from": 1})), "another call"),
        ("another token", &elsewhere, detailed(bug, json!({"cursor": cursor})), "another call"),
    ] {
        let refused = caller.refused("get_replay_transcript", arguments).await;
        assert_eq!((refused.status, refused.code.as_str()), (400, "INVALID_INPUT"), "{what}");
        assert!(refused.message.contains("cursor") && refused.message.contains(part), "{what}: {}", refused.message);
        assert!(refused.action.contains("without cursor") || refused.action.contains("leave cursor out"), "{what}");
    }
    // A size is no filter: the page may have another one.
    let mut larger = detailed(bug, json!({"cursor": cursor}));
    larger["max_tokens"] = json!(20_000);
    caller.call("get_replay_transcript", larger).await;

    publish(&server.store, replay, &clicks(500), "again").await;
    let stale = caller.refused("get_replay_transcript", detailed(bug, json!({"cursor": cursor}))).await;
    assert!(stale.message.contains("stale"), "{}", stale.message);
}

#[tokio::test]
async fn cursors_outlive_a_restart_when_their_key_does() {
    let key = || QueryConfig { cursor_key: Some(CursorKey::new([9; 32])), ..QueryConfig::default() };
    let server = TestServer::with(key()).await;
    transcribed(&server.store, server.shop, &clicks(1), "s").await;
    transcribed(&server.store, server.shop, &clicks(1), "s").await;
    let caller = server.reader().await;
    let cursor = caller.call("list_bugs", json!({"limit": 1})).await.cursor().unwrap().to_owned();
    for (config, good) in [(key(), true), (QueryConfig::default(), false)] {
        let restarted = server.restarted(config, &caller.secret).await;
        let (status, body) = restarted.rest("list_bugs", json!({"limit": 1, "cursor": cursor})).await;
        assert_eq!(status == 200, good, "{body}");
    }
}
