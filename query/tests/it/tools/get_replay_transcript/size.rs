//! Transcripts fill the size that the caller allows: never more, at most 2 % less while there is more to say.

use playhead_schemas::timeline::{FailureKind, Span};
use playhead_schemas::{Moment, MomentKind, Timeline};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::data::{failure, moment, transcribed};
use crate::support::{Caller, Form, TestServer};

/// Recordings that are tried, and sizes of answers for each of their views.
const RECORDINGS: usize = 8;
const SIZES: usize = 2;
/// A long text that stands in many moments, as a console's does.
const REPEATED: &str = "console error: Warning: each child in a list should have a unique key prop, see the render \
    method of OrderTable for more information on it at render (/static/js/orders.4f2e.js:2:18233)";

/// Texts that cost many tokens for their length, or few, or look like ours.
const COSTLY: [&str; 7] =
    ["漢字かな交じり文 ", "\"\\\"\\ <>& ", "\u{1F469}🏽‍🚀🇩🇪", "aB3$ xY7% qZ9& ", "=", "[[\"a\"] > b] ", "§1{x}§ "];

/// A moment with this text. Of a console line the message may be named, of others a part of it or all.
fn named(id: u32, kind: MomentKind, t_ms: u64, text: &str) -> Moment {
    let start = ["console error: ", "click button "].iter().find(|words| text.starts_with(**words));
    let start = start.map_or(0, |words| words.len());
    let unit = Span { start: start as u32, len: (text.len() - start) as u32 };
    Moment { units: vec![unit], ..moment(id, kind, t_ms, text) }
}

/// The text of a moment: short or long, cheap or costly for its length, alone or repeated.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0..50_u32, 0..5_u32).prop_map(|(item, ms)| format!(
            "click button \"Item {item}\" [#list > li:nth-child({item})] -> m9 GET /api/items/{item} 200 ({ms} ms)"
        )),
        2 => Just(REPEATED.to_owned()),
        1 => (proptest::sample::select(&COSTLY[..]), 1..120_usize).prop_map(|(text, times)| text.repeat(times)),
        1 => "\\PC{0,300}",
    ]
}

fn timeline() -> impl Strategy<Value = Timeline> {
    (proptest::collection::vec(text(), 1..60), 1..40_usize).prop_map(|(texts, rounds)| {
        let all = texts.iter().cycle().take(texts.len() * rounds);
        let moments = (1..).zip(all).map(|(id, text)| {
            let kind = [MomentKind::Click, MomentKind::Console, MomentKind::Input][id as usize % 3];
            named(id, kind, u64::from(id) * 250, text)
        });
        let failures = (1..=texts.len() as u32).step_by(7);
        let failures = failures.map(|id| failure(FailureKind::ConsoleError, &texts[id as usize - 1], id, None, &[]));
        Timeline { failures: failures.collect(), moments: moments.collect(), ..Timeline::default() }
    })
}

/// Asks twice in each form of the answer, and checks its size.
async fn check(caller: &Caller, arguments: &Value) {
    let max = arguments["max_tokens"].as_u64().unwrap() as usize;
    for form in [Form::Text, Form::Structured] {
        let called = caller.call_in(form, "get_replay_transcript", arguments.clone()).await;
        let again = caller.call_in(form, "get_replay_transcript", arguments.clone()).await;
        assert_eq!(called.0, again.0, "{arguments}");
        let tokens = called.tokens();
        assert!(tokens <= max, "{form:?}: {tokens} of {max}: {arguments}");
        let left_out = called.cursor().is_some() || called.text().contains("The summary is cut");
        assert!(!left_out || tokens * 100 >= max * 98, "{form:?}: {tokens} of {max}: {arguments}\n{}", called.text());
    }
}

#[tokio::test]
async fn transcripts_fill_their_size() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..RECORDINGS {
        let timeline = timeline().new_tree(&mut runner).unwrap().current();
        let summary: String = timeline.moments.iter().take(60).map(|moment| format!("{}\n", moment.text)).collect();
        let (bug, _) = transcribed(&server.store, server.shop, &timeline, &summary).await;
        let middle = timeline.moments.len() / 2 + 1;
        for view in [
            json!({"verbosity": "summary"}),
            json!({"verbosity": "detailed"}),
            json!({"kinds": ["console"], "from": 500}),
            json!({"from": format!("m{middle}")}),
            json!({"focus": format!("m{middle}")}),
            json!({"focus": 0}),
        ] {
            for _ in 0..SIZES {
                let max = (2_000..=25_000_u32).new_tree(&mut runner).unwrap().current();
                let mut arguments = view.clone();
                arguments["bug_id"] = json!(bug);
                arguments["max_tokens"] = json!(max);
                check(&caller, &arguments).await;
            }
        }
    }
}

#[tokio::test]
async fn pages_of_repeated_lines_are_full_too() {
    // A name stands for each repeat, so many more lines fit than their length lets one expect.
    let server = TestServer::new().await;
    let repeated = (1..=3_000).map(|id| named(id, MomentKind::Console, u64::from(id), &REPEATED.repeat(5)));
    let timeline = Timeline { moments: repeated.collect(), ..Timeline::default() };
    let (bug, _) = transcribed(&server.store, server.shop, &timeline, "s").await;
    let caller = server.reader().await;
    for view in [json!({"verbosity": "detailed"}), json!({"focus": "m1"}), json!({"focus": "m1500"})] {
        let mut arguments = view;
        arguments["bug_id"] = json!(bug);
        arguments["max_tokens"] = json!(25_000);
        check(&caller, &arguments).await;
    }
}
