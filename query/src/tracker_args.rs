//! Argument types of the tools that list and change bugs: several texts, times, who works on a bug.

use std::borrow::Cow;
use std::fmt;

use playhead_schemas::EpochMs;
use playhead_tracker::Assignee;
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

/// A time: RFC 3339, a date alone (its beginning in UTC), or milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct When(pub(crate) EpochMs);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Ms(i64),
            Text(String),
        }
        const WANTED: &str = "not a time such as 2026-11-20T16:59:15Z, 2026-11-20 or milliseconds since 1970";
        match Form::deserialize(deserializer).map_err(|_| de::Error::custom(WANTED))? {
            Form::Ms(ms) => Ok(Self(EpochMs(ms))),
            Form::Text(text) => parse_when(text.trim()).map(Self).ok_or_else(|| de::Error::custom(WANTED)),
        }
    }
}

impl JsonSchema for When {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "When".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

fn parse_when(text: &str) -> Option<EpochMs> {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    let is_date = text.len() == 10 && !text.contains('T');
    let text = if is_date { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let nanos = OffsetDateTime::parse(&text, &Rfc3339).ok()?.unix_timestamp_nanos();
    i64::try_from(nanos.div_euclid(1_000_000)).ok().map(EpochMs)
}

/// Who works on a bug, as callers say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Worker {
    /// Nobody: a condition of lists alone.
    Nobody,
    /// A member or an agent, or the caller.
    One(Assignee),
}

impl<'de> Deserialize<'de> for Worker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "me" => Ok(Self::One(Assignee::Me)),
            "none" => Ok(Self::Nobody),
            _ => text.parse().map(|actor| Self::One(Assignee::Actor(actor))).map_err(|_| {
                de::Error::custom(
                    "not me, none, or a member or an agent such as member 01JD3M6ZQK8V0W2X4Y6Z8A0B2C, as \
                     list_project_members gives them",
                )
            }),
        }
    }
}

impl JsonSchema for Worker {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Worker".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn times() {
        for (json, want) in [
            ("\"1970-01-01T00:00:01.5Z\"", Some(1500)),
            ("\"1970-01-01T01:00:00+01:00\"", Some(0)),
            ("\" 1970-01-02 \"", Some(86_400_000)),
            ("1500", Some(1500)),
            ("\"yesterday\"", None),
            ("\"2026-13-01\"", None),
            ("\"\"", None),
            ("1.5", None),
        ] {
            assert_eq!(serde_json::from_str::<When>(json).ok().map(|when| when.0.0), want, "{json}");
        }
    }

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
