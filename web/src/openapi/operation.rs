//! What an operation's documentation adds to what the signature of its handler says.

use std::collections::BTreeMap;

use aide::generate::in_context;
use aide::openapi::{
    Header, HeaderStyle, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathItem, PathStyle,
    QueryStyle, ReferenceOr, RequestBody, SchemaObject, StatusCode,
};
use aide::transform::{TransformOperation, TransformPathItem};
use indexmap::IndexMap;
use playhead_schemas::ErrorCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::answer::{Answer, answered_schema, json_response};

/// Documents a parameter of the query string, which may be left out.
pub fn query<T: JsonSchema>(
    name: &'static str,
    description: &'static str,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |mut operation| {
        let parameter = in_context(|context| query_parameter::<T>(&mut context.schema, name, description));
        operation.inner_mut().parameters.push(ReferenceOr::Item(parameter));
        operation
    }
}

/// Documents a parameter of the path.
pub fn path<T: JsonSchema>(
    name: &'static str,
    description: &'static str,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |mut operation| {
        let schema = in_context(|context| context.schema.subschema_for::<T>());
        let parameter_data = parameter(schema, name, description, true);
        let parameter = Parameter::Path { parameter_data, style: PathStyle::Simple };
        operation.inner_mut().parameters.push(ReferenceOr::Item(parameter));
        operation
    }
}

/// Documents that the request has a body of this media type; called again for further media types.
pub fn body<T: JsonSchema>(media_type: &'static str) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |mut operation| {
        let schema = in_context(|context| context.schema.subschema_for::<T>());
        let known = operation.inner_mut().request_body.take();
        let mut body = known.and_then(ReferenceOr::into_item).unwrap_or_default();
        body.required = true;
        body.content.insert(media_type.to_owned(), described(schema));
        operation.inner_mut().request_body = Some(ReferenceOr::Item(body));
        operation
    }
}

/// A parameter of the query string, for extractors that document themselves.
pub fn query_parameter<T: JsonSchema>(schemas: &mut SchemaGenerator, name: &str, description: &str) -> Parameter {
    query_parameter_of(schemas.subschema_for::<T>(), name, description, false)
}

/// The same, by its schema.
pub fn query_parameter_of(schema: Schema, name: &str, description: &str, required: bool) -> Parameter {
    Parameter::Query {
        parameter_data: parameter(schema, name, description, required),
        allow_reserved: false,
        style: QueryStyle::Form,
        allow_empty_value: None,
    }
}

/// Documents that the operation may refuse with this code, with a body of its own.
pub fn refusal<E: JsonSchema, const STATUS: u16>(
    code: ErrorCode,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |operation| {
        operation.response_with::<STATUS, Answer<E, STATUS>, _>(|response| response.description(code.as_str()))
    }
}

/// A JSON body, for extractors that document themselves.
pub fn json_body(schema: Schema) -> RequestBody {
    let content = IndexMap::from([("application/json".to_owned(), described(schema))]);
    RequestBody { content, required: true, ..RequestBody::default() }
}

/// Documents that every operation of a path may refuse with these codes, each with a body `E`.
pub fn refusals<E: JsonSchema>(
    codes: &'static [ErrorCode],
) -> impl FnMut(TransformPathItem<'_>) -> TransformPathItem<'_> {
    move |mut item| {
        let PathItem { get, put, post, patch, delete, .. } = item.inner_mut();
        for operation in [get, put, post, patch, delete].into_iter().flatten() {
            add_refusals::<E>(operation, codes);
        }
        item
    }
}

fn add_refusals<E: JsonSchema>(operation: &mut Operation, codes: &[ErrorCode]) {
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.http_status()).or_default().push(code.as_str());
    }
    let responses = operation.responses.get_or_insert_default();
    for (status, codes) in by_status {
        let schema = in_context(answered_schema::<E>);
        let mut response = json_response(codes.join(", "), schema);
        if status == 429 {
            response.headers.insert("Retry-After".to_owned(), ReferenceOr::Item(retry_after()));
        }
        // What an operation says itself of a refusal stays.
        responses.responses.entry(StatusCode::Code(status)).or_insert(ReferenceOr::Item(response));
    }
}

fn retry_after() -> Header {
    Header {
        description: Some("Seconds until another try makes sense.".to_owned()),
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(object(json_schema!({ "type": "integer" }))),
        example: None,
        examples: IndexMap::new(),
        extensions: IndexMap::new(),
    }
}

fn parameter(schema: Schema, name: &str, description: &str, required: bool) -> ParameterData {
    ParameterData {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(object(schema)),
        example: None,
        examples: IndexMap::new(),
        explode: None,
        extensions: IndexMap::new(),
    }
}

fn described(schema: Schema) -> MediaType {
    MediaType { schema: Some(object(schema)), ..MediaType::default() }
}

fn object(json_schema: Schema) -> SchemaObject {
    SchemaObject { json_schema, example: None, external_docs: None }
}
