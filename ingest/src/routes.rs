//! Every route of this crate: the layers around them, the document that describes them.

use aide::axum::ApiRouter;
use aide::openapi::{ApiKeyLocation, SecurityScheme};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use indexmap::IndexMap;
use playhead_schemas::ErrorCode;
use playhead_store::Store;
use playhead_web::openapi::{OpenApiDocument, refusals};
use playhead_web::trace;

use crate::access::guard;
use crate::answer::ErrorBody;
use crate::app::App;
use crate::clock::Clock;
use crate::config::IngestConfig;
use crate::controllers::{bugs, health, integrations, openapi, sdk, segments};

/// What any upload may be refused with.
const CODES: &[ErrorCode] = &[
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::InvalidInput,
    ErrorCode::Conflict,
    ErrorCode::PayloadTooLarge,
    ErrorCode::RateLimited,
    ErrorCode::Internal,
];

/// The upload API over a store.
///
/// Serve it with peer addresses (`into_make_service_with_connect_info::<SocketAddr>()`), or no
/// address is counted against its rate.
pub fn router(store: Store, config: IngestConfig) -> Router {
    router_with_clock(store, config, Clock::system())
}

/// [`router`] with a clock of the caller's, for tests of rates.
pub fn router_with_clock(store: Store, config: IngestConfig, clock: Clock) -> Router {
    let app = App::new(store, config, clock);
    let mut document = document();
    let guarded = document.describe(uploads).route_layer(from_fn_with_state(app.clone(), guard));
    let open = document.describe(open);
    let open = open.route_layer(Extension(document.into_text()));
    let integrations = integrations::sentry::routes().merge(integrations::posthog::routes()).merge(sdk::routes());
    guarded.merge(open).merge(integrations).route_layer(from_fn(trace)).with_state(app)
}

/// The routes behind the guard.
fn uploads() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(segments::put::routes())
        .merge(bugs::create::routes())
        .with_path_items(|item| {
            item.tag("upload")
                .security_requirement("ingestKey")
                .security_requirement("ingestKeyHeader")
                .security_requirement("ingestKeyQuery")
        })
        .with_path_items(refusals::<ErrorBody>(CODES))
}

/// The routes that anybody may read.
fn open() -> ApiRouter<App> {
    ApiRouter::new().merge(openapi::routes()).merge(health::routes())
}

fn document() -> OpenApiDocument {
    OpenApiDocument::new(
        "Playhead upload API",
        "Browser session replays and bug reports go in. Every refusal is an ErrorBody with a stable code, what was \
         wrong and what to do.",
    )
    .security_scheme(
        "ingestKey",
        SecurityScheme::Http {
            scheme: "bearer".to_owned(),
            bearer_format: None,
            description: Some("A write-only ingest key of the project (phk_..).".to_owned()),
            extensions: IndexMap::new(),
        },
    )
    .security_scheme(
        "ingestKeyHeader",
        key_in(
            ApiKeyLocation::Header,
            "X-Playhead-Key",
            "The same key, for clients whose Authorization header is taken.",
        ),
    )
    .security_scheme("ingestKeyQuery", key_in(ApiKeyLocation::Query, "key", "The same key, for sendBeacon."))
}

fn key_in(location: ApiKeyLocation, name: &str, description: &str) -> SecurityScheme {
    SecurityScheme::ApiKey {
        location,
        name: name.to_owned(),
        description: Some(description.to_owned()),
        extensions: IndexMap::new(),
    }
}
