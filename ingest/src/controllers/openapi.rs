//! `GET /v1/openapi.json`: the document that describes every route.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::Extension;
use playhead_web::openapi::DocumentText;

use crate::app::App;

pub(crate) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/v1/openapi.json", get_with(show, show_docs))
}

fn show_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("getOpenApi").tag("meta").summary("This document").description("The description of every route.")
}

async fn show(Extension(text): Extension<DocumentText>) -> DocumentText {
    text
}
