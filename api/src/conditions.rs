//! The conditions of a list: a query string read into a type, whose fields are the documented parameters.

use std::marker::PhantomData;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::add_parameters;
use axum::extract::FromRequestParts;
use http::request::Parts;
use playhead_web::openapi::query_parameter_of;
use playhead_web::{ApiError, Problem, input};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::extract::Query;

/// Parameters of the query string as a `T`: one parameter for each field, a repeated one for each entry of a list.
#[derive(Clone, Debug)]
pub(crate) struct Conditions<T> {
    query: Query,
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + JsonSchema> Conditions<T> {
    /// The conditions. Parameters that `T` does not know are others' to read.
    pub(crate) fn read(&self) -> Result<T, Problem> {
        let params = self.query.read()?;
        let mut given = Map::new();
        for (name, field) in fields::<T>().1 {
            let mut values = params.all(&name).map(|text| typed(text, &field)).peekable();
            if values.peek().is_none() {
                continue;
            }
            let value: Value = if has_type(&field, "array") { values.collect() } else { only(&name, values)? };
            given.insert(name, value);
        }
        input::from_value(&Value::Object(given)).map_err(|error| {
            Problem::invalid(error.message("the query"), "send parameters as /api/v1/openapi.json describes them")
        })
    }
}

fn only(name: &str, mut values: impl Iterator<Item = Value>) -> Result<Value, Problem> {
    match (values.next(), values.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(Problem::invalid(format!("{name} is given more than once"), "give it once")),
    }
}

/// A text as the type that its field takes; one that is none of that type stays a text, which is refused as such.
fn typed(text: &str, field: &Value) -> Value {
    let field = if has_type(field, "array") { &field["items"] } else { field };
    let read = || -> Option<Value> {
        if has_type(field, "boolean") {
            return text.parse::<bool>().ok().map(Value::from);
        }
        if has_type(field, "integer") {
            return text.parse::<i64>().ok().map(Value::from);
        }
        None
    };
    read().unwrap_or_else(|| Value::from(text))
}

fn has_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(names)) => names.iter().any(|one| one == name),
        _ => false,
    }
}

/// The names of the required fields of `T`, and all fields with their schemas.
fn fields<T: JsonSchema>() -> (Vec<String>, Map<String, Value>) {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    let required = schema["required"].as_array().into_iter().flatten();
    let required = required.filter_map(Value::as_str).map(str::to_owned).collect();
    let properties = match schema["properties"].take() {
        Value::Object(properties) => properties,
        _ => Map::new(),
    };
    (required, properties)
}

/// A query string can't say null: a parameter is there or not.
fn without_null(mut schema: Value) -> Value {
    let is_null = |schema: &Value| schema.get("type").is_some_and(|name| name == "null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            schema["type"] = one;
        }
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| !is_null(form));
    }
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("default");
        fields.remove("description");
    }
    schema
}

impl<T, S: Send + Sync> FromRequestParts<S> for Conditions<T> {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self { query: Query::from_request_parts(head, state).await?, value: PhantomData })
    }
}

impl<T: JsonSchema> OperationInput for Conditions<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let (required, fields) = fields::<T>();
        let parameters = fields.into_iter().filter_map(|(name, field)| {
            let description = field["description"].as_str().unwrap_or_default().to_owned();
            let schema = Schema::try_from(without_null(field)).ok()?;
            Some(query_parameter_of(schema, &name, &description, required.contains(&name)))
        });
        let parameters: Vec<_> = parameters.collect();
        add_parameters(context, operation, parameters);
    }
}
