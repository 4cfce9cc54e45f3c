//! The browser SDK as the server hands it out.

use std::io::Read as _;

use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha384};
use tower::ServiceExt as _;

use crate::app::TestApp;

async fn get(app: &TestApp, path: &str, header: Option<(&str, &str)>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let answer = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    (head.status, head.headers, to_bytes(body, 1 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn the_scripts_are_those_that_their_hashes_name() {
    let app = TestApp::new().await;
    let (status, _, listed) = get(&app, "/sdk/v1/files.json", None).await;
    assert_eq!(status, 200);
    let listed: Value = serde_json::from_slice(&listed).unwrap();
    for name in ["playhead.js", "playhead-widget.js"] {
        let path = format!("/sdk/v1/{name}");
        let (status, headers, plain) = get(&app, &path, None).await;
        assert_eq!(status, 200, "{name}");
        let hash = format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(&plain)));
        assert_eq!(listed["files"][name]["integrity"], hash.as_str(), "{name}");
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
        assert!(headers["cache-control"].to_str().unwrap().starts_with("public, max-age="));

        let (_, zipped_headers, zipped) = get(&app, &path, Some(("accept-encoding", "br, gzip;q=0.8"))).await;
        assert_eq!(zipped_headers["content-encoding"], "gzip");
        let mut unzipped = Vec::new();
        GzDecoder::new(&zipped[..]).read_to_end(&mut unzipped).unwrap();
        assert_eq!(unzipped, plain, "{name}");
        let (_, refused, _) = get(&app, &path, Some(("accept-encoding", "gzip;q=0"))).await;
        assert!(!refused.contains_key("content-encoding"));
    }
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let app = TestApp::new().await;
    let (_, headers, _) = get(&app, "/sdk/v1/playhead.js", None).await;
    let etag = headers["etag"].to_str().unwrap();
    for known in [etag.to_owned(), format!("\"other\", W/{etag}"), "*".to_owned()] {
        let (status, headers, body) = get(&app, "/sdk/v1/playhead.js", Some(("if-none-match", &known))).await;
        assert_eq!((status, body.len(), &headers["etag"]), (StatusCode::NOT_MODIFIED, 0, &headers["etag"]), "{known}");
    }
    let (status, ..) = get(&app, "/sdk/v1/playhead.js", Some(("if-none-match", "\"other\""))).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn other_files_are_not_there() {
    let app = TestApp::new().await;
    for path in ["/sdk/v1/index.mjs", "/sdk/v1/..%2f..%2fCargo.toml", "/sdk/v1/"] {
        assert_eq!(get(&app, path, None).await.0, 404, "{path}");
    }
}
