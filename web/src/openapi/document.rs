//! Writing a document.

use std::sync::Arc;

use aide::OperationOutput;
use aide::axum::ApiRouter;
use aide::generate::{GenContext, in_context};
use aide::openapi::{
    Components, Info, License, OpenApi, Operation, PathItem, Paths, ReferenceOr, Response as ResponseDoc,
    SecurityScheme, StatusCode,
};
use axum::Router;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue};
use schemars::generate::SchemaSettings;
use schemars::json_schema;

use super::answer::json_response;
use super::query_parameters::QueryParameters;
use crate::routes::method_not_allowed;

/// An OpenAPI document in the making.
///
/// `aide` collects schemas in a context of the thread: a document is made on one thread, without awaiting.
#[derive(Debug)]
pub struct OpenApiDocument(OpenApi);

impl OpenApiDocument {
    /// A document without operations.
    pub fn new(title: &str, description: &str) -> Self {
        let license = License { name: "MIT OR Apache-2.0".to_owned(), ..License::default() };
        let info = Info {
            title: title.to_owned(),
            description: Some(description.to_owned()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            license: Some(license),
            ..Info::default()
        };
        Self(OpenApi { info, ..OpenApi::default() })
    }

    /// Adds a way to authenticate, which operations name in their security requirements.
    #[must_use]
    pub fn security_scheme(mut self, name: &str, scheme: SecurityScheme) -> Self {
        let components = self.0.components.get_or_insert_with(Components::default);
        components.security_schemes.insert(name.to_owned(), ReferenceOr::Item(scheme));
        self
    }

    /// Adds the operations of `routes` and gives their router. A method that a path does not have is answered as this
    /// server answers it.
    pub fn describe<S: Clone + Send + Sync + 'static>(&mut self, routes: impl FnOnce() -> ApiRouter<S>) -> Router<S> {
        in_context(|context| context.schema = schema_settings().into_generator());
        routes().finish_api(&mut self.0).method_not_allowed_fallback(method_not_allowed)
    }

    /// Adds operations that another router serves, described by data.
    pub fn add_path(&mut self, path: &str, item: PathItem) {
        self.0.paths.get_or_insert_with(Paths::default).paths.insert(path.to_owned(), ReferenceOr::Item(item));
    }

    /// The parameters of query strings that its operations document, so far.
    pub fn query_parameters(&self) -> QueryParameters {
        QueryParameters::of_document(&self.0)
    }

    /// The document as text, with a newline at its end.
    pub fn into_text(self) -> DocumentText {
        let mut text = serde_json::to_string_pretty(&self.0).expect("a document holds strings, lists and maps alone");
        text.push('\n');
        DocumentText(text.into())
    }
}

/// A document that was made, as an answer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DocumentText(Arc<str>);

impl IntoResponse for DocumentText {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], self.0.to_string()).into_response()
    }
}

impl OperationOutput for DocumentText {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<StatusCode>, ResponseDoc)> {
        let schema = json_schema!({ "type": "object" });
        vec![(Some(StatusCode::Code(200)), json_response("An OpenAPI 3.1 document.".to_owned(), schema))]
    }
}

fn schema_settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    })
}
