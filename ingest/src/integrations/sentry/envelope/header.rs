//! A header line, without what nobody asks for.
//!
//! In: JSON. Out: a tree of the members that are read. Never here: a tree of the others, which anybody can make a hundred
//! times as large as their text, before any key is known.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The members of envelopes' and items' headers that are read, or whose presence is.
const WANTED: &[&str] = &[
    "type",
    "length",
    "filename",
    "content_type",
    "sdk",
    "sent_at",
    "dsn",
    "event_id",
    "trace",
    "public_key",
    "replay_id",
];

/// A value with the wanted members alone; a list is null.
pub(super) struct Header(pub(super) Value);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Wanted)
    }
}

struct Wanted;

impl<'de> Visitor<'de> for Wanted {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Header, A::Error> {
        let mut kept = Map::new();
        while let Some(name) = members.next_key::<Cow<'_, str>>()? {
            match WANTED.iter().find(|wanted| **wanted == name) {
                Some(wanted) => {
                    let Header(value) = members.next_value()?;
                    kept.insert((*wanted).to_owned(), value);
                }
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Header(Value::Object(kept)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Header, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Header(Value::Null))
    }

    fn visit_str<E>(self, text: &str) -> Result<Header, E> {
        Ok(Header(text.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Header, E> {
        Ok(Header(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Header, E> {
        Ok(Header(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Header, E> {
        Ok(Header(number.into()))
    }

    fn visit_bool<E>(self, is: bool) -> Result<Header, E> {
        Ok(Header(is.into()))
    }

    fn visit_unit<E>(self) -> Result<Header, E> {
        Ok(Header(Value::Null))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_read_becomes_a_tree() {
        for (text, want) in [
            (
                r#"{"type":"event","length":7,"sdk":{"name":"s"},"a":[{"":0},{"":0}],"trace":{"public_key":"k","b":[1]}}"#,
                json!({"type": "event", "length": 7, "sdk": {}, "trace": {"public_key": "k"}}),
            ),
            (r#"{"type":[{"":0}],"sent_at":null}"#, json!({"type": null, "sent_at": null})),
            (r#"{"length":-1,"dsn":true,"event_id":1.5}"#, json!({"length": -1, "dsn": true, "event_id": 1.5})),
            ("[1]", json!(null)),
        ] {
            assert_eq!(serde_json::from_str::<Header>(text).unwrap().0, want, "{text}");
        }
        for broken in ["{", r#"{"a":}"#, r#"{"a":[}"#, "x"] {
            assert!(serde_json::from_str::<Header>(broken).is_err(), "{broken}");
        }
    }
}
