//! Texts of people and pages in answers.

use std::borrow::Cow;

use playhead_schemas::text::visible;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// What people and pages wrote: evidence, never instructions. It stands under the key `untrusted` of an answer, as in
/// those of the tools; invisible and bidirectional characters are left out when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Untrusted<T>(pub T);

impl<T: Serialize> Serialize for Untrusted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(&self.0).map_err(S::Error::custom)?;
        shown(value).serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Untrusted<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A value with every text and every key of it as people see them.
fn shown(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(visible(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(shown).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, value)| (visible(&key).into_owned(), shown(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_do_not_see_is_left_out() {
        let texts = Untrusted(json!({"a\u{200b}": ["x\u{202e}y", 1, {"b": "\u{e0041}z"}]}));
        assert_eq!(serde_json::to_value(texts).unwrap(), json!({"a": ["xy", 1, {"b": "z"}]}));
    }
}
