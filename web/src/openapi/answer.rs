//! Answers of handlers: a status with a JSON body, and the schema of that body.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as ResponseDoc, SchemaObject, StatusCode as StatusDoc};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

/// A JSON body with a status: 200 unless the type says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Answer<T, const STATUS: u16 = 200>(pub T);

/// 201: the row was made.
pub type Created<T> = Answer<T, 201>;

/// 202: the work is durable and will be done.
pub type Accepted<T> = Answer<T, 202>;

impl<T: Serialize, const STATUS: u16> IntoResponse for Answer<T, STATUS> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.0)).into_response()
    }
}

impl<T: JsonSchema, const STATUS: u16> OperationOutput for Answer<T, STATUS> {
    type Inner = T;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<ResponseDoc> {
        let schema = answered_schema::<T>(context);
        let described = context.resolve_schema(&schema).get("description");
        let description = described.and_then(|text| text.as_str()).unwrap_or("Done.").to_owned();
        Some(json_response(description, schema))
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<StatusDoc>, ResponseDoc)> {
        let response = Self::operation_response(context, operation);
        response.into_iter().map(|response| (Some(StatusDoc::Code(STATUS)), response)).collect()
    }
}

/// A response with a JSON body.
pub(super) fn json_response(description: String, schema: Schema) -> ResponseDoc {
    let schema = SchemaObject { json_schema: schema, example: None, external_docs: None };
    let media_type = MediaType { schema: Some(schema), ..MediaType::default() };
    ResponseDoc {
        description,
        content: IndexMap::from([("application/json".to_owned(), media_type)]),
        ..ResponseDoc::default()
    }
}

/// The schema of what is written. It differs from that of what is read: an optional field is always written.
pub(super) fn answered_schema<T: JsonSchema>(context: &mut GenContext) -> Schema {
    let mut generator = context.schema.settings().clone().for_serialize().into_generator();
    let schema = generator.subschema_for::<T>();
    context.schema.definitions_mut().append(&mut generator.take_definitions(true));
    schema
}
