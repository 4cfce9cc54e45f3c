//! Bugs, replays and transcripts for tests.

use bytes::Bytes;
use playhead_schemas::timeline::{
    Coverage, Failure, FailureKind, Level, Outcome, Page, ReplayInfo, Request, Source, Target,
};
use playhead_schemas::upload::{Cookie, PageContext, Reporter, Size, SystemInfo};
use playhead_schemas::{
    BugId, EpochMs, Moment, MomentId, MomentKind, ProjectId, ReplayId, SegmentNo, Stream, Timeline, WindowNo,
};
use playhead_store::{
    CompressedPayload, JobKind, NewAttachment, NewBug, NewScreenshot, PutOutcome, SegmentPart, SegmentPut, Store,
};

/// What the sessions of these tests are summed up as.
pub(crate) const SUMMARY: &str = "The user applied a coupon and tried to pay.\nm4 00:09.0 TypeError: rate is undefined";

/// A report with nothing but a title.
pub(crate) fn bug(project: ProjectId, title: &str) -> NewBug {
    NewBug {
        project,
        client_id: None,
        title: title.to_owned(),
        description: String::new(),
        reporter: Reporter::default(),
        page: PageContext::default(),
        system: SystemInfo::default(),
        metadata: serde_json::Map::new(),
        tags: Vec::new(),
        priority: Default::default(),
        cookies: Vec::new(),
        replay: None,
        screenshots: Vec::new(),
        attachments: Vec::new(),
    }
}

/// A report with everything that a report can have.
pub(crate) fn full_bug(project: ProjectId, replay: &str) -> NewBug {
    let metadata = serde_json::json!({"plan": "pro", "cart": {"items": 3}});
    NewBug {
        description: "I typed SAVE10 and pressed Apply.\nNothing happened.".to_owned(),
        reporter: Reporter { name: Some("Ada".into()), email: Some("ada@example.com".into()), id: None },
        page: PageContext {
            url: Some("https://shop.example.com/cart".into()),
            title: Some("Cart".into()),
            referrer: None,
        },
        system: SystemInfo {
            browser: Some("Firefox 140".into()),
            os: Some("Linux".into()),
            viewport: Some(Size { width: 1280, height: 720 }),
            device_pixel_ratio: Some(2.0),
            language: Some("en-GB".into()),
            ..SystemInfo::default()
        },
        metadata: metadata.as_object().unwrap().clone(),
        tags: vec!["checkout".into(), "coupon".into()],
        cookies: vec![cookie("session", "s3cr3t"), cookie("theme", "dark")],
        replay: Some(replay.parse().unwrap()),
        screenshots: vec![screenshot(800, 600, 1000)],
        attachments: vec![NewAttachment {
            file_name: "log.txt".into(),
            media_type: "text/plain".into(),
            bytes: Bytes::from_static(b"hello"),
        }],
        ..bug(project, "Coupon field throws")
    }
}

pub(crate) fn cookie(name: &str, value: &str) -> Cookie {
    Cookie { name: name.into(), value: value.into(), domain: Some("shop.example.com".into()), path: Some("/".into()) }
}

/// The store never looks at pixels, so these are none.
pub(crate) fn screenshot(width: u32, height: u32, bytes: usize) -> NewScreenshot {
    NewScreenshot { bytes: Bytes::from(vec![7; bytes]), media_type: "image/png".into(), width, height }
}

/// A moment of which a test only needs these.
pub(crate) fn moment(id: u32, kind: MomentKind, t_ms: u64, text: &str) -> Moment {
    Moment {
        id: MomentId(id),
        t_ms,
        end_ms: t_ms,
        window: WindowNo(1),
        kind,
        count: 1,
        text: text.to_owned(),
        ..Moment::default()
    }
}

/// A timeline of `count` clicks, one a second.
pub(crate) fn clicks(count: u32) -> Timeline {
    let click = |id: u32| {
        let text = format!("click button \"Item {id}\" [#list > li:nth-child({id})] -> nothing changed");
        moment(id, MomentKind::Click, u64::from(id) * 1000, &text)
    };
    Timeline { moments: (1..=count).map(click).collect(), ..Timeline::default() }
}

/// A short session in which a coupon throws and a payment answers 500.
pub(crate) fn coupon_timeline() -> Timeline {
    Timeline {
        replay: ReplayInfo {
            started_at_ms: EpochMs(1_795_193_955_508),
            duration_ms: 21_000,
            windows: 1,
            pages: vec![Page {
                window: WindowNo(1),
                t_ms: 0,
                url: "https://shop.example.com/cart".into(),
                title: Some("Cart".into()),
            }],
            viewport: None,
        },
        moments: coupon_moments(),
        failures: vec![
            failure(FailureKind::UncaughtError, "TypeError: rate is undefined", 4, Some(3), &[]),
            failure(FailureKind::HttpError, "POST /api/pay answered 500", 6, Some(5), &[7]),
        ],
        defects: Vec::new(),
        coverage: Coverage {
            events: 120,
            snapshots: 1,
            console: Source::Payload,
            network: Source::None,
            masked: true,
            ..Coverage::default()
        },
    }
}

