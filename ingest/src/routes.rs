//! Every route of this crate, once: what serves it and what the OpenAPI document says of it.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post, put};
use http::Method;
use playhead_schemas::{ErrorCode, ReplayKey, SegmentNo};
use playhead_store::Store;

use crate::access::guard;
use crate::answer::{BugAnswer, SegmentAnswer};
use crate::app::App;
use crate::clock::Clock;
use crate::config::IngestConfig;
use crate::controllers::{bugs, health, openapi, segments};
use crate::error::ApiError;
use crate::openapi::{Auth, Body, Operation, Param, schema_of};
use crate::request::{BugForm, BugRequest, SegmentForm, SegmentRequest};
use crate::trace::trace;

/// One row of a route table.
pub(crate) struct Route<S> {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) handler: MethodRouter<S>,
    pub(crate) operation: Operation,
}

/// Shorthand for the tables.
pub(crate) fn route<S>(method: Method, path: &'static str, handler: MethodRouter<S>, operation: Operation) -> Route<S> {
    Route { method, path, handler, operation }
}

const UPLOAD_CODES: &[ErrorCode] = &[
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::InvalidInput,
    ErrorCode::Conflict,
    ErrorCode::PayloadTooLarge,
    ErrorCode::RateLimited,
    ErrorCode::Internal,
];

const SEGMENT: Operation = Operation {
    id: "putSegment",
    tag: "upload",
    summary: "Upload a segment of a replay",
    about: "Any of the streams rrweb, console and network. Idempotent by replay, number and stream: \
        the same bytes again are a duplicate, other bytes a conflict. 202 means that what is accepted \
        survives a crash. Streams that are not valid are rejected one by one; the others are kept. \
        Content-Encoding may be gzip, deflate or zstd; a part of a multipart body may be compressed \
        by itself.",
    auth: Auth::IngestKey,
    params: &[
        Param { name: "replay", place: "path", about: "The SDK's id of the replay.", schema: schema_of::<ReplayKey> },
        Param { name: "n", place: "path", about: "The segment's number, from 0.", schema: schema_of::<SegmentNo> },
        Param { name: "final", place: "query", about: "1: the last segment.", schema: schema_of::<bool> },
        Param {
            name: "window",
            place: "query",
            about: "The window (tab) that it was recorded in.",
            schema: schema_of::<String>,
        },
    ],
    bodies: &[
        Body { media_type: "application/json", schema: schema_of::<SegmentRequest> },
        Body { media_type: "text/plain", schema: schema_of::<SegmentRequest> },
        Body { media_type: "multipart/form-data", schema: schema_of::<SegmentForm> },
    ],
    success: (202, "At least one stream is stored, or the replay is closed.", schema_of::<SegmentAnswer>),
    codes: UPLOAD_CODES,
};

const BUG: Operation = Operation {
    id: "createBug",
    tag: "upload",
    summary: "Report a bug",
    about: "A title or a description is needed; everything else is optional. Fields, screenshots and \
        attachments that are not valid are left out and named in the answer; the bug is kept. With a \
        client_id the request may be repeated safely.",
    auth: Auth::IngestKey,
    params: &[],
    bodies: &[
        Body { media_type: "application/json", schema: schema_of::<BugRequest> },
        Body { media_type: "text/plain", schema: schema_of::<BugRequest> },
        Body { media_type: "multipart/form-data", schema: schema_of::<BugForm> },
    ],
    success: (202, "The bug is stored.", schema_of::<BugAnswer>),
    codes: UPLOAD_CODES,
};

/// The routes behind the guard.
fn uploads() -> Vec<Route<App>> {
    let segment = "/v1/replays/{replay}/segments/{n}";
    vec![
        route(Method::PUT, segment, put(segments::put::put), SEGMENT),
        route(Method::POST, segment, post(segments::put::put), SEGMENT),
        route(Method::POST, "/v1/bugs", post(bugs::create::create), BUG),
    ]
}

/// The routes that anybody may read.
fn open() -> Vec<Route<App>> {
    let health = |id, summary, about| Operation {
        id,
        tag: "health",
        summary,
        about,
        auth: Auth::None,
        params: &[],
        bodies: &[],
        success: (200, "Yes. With status 503 and the same body: no.", schema_of::<health::Health>),
        codes: &[],
    };
    let document = Operation {
        id: "getOpenApi",
        tag: "meta",
        summary: "This document",
        about: "The description of every route.",
        success: (200, "An OpenAPI 3.1 document.", schema_of::<serde_json::Map<String, serde_json::Value>>),
        ..health("", "", "")
    };
    vec![
        route(Method::GET, "/v1/openapi.json", get(openapi::document), document),
        route(
            Method::GET,
            "/healthz",
            get(health::live),
            health("getHealth", "Does the process run?", "Looks at nothing else."),
        ),
        route(
            Method::GET,
            "/readyz",
            get(health::ready),
            health("getReady", "Can it store?", "Reads from catalog and objects."),
        ),
    ]
}

/// The upload API over a store.
///
/// Serve it with peer addresses (`into_make_service_with_connect_info::<SocketAddr>()`), or no
/// address is counted against its rate. Set a fallback such as [`not_found`] after merging routers.
pub fn router(store: Store, config: IngestConfig) -> Router {
    router_with_clock(store, config, Clock::system())
}

/// [`router`] with a clock of the caller's, for tests of rates.
pub fn router_with_clock(store: Store, config: IngestConfig, clock: Clock) -> Router {
    let app = App::new(store, config, clock);
    let guarded =
        assemble(uploads(), |handler| handler.layer(from_fn_with_state(app.clone(), guard)).layer(from_fn(trace)));
    let unguarded = assemble(open(), |handler| handler.layer(from_fn(trace)));
    guarded.merge(unguarded).with_state(app)
}

/// The answer for a path that no route has. For the fallback of the whole server.
pub async fn not_found() -> axum::response::Response {
    use axum::response::IntoResponse;
    let path = "/v1/openapi.json lists the routes";
    let fault = crate::error::Fault::new(ErrorCode::NotFound, "no such route", path);
    crate::trace::render(ApiError::new(fault), "-", &http::HeaderMap::new()).into_response()
}

/// What the document tells, in the tables' order.
pub(crate) fn documented() -> Vec<(Method, &'static str, Operation)> {
    let ours = uploads().into_iter().chain(open());
    let ours = ours.map(|route| (route.method, route.path, route.operation));
    let admin = crate::admin::table();
    let admin = admin.into_iter().map(|route| (route.method, route.path, route.operation));
    ours.chain(admin).collect()
}

/// Joins the methods of each path and puts the layers around them.
pub(crate) fn assemble<S: Clone + Send + Sync + 'static>(
    routes: Vec<Route<S>>,
    layers: impl Fn(MethodRouter<S>) -> MethodRouter<S>,
) -> Router<S> {
    let mut by_path: Vec<(&'static str, MethodRouter<S>)> = Vec::new();
    for route in routes {
        match by_path.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, handler)) => *handler = std::mem::take(handler).merge(route.handler),
            None => by_path.push((route.path, route.handler)),
        }
    }
    by_path
        .into_iter()
        .fold(Router::new(), |router, (path, handler)| router.route(path, layers(handler.fallback(wrong_method))))
}

async fn wrong_method() -> ApiError {
    ApiError::new(crate::error::Fault::new(
        ErrorCode::NotFound,
        "no such route for this method",
        "/v1/openapi.json lists the routes with their methods",
    ))
}
