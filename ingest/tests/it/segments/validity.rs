//! What counts as a stream: any JSON. What it says is the transcriber's matter.

use crate::app::{MULTIPART, TestApp, UploadAnswer, events, gzip, multipart};

#[tokio::test]
async fn nonsense_that_is_json_is_taken_and_becomes_a_transcript() {
    let app = TestApp::new().await;
    for (n, rrweb) in [
        r#"[1,"nonsense",null,{"type":"x"},[[]]]"#,
        r#"{"nothing":"known"}"#,
        r#"[{"type":3,"timestamp":1,"data":{"text":"cut \ud800 off"}}]"#,
        "[\"control \u{1} and\ttab\"]",
        "7",
    ]
    .into_iter()
    .enumerate()
    {
        let n = u32::try_from(n).unwrap();
        let answer = app.put("r1", n, format!("{{\"rrweb\":{rrweb}}}")).await;
        assert_eq!(answer.accepted().outcome("rrweb"), "accepted", "{rrweb}");
        assert_eq!(app.stored("r1", n, "rrweb").await, rrweb.as_bytes());
    }
    app.put("r1", 9, r#"{"final":true}"#).await.accepted();
    assert_eq!(app.drain().await.done, 1);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_with_the_place() {
    let app = TestApp::new().await;
    for (body, want) in [
        ("hello", "byte 0"),
        ("[1,2]", "an object was expected"),
        (r#"{"rrweb":[1,2}"#, "byte 13"),
        (r#"{"rrweb":[1,2]"#, "ends too early"),
        (r#"{"rrweb":[1,2]} tail"#, "after the end"),
        ("\u{0}\u{1}\u{2}", "byte 0"),
    ] {
        let answer = app.put("r1", 0, body).await;
        answer.refused(400, "INVALID_INPUT");
        assert!(answer.message().contains(want), "{body}: {}", answer.message());
    }
    let answer = app.put("r1", 0, &b"{\"rrweb\":[\"\xff\xfe\"]}"[..]).await;
    answer.refused(400, "INVALID_INPUT");
    assert!(answer.message().contains("UTF-8"), "{}", answer.message());
    assert!(!app.has_replay("r1").await);
}

#[tokio::test]
async fn deep_nesting_is_refused_and_ordinary_depth_is_not() {
    let app = TestApp::new().await;
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    for n in [10_000, 1_000_000] {
        let answer = app.put("r1", 0, format!("{{\"rrweb\":{}}}", nested(n))).await;
        answer.refused(400, "INVALID_INPUT");
        assert!(answer.message().contains("deeper than"), "{}", answer.message());
        let parts = multipart(&[("rrweb", None, &gzip(nested(n).as_bytes()))]);
        let answer = app.put_with("/v1/replays/r1/segments/0", MULTIPART, parts).await;
        assert_eq!(answer.refused(400, "INVALID_INPUT").outcome("rrweb"), "rejected");
    }
    // What is taken, the transcriber must survive.
    app.put("r1", 0, format!("{{\"rrweb\":{},\"final\":true}}", nested(2000))).await.accepted();
    assert_eq!(app.drain().await.done, 1);
}

#[tokio::test]
async fn what_is_valid_in_a_request_is_kept() {
    let app = TestApp::new().await;
    let parts = multipart(&[
        ("rrweb", None, events().as_bytes()),
        ("console", None, b"<html>502 Bad Gateway</html>"),
        ("network", None, &gzip(b"{}")[..10]),
        ("final", None, b"1"),
    ]);
    let answer = app.put_with("/v1/replays/r1/segments/0", MULTIPART, parts).await;
    assert_eq!(answer.accepted().outcome("rrweb"), "accepted");
    assert_eq!(answer.outcome("console"), "rejected");
    assert_eq!(answer.outcome("network"), "rejected");
    assert_eq!(answer.json["state"], "closed");
    let errors: Vec<_> = answer.json["streams"].as_array().unwrap().iter().skip(1).collect();
    for row in errors {
        assert_eq!(row["error"]["code"], "INVALID_INPUT", "{row}");
        assert!(row["error"]["action"].as_str().unwrap().contains("send"), "{row}");
    }
    app.drain().await;
}

#[tokio::test]
async fn when_nothing_is_valid_nothing_is_stored() {
    let app = TestApp::new().await;
    let parts = multipart(&[("rrweb", None, b"nope"), ("console", None, b""), ("final", None, b"1")]);
    let answer = app.put_with("/v1/replays/r1/segments/0", MULTIPART, parts).await;
    answer.refused(400, "INVALID_INPUT");
    assert!(answer.message().starts_with("rrweb: "), "{}", answer.message());
    assert_eq!((answer.outcome("rrweb"), answer.outcome("console")), ("rejected", "rejected"));
    assert!(!app.has_replay("r1").await);
}

#[tokio::test]
async fn a_stream_that_comes_twice_is_rejected_alone() {
    let app = TestApp::new().await;
    let answer = app.put("r1", 0, r#"{"rrweb":[1],"console":[],"rrweb":[2]}"#).await;
    assert_eq!(answer.accepted().outcome("rrweb"), "rejected");
    assert_eq!(answer.outcome("console"), "accepted");
}

#[tokio::test]
async fn json_lines_and_byte_order_marks_pass() {
    let app = TestApp::new().await;
    let lines = b"\xef\xbb\xbf{\"timestamp\":1}\n{\"timestamp\":2}\nbroken line\n{\"timestamp\":3}\n";
    let parts = multipart(&[("console", None, lines)]);
    let answer = app.put_with("/v1/replays/r1/segments/0", MULTIPART, parts).await;
    assert_eq!(answer.accepted().outcome("console"), "accepted");
    assert_eq!(app.stored("r1", 0, "console").await, lines);
}
