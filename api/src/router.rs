//! All routes together: the layers around them, the document that describes them.

use aide::axum::ApiRouter;
use aide::openapi::SecurityScheme;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use indexmap::IndexMap;
use playhead_schemas::ErrorCode;
use playhead_store::Store;
use playhead_web::openapi::{OpenApiDocument, refusals, refuse_unknown_parameters};
use playhead_web::{ErrorBody, trace};

use crate::administrator::Administrator;
use crate::app::{Api, ApiConfig};
use crate::caller::Caller;
use crate::{guard, routes, tool_docs};

/// What any route of the management may refuse with.
const CODES: &[ErrorCode] = &[
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::InvalidInput,
    ErrorCode::Conflict,
    ErrorCode::RateLimited,
    ErrorCode::Internal,
];

/// What a route of bugs may refuse with.
const BUG_CODES: &[ErrorCode] = &[
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::InvalidInput,
    ErrorCode::Conflict,
    ErrorCode::RateLimited,
    ErrorCode::QuotaExceeded,
    ErrorCode::Internal,
];

/// The routes under `/api/v1`.
pub fn router(store: Store, config: ApiConfig) -> Router {
    let mut document = OpenApiDocument::new(
        "Playhead API",
        "Bugs with their comments and activity, the tools as plain requests, and the management: members, invitations, \
         agents, roles, projects, ingest keys, tokens, the audit log and jobs. Every refusal is an ErrorBody with a \
         stable code, what was wrong and what to do; those of tools are the tools' own.",
    )
    .security_scheme(
        "adminToken",
        bearer(
            "A token with the scope admin (pht_..), or the secret that a running server \
         writes for the commands of its own machine.",
        ),
    )
    .security_scheme(
        "token",
        bearer(
            "A token (pht_..): reading takes the scope bugs:read, writing bugs:write, and a \
         tool the scope that it names.",
        ),
    );
    let bugs = document.describe(bugs);
    tool_docs::describe(&mut document, &config.tools);
    let managed = document.describe(managed);
    let api = Api::new(store, config);
    let known = from_fn_with_state(document.query_parameters(), refuse_unknown_parameters);
    let managed = managed.route_layer(known.clone());
    let managed = managed.route_layer(from_fn_with_state(api.clone(), guard::pass::<Administrator>));
    let bugs = bugs.route_layer(known).route_layer(from_fn_with_state(api.clone(), guard::pass::<Caller>));
    let open = document.describe(routes::document::routes);
    let open = open.route_layer(Extension(document.into_text()));
    managed.merge(bugs).merge(open).route_layer(from_fn(trace)).with_state(api)
}

/// The routes that administrators alone may call.
fn managed() -> ApiRouter<Api> {
    ApiRouter::new()
        .merge(routes::projects::routes())
        .merge(routes::keys::routes())
        .merge(routes::tokens::routes())
        .merge(routes::members::routes())
        .merge(routes::invitations::routes())
        .merge(routes::agents::routes())
        .merge(routes::roles::routes())
        .merge(routes::audit::routes())
        .merge(routes::jobs::routes())
        .merge(routes::reprocess::routes())
        .with_path_items(|item| item.tag("admin").security_requirement("adminToken"))
        .with_path_items(refusals::<ErrorBody>(CODES))
}

/// The routes of those who work on bugs.
fn bugs() -> ApiRouter<Api> {
    ApiRouter::new()
        .merge(routes::bugs::routes())
        .merge(routes::comments::routes())
        .merge(routes::activity::routes())
        .merge(routes::project_members::routes())
        .with_path_items(|item| item.tag("bugs").security_requirement("token"))
        .with_path_items(refusals::<ErrorBody>(BUG_CODES))
}

fn bearer(description: &str) -> SecurityScheme {
    SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some(description.to_owned()),
        extensions: IndexMap::new(),
    }
}
