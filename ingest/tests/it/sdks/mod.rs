//! The SDKs of other products, unchanged: bodies that they sent, and what became of them.

mod bad;
mod posthog;
mod sentry;

use axum::body::Body;
use http::{Method, Request};
use playhead_store::{Bug, BugQuery, MomentQuery, Replay};
use playhead_web::testing::Answer;
use playhead_worker::Sweep;

use crate::app::TestApp;

/// A body that an SDK sent from a page of ours.
pub(super) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}.body", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

impl TestApp {
    /// Posts a body as a page of `shop.test` does.
    pub(super) async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(Method::POST).uri(path).header("origin", "http://shop.test");
        let request = if content_type.is_empty() { request } else { request.header("content-type", content_type) };
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Posts an envelope.
    pub(super) async fn envelope(&self, body: impl Into<Body>) -> Answer {
        let path = format!("/api/7/envelope/?sentry_version=7&sentry_key={}&sentry_client=test%2F1", self.key);
        self.post(&path, "", body).await
    }

    pub(super) async fn replay(&self, key: &str) -> Replay {
        let found = self.store.replay_by_key(self.project.id, &key.parse().unwrap()).await.unwrap();
        found.unwrap_or_else(|| panic!("no replay {key}"))
    }

    pub(super) async fn bugs(&self) -> Vec<Bug> {
        let query = BugQuery { projects: vec![self.project.id], limit: 100, ..BugQuery::default() };
        let mut bugs = Vec::new();
        for row in self.store.bugs(query).await.unwrap() {
            bugs.push(self.store.bug(row.id).await.unwrap());
        }
        bugs
    }

    /// The numbers and streams of a replay's segments, with their windows.
    pub(super) async fn segments(&self, key: &str) -> Vec<(u32, &'static str, Option<String>)> {
        let segments = self.store.segments(self.replay(key).await.id).await.unwrap();
        segments.into_iter().map(|s| (s.n.0, s.stream.as_str(), s.window)).collect()
    }

    /// Closes what got nothing for a while, and transcribes it.
    pub(super) async fn close_idle(&self) {
        assert!(self.worker().sweep(Sweep::IdleReplays).await.unwrap() > 0, "nothing was open");
        self.drain().await;
    }

    /// The transcript of a replay as lines of `kind: text`, after its idle time.
    pub(super) async fn transcribed(&self, key: &str) -> Vec<String> {
        self.close_idle().await;
        self.lines(key).await
    }

    pub(super) async fn lines(&self, key: &str) -> Vec<String> {
        let replay = self.replay(key).await.id;
        let query = MomentQuery { limit: 500, ..MomentQuery::default() };
        let (_, lines) = self.store.transcript_page(replay, &query).await.unwrap().expect("no transcript");
        lines.into_iter().map(|line| format!("{}: {}", line.kind.as_str(), line.text)).collect()
    }
}

/// Asserts that some line holds all of these texts.
#[track_caller]
pub(super) fn says(lines: &[String], texts: &[&str]) {
    let found = lines.iter().any(|line| texts.iter().all(|text| line.contains(text)));
    assert!(found, "no line says {texts:?} in\n{}", lines.join("\n"));
}
