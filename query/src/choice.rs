//! Arguments that take one of a few words, or several of them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;

use playhead_schemas::timeline::Signal;
use playhead_schemas::tracker::{BugSort, BugState};
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{MomentKind, Stream};
use playhead_tracker::Clearable;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// Words of a list that are read; there are fewer different ones.
const WORDS_MAX: usize = 100;

/// A word among a few.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// The argument that takes it.
    const FIELD: &'static str;
    /// Every value.
    fn all() -> &'static [Self];
    /// Every value as callers write it, in the same order.
    fn words() -> &'static [&'static str];
    /// The value of a word that earlier versions took.
    fn former(_word: &str) -> Option<Self> {
        None
    }
}

macro_rules! choices {
    ($($name:ty, $field:literal $(, former $former:literal is $value:expr)?;)+) => {$(
        impl Choice for $name {
            const FIELD: &'static str = $field;
            fn all() -> &'static [Self] {
                &Self::ALL
            }
            fn words() -> &'static [&'static str] {
                static WORDS: LazyLock<Vec<&'static str>> =
                    LazyLock::new(|| <$name>::ALL.iter().map(|value| value.as_str()).collect());
                &WORDS
            }
            $(fn former(word: &str) -> Option<Self> {
                word.eq_ignore_ascii_case($former).then_some($value)
            })?
        }
    )+};
}

choices! {
    BugStatus, "status";
    Priority, "priority", former "urgent" is Priority::Critical;
    MomentKind, "kinds";
    Stream, "stream";
    Signal, "signal";
    BugSort, "sort";
    Clearable, "clear";
    BugState, "state";
}

/// Exactly one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct One<T>(pub(crate) T);

/// Any number of words, each once, in the order of the type. A single word may stand without a list around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Any<T>(pub(crate) Vec<T>);

impl<T> Default for Any<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Choice> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneVisitor(PhantomData)).map(Self)
    }
}

impl<'de, T: Choice> Deserialize<'de> for Any<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = deserializer.deserialize_any(AnyVisitor(PhantomData))?;
        Ok(Self(T::all().iter().copied().filter(|word| words.contains(word)).collect()))
    }
}

impl<T: Choice> Serialize for One<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs = T::all().iter().zip(T::words());
        serializer.serialize_str(pairs.find(|(value, _)| **value == self.0).map_or("", |(_, word)| word))
    }
}

impl<T: Choice> Serialize for Any<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = T::all().iter().zip(T::words());
        serializer.collect_seq(pairs.filter(|(value, _)| self.0.contains(value)).map(|(_, word)| word))
    }
}

impl<T: Choice> JsonSchema for One<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("One_{}", T::FIELD).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": T::words()})
    }
}

impl<T: Choice> JsonSchema for Any<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Any_{}", T::FIELD).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": {"enum": T::words()}})
    }
}

struct OneVisitor<T>(PhantomData<T>);

impl<'de, T: Choice> Visitor<'de> for OneVisitor<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", T::words().join(", "))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        one(text)
    }
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: Choice> Visitor<'de> for AnyVisitor<T> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}, or a list of them", T::words().join(", "))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        Ok(vec![one(text)?])
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut found = Vec::new();
        while let Some(One(word)) = list.next_element::<One<T>>()? {
            if found.len() == WORDS_MAX {
                return Err(de::Error::custom(format!("more than {WORDS_MAX} words")));
            }
            found.push(word);
        }
        Ok(found)
    }
}

/// The value that `text` names; upper and lower case are the same.
fn one<T: Choice, E: de::Error>(text: &str) -> Result<T, E> {
    let mut pairs = T::all().iter().zip(T::words());
    let known = pairs.find(|(_, word)| word.eq_ignore_ascii_case(text.trim()));
    known
        .map(|(value, _)| *value)
        .or_else(|| T::former(text.trim()))
        .ok_or_else(|| E::unknown_variant(text, T::words()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_word_or_several() {
        use BugStatus::{Closed, Open};
        for (json, want) in [
            ("\"open\"", vec![Open]),
            ("\" Open \"", vec![Open]),
            ("[\"closed\",\"open\",\"closed\"]", vec![Open, Closed]),
            ("[]", vec![]),
        ] {
            assert_eq!(serde_json::from_str::<Any<BugStatus>>(json).unwrap().0, want, "{json}");
        }
        assert_eq!(serde_json::from_str::<One<Stream>>("\"console\"").unwrap().0, Stream::Console);
    }

    #[test]
    fn other_words_are_refused() {
        for json in ["\"opne\"", "[\"open\", \"in progress\"]", "3", "null"] {
            assert!(serde_json::from_str::<Any<BugStatus>>(json).is_err(), "{json}");
        }
        for json in ["\"video\"", "[\"rrweb\"]"] {
            assert!(serde_json::from_str::<One<Stream>>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn words_are_those_of_the_values() {
        assert_eq!(BugStatus::words(), ["open", "in_progress", "in_review", "resolved", "closed", "reopened"]);
        assert_eq!(serde_json::from_str::<Any<Priority>>("\"Urgent\"").unwrap().0, [Priority::Critical]);
        assert_eq!(
            serde_json::to_string(&Any(vec![BugStatus::Closed, BugStatus::Open])).unwrap(),
            r#"["open","closed"]"#
        );
    }
}
