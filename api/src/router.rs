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

use crate::administrator;
use crate::app::{Api, ApiConfig};
use crate::routes;

/// What any route may refuse with.
const CODES: &[ErrorCode] = &[
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::InvalidInput,
    ErrorCode::Conflict,
    ErrorCode::RateLimited,
    ErrorCode::Internal,
];

/// The routes under `/api/v1`.
pub fn router(store: Store, config: ApiConfig) -> Router {
    let api = Api::new(store, config);
    let mut document = OpenApiDocument::new(
        "Playhead management API",
        "Members, invitations, agents, roles, projects, ingest keys, tokens, the audit log and jobs. Every refusal is \
         an ErrorBody with a stable code, what was wrong and what to do.",
    )
    .security_scheme("adminToken", admin_token());
    let managed = document.describe(managed);
    let managed = managed
        .route_layer(from_fn_with_state(document.query_parameters(), refuse_unknown_parameters))
        .route_layer(from_fn_with_state(api.clone(), administrator::guard));
    let open = document.describe(routes::document::routes);
    let open = open.route_layer(Extension(document.into_text()));
    managed.merge(open).route_layer(from_fn(trace)).with_state(api)
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

fn admin_token() -> SecurityScheme {
    SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some(
            "A token with the scope admin (pht_..), or the secret that a running server writes for the commands of its \
             own machine."
                .to_owned(),
        ),
        extensions: IndexMap::new(),
    }
}
