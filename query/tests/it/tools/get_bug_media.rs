//! `get_bug_media`: which pictures and files came with a bug.

use playhead_schemas::ScreenshotId;
use serde_json::json;

use crate::data::{self, screenshot};
use crate::support::TestServer;

#[tokio::test]
async fn pictures_and_files_are_listed() {
    let server = TestServer::new().await;
    let mut new = data::full_bug(server.shop, "media");
    new.screenshots = vec![screenshot(800, 600, 50_000), screenshot(3_000, 2_000, 1_200_000)];
    let (bug, _) = server.store.create_bug(new).await.unwrap();
    let ids: Vec<ScreenshotId> = server.store.screenshots(bug.id).await.unwrap().iter().map(|shot| shot.id).collect();
    let media = server.reader().await.call("get_bug_media", json!({"bug_id": bug.id})).await;
    assert_eq!(media.data()["screenshots"].as_array().unwrap().len(), 2);
    assert_eq!(media.data()["screenshots"][1]["bytes"], 1_200_000);
    assert!(ids.iter().all(|id| media.text().contains(&id.to_string())));
    assert!(media.text().contains("5 bytes, text/plain, log.txt"), "{}", media.text());
}
