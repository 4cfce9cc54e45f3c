//! Argument types of the tools that list and change bugs: several texts, and those that REST takes as well.

use std::borrow::Cow;
use std::fmt;

pub(crate) use playhead_tracker::{When, Worker};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::args::Text;

/// Texts of 1 to `MAX` characters; a single one may stand without a list around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Texts<const MAX: usize>(pub(crate) Vec<Text<MAX>>);

impl<const MAX: usize> Default for Texts<MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<const MAX: usize> Texts<MAX> {
    /// The most texts of one list.
    const COUNT_MAX: usize = 100;

    /// The texts.
    pub(crate) fn into_strings(self) -> Vec<String> {
        self.0.into_iter().map(|text| text.0).collect()
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Texts<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One<const MAX: usize>;
        impl<'de, const MAX: usize> Visitor<'de> for One<MAX> {
            type Value = Vec<Text<MAX>>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a text of 1 to {MAX} characters, or a list of such texts")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![Text::deserialize(de::value::StrDeserializer::new(text))?])
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut found = Vec::new();
                while let Some(text) = list.next_element()? {
                    if found.len() == Texts::<MAX>::COUNT_MAX {
                        return Err(de::Error::custom(format!("more than {} texts", Texts::<MAX>::COUNT_MAX)));
                    }
                    found.push(text);
                }
                Ok(found)
            }
        }
        deserializer.deserialize_any(One::<MAX>).map(Self)
    }
}

impl<const MAX: usize> JsonSchema for Texts<MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Texts{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({"type": "string", "minLength": 1, "maxLength": MAX});
        json_schema!({"type": ["array", "string"], "minLength": 1, "maxLength": MAX, "items": text})
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_text_or_several() {
        for (json, want) in [("\"a\"", vec!["a"]), ("[\" a \",\"b\"]", vec!["a", "b"]), ("[]", vec![])] {
            assert_eq!(serde_json::from_str::<Texts<3>>(json).unwrap().into_strings(), want, "{json}");
        }
        for json in ["\"\"", "[\"abcd\"]", "[1]", "{}", &format!("[{}\"a\"]", "\"a\",".repeat(100))] {
            assert!(serde_json::from_str::<Texts<3>>(json).is_err(), "{json}");
        }
    }
}
