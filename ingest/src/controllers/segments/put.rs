//! `PUT|POST /v1/replays/{replay}/segments/{n}`.

use aide::axum::ApiRouter;
use aide::axum::routing::put_with;
use aide::transform::TransformOperation;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, Request, State};
use http::Uri;
use playhead_schemas::{ErrorCode, ReplayKey, SegmentNo, Stream, limits};
use playhead_store::{PutOutcome, SegmentPut, SegmentReceipt};
use playhead_web::openapi::{Accepted, Answer, body, path, query};
use playhead_web::{ApiError, Problem};

use crate::access::{Uploader, query_value};
use crate::answer::{PartStatus, SegmentAnswer, StreamReport};
use crate::app::App;
use crate::error::refused_by_project;
use crate::form::Form;
use crate::request::{SegmentForm, SegmentRequest};
use crate::segment::{self, Upload};

pub(crate) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/v1/replays/{replay}/segments/{n}",
        // One handler for both methods; sendBeacon can only POST. An operation's id must be unique.
        put_with(put, |operation| put_docs(operation).id("putSegmentPut"))
            .post_with(put, |operation| put_docs(operation).id("putSegment")),
    )
}

fn put_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .summary("Upload a segment of a replay")
        .description(
            "Any of the streams rrweb, console and network. Idempotent by replay, number and stream: the same bytes \
             again are a duplicate, other bytes a conflict. 202 means that what is accepted survives a crash. Streams \
             that are not valid are rejected one by one; the others are kept. Content-Encoding may be gzip, deflate or \
             zstd; a part of a multipart body may be compressed by itself.",
        )
        .with(path::<ReplayKey>("replay", "The SDK's id of the replay."))
        .with(path::<SegmentNo>("n", "The segment's number, from 0."))
        .with(query::<bool>("final", "1: the last segment."))
        .with(query::<String>("window", "The window (tab) that it was recorded in."))
        .with(body::<SegmentRequest>("application/json"))
        .with(body::<SegmentRequest>("text/plain"))
        .with(body::<SegmentForm>("multipart/form-data"))
}

/// Stores the streams of a segment that are valid; says of each what became of it.
async fn put(
    State(app): State<App>,
    Extension(uploader): Extension<Uploader>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Accepted<SegmentAnswer>, ApiError> {
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
    let receipt = app.store.put_segment(put).await.map_err(refused_by_project)?;
    drop(decoded.lease);
    answer(replay, n, upload.ignored, rejections(sealing.rejected), receipt)
}

/// What the query string says; it holds for `sendBeacon`, which sets no headers.
struct Query {
    window: Option<String>,
    is_final: bool,
}

impl Query {
    fn of(uri: &Uri) -> Result<Self, Problem> {
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

fn address(path: Result<Path<(String, String)>, PathRejection>) -> Result<(ReplayKey, SegmentNo), Problem> {
    let Path((replay, n)) =
        path.map_err(|_| Problem::invalid("the path is not UTF-8", "use PUT /v1/replays/{replay}/segments/{n}"))?;
    let replay = replay.parse::<ReplayKey>().map_err(|error| {
        Problem::invalid(
            format!("the replay in the path is {error}"),
            "name the replay by a random id of 1 to 64 letters, digits, _ and -",
        )
    })?;
    n.parse::<u32>().ok().filter(|n| *n <= limits::SEGMENT_NO_MAX).map(|n| (replay, SegmentNo(n))).ok_or_else(|| {
        Problem::invalid(
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
) -> Result<Accepted<SegmentAnswer>, ApiError> {
    streams.extend(receipt.outcomes.into_iter().map(|(stream, outcome)| report(stream, outcome)));
    streams.sort_by_key(|report| report.stream);
    let rejected = |report: &StreamReport| matches!(report.outcome, PartStatus::Rejected { .. });
    if !streams.is_empty() && streams.iter().all(rejected) {
        return Err(refusal(streams));
    }
    let answer =
        SegmentAnswer { replay, replay_id: receipt.replay, segment, state: receipt.state.into(), streams, ignored };
    Ok(Answer(answer))
}

fn report(stream: Stream, outcome: PutOutcome) -> StreamReport {
    let outcome = match outcome {
        PutOutcome::Accepted => PartStatus::Accepted,
        PutOutcome::Duplicate => PartStatus::Duplicate,
        PutOutcome::Rejected(code, message) => {
            let action = match code {
                ErrorCode::Conflict => "send these bytes under a number that is not taken",
                ErrorCode::PayloadTooLarge => "start a new replay: this one is full",
                _ => "read the message, and send the segment again when that is mended",
            };
            PartStatus::Rejected { error: Problem::new(code, message, action) }
        }
    };
    StreamReport { stream, outcome }
}

fn rejections(rejected: Vec<(Stream, Problem)>) -> Vec<StreamReport> {
    let report = |(stream, error)| StreamReport { stream, outcome: PartStatus::Rejected { error } };
    rejected.into_iter().map(report).collect()
}

/// The refusal of a request of which nothing could be kept. Its code is the first stream's.
fn refusal(mut streams: Vec<StreamReport>) -> ApiError {
    streams.sort_by_key(|report| report.stream);
    let first = streams.iter().find_map(|report| match &report.outcome {
        PartStatus::Rejected { error } => Some((report.stream, error.clone())),
        _ => None,
    });
    let Some((stream, mut problem)) = first else { return Problem::internal().into() };
    problem.message = format!("{stream}: {}", problem.message);
    ApiError::from(problem).with_detail("streams", &streams)
}

fn nothing() -> Problem {
    Problem::invalid(
        "the request carries no stream",
        "send at least one of rrweb, console and network, or final=1 to close the replay",
    )
}