fn coupon_moments() -> Vec<Moment> {
    use MomentKind::{Click, Console, Error, Input, PageLoad, Scroll};
    let mut apply = moment(3, Click, 9_000, "click button \"Apply\" [#apply] -> m4 TypeError: rate is undefined");
    apply.target = Some(Target {
        role: "button".into(),
        name: Some("Apply".into()),
        tag: "button".into(),
        selector: "#apply".into(),
        matches: 1,
        ..Target::default()
    });
    apply.outcome = Some(Outcome { errors: vec![MomentId(4)], ..Outcome::default() });
    let mut error = moment(4, Error, 9_010, "error TypeError: rate is undefined at applyCoupon (app.js:42:7)");
    error.level = Some(Level::Error);
    error.message = Some("TypeError: rate is undefined".into());
    error.stack = Some("applyCoupon (app.js:42:7)\nonClick (app.js:90:3)".into());
    error.url = Some("https://shop.example.com/cart".into());
    error.caused_by = Some(MomentId(3));
    let mut request = moment(6, MomentKind::Request, 15_010, "request POST /api/pay 500 (182 ms)");
    request.request = Some(Request {
        method: "POST".into(),
        url: "https://shop.example.com/api/pay".into(),
        status: Some(500),
        duration_ms: Some(182),
        response_body: Some("{\"error\":\"no card processor\"}".into()),
        ..Request::default()
    });
    vec![
        moment(1, PageLoad, 0, "page_load https://shop.example.com/cart \"Cart\""),
        moment(2, Input, 5_000, "input textbox \"Coupon\" [#coupon] = \"SAVE10\""),
        apply,
        error,
        moment(5, Click, 15_000, "click button \"Pay now\" [#pay] -> m6 POST /api/pay 500 (182 ms)"),
        request,
        moment(7, Console, 15_200, "console error \"payment failed\""),
        moment(8, Scroll, 20_000, "scroll page to 80 %"),
    ]
}

pub(crate) fn failure(kind: FailureKind, title: &str, at: u32, action: Option<u32>, related: &[u32]) -> Failure {
    Failure {
        kind,
        title: title.into(),
        moment: MomentId(at),
        action: action.map(MomentId),
        related: related.iter().copied().map(MomentId).collect(),
        count: 1,
        contrast: None,
        tries: Vec::new(),
    }
}

/// Stores payloads of a closed replay.
pub(crate) async fn upload(store: &Store, project: ProjectId, key: &str, payloads: &[(Stream, &[u8])]) -> ReplayId {
    let mut replay = None;
    for (n, (stream, raw)) in (0..).zip(payloads) {
        let put = SegmentPut {
            project,
            replay: key.parse().unwrap(),
            n: SegmentNo(n),
            parts: vec![SegmentPart {
                stream: *stream,
                window: None,
                payload: CompressedPayload::from_raw(raw).unwrap(),
            }],
            is_final: n as usize + 1 == payloads.len(),
            replay_bytes_max: 1 << 30,
        };
        let receipt = store.put_segment(put).await.unwrap();
        assert_eq!(receipt.outcomes, [(*stream, PutOutcome::Accepted)]);
        replay = Some(receipt.replay);
    }
    replay.unwrap()
}

/// Publishes a transcript of a replay, in place of the one before.
pub(crate) async fn publish(store: &Store, replay: ReplayId, timeline: &Timeline, summary: &str) {
    store.enqueue_transcribe(replay).await.unwrap();
    loop {
        let job = store.claim_job("test", EpochMs::now(), 60_000).await.unwrap().unwrap();
        if (job.kind, job.subject) == (JobKind::Transcribe, replay.0) {
            store.publish_transcript(replay, job.id, "test", timeline, summary, 5).await.unwrap();
            return;
        }
        store.complete_job(job.id, "test").await.unwrap();
    }
}

/// A bug with a transcribed replay.
pub(crate) async fn transcribed(
    store: &Store,
    project: ProjectId,
    timeline: &Timeline,
    summary: &str,
) -> (BugId, ReplayId) {
    let key = ulid_key();
    let replay = upload(store, project, &key, &[(Stream::Rrweb, b"[]")]).await;
    publish(store, replay, timeline, summary).await;
    let (bug, _) = store.create_bug(full_bug(project, &key)).await.unwrap();
    (bug.id, replay)
}

/// A replay key that no other has.
pub(crate) fn ulid_key() -> String {
    ReplayId::new().to_string()
}
