//! What callers say in words of their own: who works on a bug, and times. Tools and REST read them alike.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use playhead_schemas::EpochMs;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::{Assignee, TrackerError};

/// A text that is not what an argument takes: what it takes instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {0}")]
pub struct NotTaken(&'static str);

/// Who works on a bug, as callers say it: `me`, `none`, or a member or an agent such as `agent 01J..`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// Nobody: a condition of lists alone.
    Nobody,
    /// A member or an agent, or the caller.
    One(Assignee),
}

impl Worker {
    /// The one, for a bug that is filed: nobody is as good as none given.
    pub fn one(self) -> Option<Assignee> {
        match self {
            Self::Nobody => None,
            Self::One(assignee) => Some(assignee),
        }
    }

    /// The one, for a bug that is changed.
    ///
    /// # Errors
    /// `INVALID_INPUT` for nobody, which is asked for in another way.
    pub fn to_assign(self) -> Result<Assignee, TrackerError> {
        let nobody = || TrackerError::invalid("assignee", "can't be none", "Send clear: [\"assignee\"] instead.");
        self.one().ok_or_else(nobody)
    }
}

impl FromStr for Worker {
    type Err = NotTaken;

    fn from_str(text: &str) -> Result<Self, NotTaken> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "me" => Ok(Self::One(Assignee::Me)),
            "none" => Ok(Self::Nobody),
            _ => text.parse().map(|actor| Self::One(Assignee::Actor(actor))).map_err(|_| {
                NotTaken(
                    "me, none, or a member or an agent such as member 01JD3M6ZQK8V0W2X4Y6Z8A0B2C, as \
                     list_project_members gives them",
                )
            }),
        }
    }
}

impl fmt::Display for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("none"),
            Self::One(Assignee::Me) => f.write_str("me"),
            Self::One(Assignee::Actor(actor)) => actor.fmt(f),
        }
    }
}

impl Serialize for Worker {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Worker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
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

/// A time: RFC 3339, a date alone (its beginning in UTC), or milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct When(pub EpochMs);

/// Digits of milliseconds that stand in a text.
const MS_DIGITS_MIN: usize = 10;
const TIME: NotTaken = NotTaken("a time such as 2026-11-20T16:59:15Z, 2026-11-20 or milliseconds since 1970");

impl FromStr for When {
    type Err = NotTaken;

    fn from_str(text: &str) -> Result<Self, NotTaken> {
        use time::OffsetDateTime;
        use time::format_description::well_known::Rfc3339;
        let text = text.trim();
        // A year, or a date without hyphens, is none.
        if text.len() >= MS_DIGITS_MIN && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(|ms| Self(EpochMs(ms))).map_err(|_| TIME);
        }
        let is_date = text.len() == 10 && !text.contains('T');
        let text = if is_date { Cow::Owned(format!("{text}T00:00:00Z")) } else { Cow::Borrowed(text) };
        let nanos = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| TIME)?.unix_timestamp_nanos();
        i64::try_from(nanos.div_euclid(1_000_000)).map(|ms| Self(EpochMs(ms))).map_err(|_| TIME)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl Visitor<'_> for Form {
            type Value = When;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(TIME.0)
            }
            fn visit_i64<E: de::Error>(self, ms: i64) -> Result<When, E> {
                Ok(When(EpochMs(ms)))
            }
            fn visit_u64<E: de::Error>(self, ms: u64) -> Result<When, E> {
                i64::try_from(ms).map(|ms| When(EpochMs(ms))).map_err(|_| E::custom(TIME))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<When, E> {
                Err(E::custom(TIME))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<When, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Form)
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
            ("\"1795193955508\"", Some(1_795_193_955_508)),
            ("\"2026\"", None),
            ("\"20261120\"", None),
            ("\"yesterday\"", None),
            ("\"2026-13-01\"", None),
            ("\"9999999999999999999999\"", None),
            ("18446744073709551615", None),
            ("\"\"", None),
            ("1.5", None),
        ] {
            assert_eq!(serde_json::from_str::<When>(json).ok().map(|when| when.0.0), want, "{json}");
        }
    }

    #[test]
    fn workers_come_back_as_they_were_said() {
        let agent = "agent 01JD3M6ZQK8V0W2X4Y6Z8A0B2C";
        for (said, kept) in [(" Me", "me"), ("NONE", "none"), (agent, agent)] {
            assert_eq!(said.parse::<Worker>().unwrap().to_string(), kept);
        }
        for said in ["", "you", "agent x", "01JD3M6ZQK8V0W2X4Y6Z8A0B2C"] {
            assert!(said.parse::<Worker>().unwrap_err().to_string().starts_with("not me, none, or "), "{said}");
        }
    }
}
