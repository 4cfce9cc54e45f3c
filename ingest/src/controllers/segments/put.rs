//! `PUT|POST /v1/replays/{replay}/segments/{n}`.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, Request, State};
use http::{StatusCode, Uri};
use playhead_schemas::{ReplayKey, SegmentNo, Stream, limits};
use playhead_store::{PutOutcome, SegmentPut, SegmentReceipt};

use crate::access::{Uploader, query_value};
use crate::answer::{Outcome, SegmentAnswer, StreamReport};
use crate::app::App;
use crate::error::{ApiError, Fault};
use crate::form::Form;
use crate::segment::{self, Upload};

/// Stores the streams of a segment that are valid; says of each what became of it.
pub(crate) async fn put(
    State(app): State<App>,
    Extension(uploader): Extension<Uploader>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<(StatusCode, Json<SegmentAnswer>), ApiError> {
    let (replay, n) = address(path)?;
    let query = Query::of(request.uri())?;
    let (head, body) = request.into_parts();
    let form = Form::of_headers(&head.headers)?;

    let decoded = app.reader().read(body, &head.headers, form == Form::Json).await?;
    let depth_max = app.config.json_depth_max;
    let mut upload = segment::split(&app.cpu, form, decoded.bytes, depth_max).await?;
    query.apply(&mut upload);
    if upload.streams.is_empty() && !upload.is_final {
        return Err(nothing().into());
    }
    let sealing = segment::seal(app.reader(), &mut upload).await?;
    if sealing.parts.is_empty() && !sealing.rejected.is_empty() {
        return Err(refusal(rejections(sealing.rejected)));
    }
    let put = SegmentPut {
        project: uploader.project,
        replay: replay.clone(),
        n,
        parts: sealing.parts,
        is_final: upload.is_final,
        replay_bytes_max: app.config.replay_bytes_max,
    };
    let receipt = app.store.put_segment(put).await?;
    drop(decoded.lease);
    answer(replay, n, upload.ignored, rejections(sealing.rejected), receipt)
}

/// What the query string says; it holds for `sendBeacon`, which sets no headers.
struct Query {
    window: Option<String>,
    is_final: bool,
}

impl Query {
    fn of(uri: &Uri) -> Result<Self, Fault> {
        let window = query_value(uri, "window");
        Ok(Self {
            window: segment::window(window.unwrap_or_default().as_bytes())?,
            is_final: segment::flag(&query_value(uri, "final").unwrap_or_default())?,
        })
    }

    fn apply(self, upload: &mut Upload) {
        upload.is_final |= self.is_final;
        if upload.window.is_none() {
            upload.window = self.window;
        }
    }
}

fn address(path: Result<Path<(String, String)>, PathRejection>) -> Result<(ReplayKey, SegmentNo), Fault> {
    let Path((replay, n)) =
        path.map_err(|_| Fault::invalid("the path is not UTF-8", "use PUT /v1/replays/{replay}/segments/{n}"))?;
    let replay = replay.parse::<ReplayKey>().map_err(|error| {
        Fault::invalid(
            format!("the replay in the path is {error}"),
            "name the replay by a random id of 1 to 64 letters, digits, _ and -",
        )
    })?;
    n.parse::<u32>().ok().filter(|n| *n <= limits::SEGMENT_NO_MAX).map(|n| (replay, SegmentNo(n))).ok_or_else(|| {
        Fault::invalid(
            "the segment in the path is not a segment number",
            format!("number the segments of a replay 0, 1, 2 .. {}", limits::SEGMENT_NO_MAX),
        )
    })
}

fn answer(
    replay: ReplayKey,
    segment: SegmentNo,
    ignored: Vec<String>,
    mut streams: Vec<StreamReport>,
    receipt: SegmentReceipt,
) -> Result<(StatusCode, Json<SegmentAnswer>), ApiError> {
    streams.extend(receipt.outcomes.into_iter().map(|(stream, outcome)| report(stream, outcome)));
    streams.sort_by_key(|report| report.stream);
    let rejected = |report: &StreamReport| matches!(report.outcome, Outcome::Rejected { .. });
    if !streams.is_empty() && streams.iter().all(rejected) {
        return Err(refusal(streams));
    }
    let answer =
        SegmentAnswer { replay, replay_id: receipt.replay, segment, state: receipt.state.into(), streams, ignored };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

fn report(stream: Stream, outcome: PutOutcome) -> StreamReport {
    let outcome = match outcome {
        PutOutcome::Accepted => Outcome::Accepted,
        PutOutcome::Duplicate => Outcome::Duplicate,
        PutOutcome::Rejected(code, message) => {
            let action = "send other bytes under a number that is not taken; start a new replay when this one is full";
            Outcome::Rejected { error: Fault::new(code, message, action) }
        }
    };
    StreamReport { stream, outcome }
}

fn rejections(rejected: Vec<(Stream, Fault)>) -> Vec<StreamReport> {
    let report = |(stream, error)| StreamReport { stream, outcome: Outcome::Rejected { error } };
    rejected.into_iter().map(report).collect()
}

/// The refusal of a request of which nothing could be kept. Its code is the first stream's.
fn refusal(mut streams: Vec<StreamReport>) -> ApiError {
    streams.sort_by_key(|report| report.stream);
    let first = streams.iter().find_map(|report| match &report.outcome {
        Outcome::Rejected { error } => Some((report.stream, error.clone())),
        _ => None,
    });
    let Some((stream, mut fault)) = first else { return Fault::internal().into() };
    fault.message = format!("{stream}: {}", fault.message);
    let mut error = ApiError::from(fault);
    error.streams = streams;
    error
}

fn nothing() -> Fault {
    Fault::invalid(
        "the request carries no stream",
        "send at least one of rrweb, console and network, or final=1 to close the replay",
    )
}
