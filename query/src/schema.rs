//! JSON schemas of arguments and results, without what models don't need.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema of a tool's arguments.
pub(crate) fn from_input<T: JsonSchema>() -> JsonObject {
    let mut schema = generated::<T>(SchemaSettings::draft2020_12());
    tidy(&mut schema, Keep::Descriptions, 0);
    object(schema)
}

/// The schema of a tool's structured results: of its output, or of a failure.
///
/// Clients check every `structuredContent` against this schema, also that of a failure.
pub(crate) fn from_output<T: JsonSchema>() -> JsonObject {
    let mut schema = generated::<T>(SchemaSettings::draft2020_12().for_serialize());
    tidy(&mut schema, Keep::Shape, 0);
    let mut schema = object(schema);
    let required = schema.remove("required").unwrap_or_else(|| json!([]));
    schema.insert("anyOf".to_owned(), json!([{"required": required}, {"required": ["code", "message", "action"]}]));
    schema
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Descriptions,
    Shape,
}

fn generated<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn object(schema: Value) -> JsonObject {
    match schema {
        Value::Object(mut fields) => {
            fields.remove("description");
            fields.insert("type".to_owned(), json!("object"));
            fields.entry("properties").or_insert_with(|| json!({}));
            fields
        }
        _ => JsonObject::new(),
    }
}

/// Drops titles, formats, patterns, lengths and the `null` of options, and folds enums of constants, everywhere.
fn tidy(schema: &mut Value, keep: Keep, depth: u32) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| tidy(item, keep, depth + 1)),
        Value::Object(fields) => {
            for noise in ["title", "format", "pattern", "$schema"] {
                // A property of that name has an object here, the keyword a text.
                if fields.get(noise).is_some_and(Value::is_string) {
                    fields.remove(noise);
                }
            }
            if fields.get("default").is_some_and(Value::is_null) {
                fields.remove("default");
            }
            without_null_type(fields);
            folded_constants(fields);
            // An argument that breaks one of these bounds is refused with the bound in the message.
            fields.retain(|key, value| match key.as_str() {
                "maxLength" | "minLength" => !value.is_number(),
                "minimum" => value.as_u64() != Some(0),
                _ => true,
            });
            if keep == Keep::Shape {
                // What is left describes the shape alone: each word of a definition costs tokens in every session.
                fields.retain(|key, value| match key.as_str() {
                    "description" => !value.is_string(),
                    "minimum" => !value.is_number(),
                    "enum" | "required" => depth == 0 || !value.is_array(),
                    _ => true,
                });
            }
            fields.values_mut().for_each(|value| tidy(value, keep, depth + 1));
        }
        _ => {}
    }
}

fn without_null_type(fields: &mut JsonObject) {
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            fields.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(any)) = fields.get_mut("anyOf") {
        any.retain(|schema| schema.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(one)] = &any[..] {
            let one = one.clone();
            fields.remove("anyOf");
            for (key, value) in one {
                fields.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

fn folded_constants(fields: &mut JsonObject) {
    let Some(Value::Array(one_of)) = fields.get("oneOf") else { return };
    let constants: Option<Vec<Value>> = one_of.iter().map(|schema| schema.get("const").cloned()).collect();
    if let Some(constants) = constants {
        fields.remove("oneOf");
        fields.insert("type".to_owned(), json!("string"));
        fields.insert("enum".to_owned(), Value::Array(constants));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use playhead_schemas::MomentKind;
    use playhead_schemas::upload::BugStatus;
    use serde::Serialize;

    use super::*;

    #[derive(Serialize, JsonSchema)]
    #[allow(dead_code)]
    struct Sample {
        /// Which.
        status: Option<BugStatus>,
        kinds: Option<Vec<MomentKind>>,
        title: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        count: Option<u32>,
    }

    #[test]
    fn options_and_enums_are_plain() {
        let input = Value::Object(from_input::<Sample>());
        assert_eq!(
            input["properties"]["status"],
            json!({"type": "string", "enum": ["open", "in_progress", "in_review", "resolved", "closed", "reopened"], "description": "Which."})
        );
        assert_eq!(input["properties"]["kinds"]["items"]["enum"].as_array().map(Vec::len), Some(MomentKind::ALL.len()));
        assert_eq!(input["properties"]["title"], json!({"type": "string"}));
        assert!(!input.to_string().contains("null"), "{input}");
    }

    #[test]
    fn results_and_failures_fit_the_schema_of_results() {
        let schema = Value::Object(from_output::<Sample>());
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(validator.is_valid(&json!({"status": "open", "kinds": [], "title": "x"})));
        assert!(validator.is_valid(&json!({"code": "NOT_FOUND", "message": "m", "action": "a"})));
        assert!(!validator.is_valid(&json!({"status": "open", "kinds": []})));
        assert!(!validator.is_valid(&json!({"status": 1, "kinds": [], "title": "x"})));
    }
}
