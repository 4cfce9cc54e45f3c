//! Renditions of screenshots.

use image::{DynamicImage, ImageFormat, RgbImage};
use playhead_schemas::BugId;
use playhead_store::{NewBug, NewScreenshot, PictureState, RenditionKind};

use crate::support::TestApp;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::new(width, height)).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

async fn report(app: &TestApp, size: (u32, u32), bytes: Vec<u8>) -> BugId {
    let screenshot =
        NewScreenshot { media_type: "image/png".to_owned(), width: size.0, height: size.1, bytes: bytes.into() };
    let bug = NewBug {
        project: app.project.id,
        client_id: None,
        title: "x".to_owned(),
        description: String::new(),
        reporter: Default::default(),
        page: Default::default(),
        system: Default::default(),
        metadata: Default::default(),
        tags: Vec::new(),
        priority: Default::default(),
        cookies: Vec::new(),
        replay: None,
        screenshots: vec![screenshot],
        attachments: Vec::new(),
    };
    app.store.create_bug(bug).await.unwrap().0.id
}

#[tokio::test]
async fn a_screenshot_gets_a_thumbnail_and_a_view() {
    let app = TestApp::new().await;
    let bug = report(&app, (3136, 1000), png(3136, 1000)).await;
    assert_eq!(app.drain().await.done, 1);
    let screenshots = app.store.screenshots(bug).await.unwrap();
    assert_eq!(screenshots[0].state, PictureState::Ready);
    let size = |kind| {
        let found = screenshots[0].renditions.iter().find(|r| r.kind == kind).unwrap();
        (found.width, found.height)
    };
    assert_eq!(size(RenditionKind::Thumb), (480, 153));
    assert_eq!(size(RenditionKind::View), (1568, 500));
}

#[tokio::test]
async fn a_damaged_picture_is_given_up_at_once() {
    let app = TestApp::new().await;
    let mut bytes = png(300, 300);
    bytes.truncate(60);
    let bug = report(&app, (300, 300), bytes).await;
    let end = app.drain().await;
    assert_eq!((end.done, end.retried, end.dead), (0, 0, 1));
    assert_eq!(app.store.screenshots(bug).await.unwrap()[0].state, PictureState::Failed);
}
