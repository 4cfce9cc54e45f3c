//! Pictures: always an answer, never too large.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use playhead_schemas::ScreenshotId;
use playhead_store::{NewRendition, RenditionKind};
use serde_json::{Value, json};

use crate::data::{self, screenshot};
use crate::support::{Caller, TestServer};

async fn shown(caller: &Caller, id: ScreenshotId, size: &str) -> (String, Option<Vec<u8>>, Value) {
    let (status, body) = caller.rest("get_screenshot", json!({"screenshot_id": id, "size": size})).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body.get("structuredContent"), None, "clients drop pictures next to it");
    let text = body["content"][0]["text"].as_str().unwrap().to_owned();
    let picture = &body["content"][1];
    let bytes = picture["data"].as_str().map(|data| STANDARD.decode(data).unwrap());
    (text, bytes, picture["mimeType"].clone())
}

#[tokio::test]
async fn small_pictures_come_as_they_are_and_large_ones_as_views() {
    let server = TestServer::new().await;
    let mut new = data::bug(server.shop, "pictures");
    new.screenshots =
        vec![screenshot(800, 600, 50_000), screenshot(3_000, 2_000, 1_200_000), screenshot(9_000, 500, 5_000_000)];
    let (bug, _) = server.store.create_bug(new).await.unwrap();
    let ids: Vec<ScreenshotId> = server.store.screenshots(bug.id).await.unwrap().iter().map(|shot| shot.id).collect();
    let caller = server.reader().await;

    assert_eq!(shown(&caller, ids[0], "view").await.1.unwrap().len(), 50_000);
    for (id, size) in [(ids[1], "view"), (ids[2], "view"), (ids[2], "original"), (ids[1], "thumb")] {
        let (text, bytes, _) = shown(&caller, id, size).await;
        assert_eq!(bytes, None, "{size}");
        assert!(text.contains("few seconds"), "{text}");
    }
    assert_eq!(shown(&caller, ids[1], "original").await.1.unwrap().len(), 1_200_000);

    let made = |kind, byte: u8, width| NewRendition {
        kind,
        bytes: Bytes::from(vec![byte; 100]),
        media_type: "image/webp".into(),
        width,
        height: 100,
    };
    for id in &ids {
        let renditions = vec![made(RenditionKind::Thumb, 1, 480), made(RenditionKind::View, 2, 1568)];
        server.store.put_renditions(*id, renditions).await.unwrap();
    }
    for (id, size, want, said) in [
        (ids[0], "view", vec![7; 50_000], "800 x 600"),
        (ids[0], "thumb", vec![1; 100], "480 x 100"),
        (ids[1], "view", vec![2; 100], "smaller form"),
        (ids[1], "thumb", vec![1; 100], "480 x 100"),
        (ids[2], "original", vec![2; 100], "over 3.75 MB"),
    ] {
        let (text, bytes, media_type) = shown(&caller, id, size).await;
        assert!(bytes.as_ref() == Some(&want), "{size}: {text}");
        assert!(text.contains(said), "{said:?} in {text:?}");
        assert_eq!(media_type, if want.len() == 100 { "image/webp" } else { "image/png" });
    }
}
