//! Arguments that take one of a few words, or several of them, and say which when they get another.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{MomentKind, Stream};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::args::shortened;

/// Words of a list that are read; there are fewer different ones.
const WORDS_MAX: usize = 100;
/// How alike two words are, from 0 to 1, for the one to be suggested for the other.
const LIKENESS_MIN: f64 = 0.6;

/// A word among a few.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// The argument that takes it, as errors name it.
    const FIELD: &'static str;
    /// Every word.
    fn all() -> &'static [Self];
    /// The word as callers write it.
    fn word(self) -> &'static str;
}

macro_rules! choices {
    ($($name:ty, $field:literal;)+) => {$(
        impl Choice for $name {
            const FIELD: &'static str = $field;
            fn all() -> &'static [Self] {
                &Self::ALL
            }
            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )+};
}

choices! {
    BugStatus, "status";
    Priority, "priority";
    MomentKind, "kinds";
    Stream, "stream";
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

impl<T: Choice> Serialize for Any<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|word| word.word()))
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
        json_schema!({"type": "string", "enum": words::<T>()})
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
        json_schema!({"type": "array", "items": {"enum": words::<T>()}})
    }
}

struct OneVisitor<T>(PhantomData<T>);

impl<'de, T: Choice> Visitor<'de> for OneVisitor<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", words::<T>().join(", "))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        one(text)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(de::Error::custom(format!("{} takes one of {}, not a list", T::FIELD, words::<T>().join(", "))))
    }
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: Choice> Visitor<'de> for AnyVisitor<T> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}, or a list of them", words::<T>().join(", "))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        Ok(vec![one(text)?])
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut found = Vec::new();
        while let Some(One(word)) = list.next_element::<One<T>>()? {
            if found.len() == WORDS_MAX {
                return Err(de::Error::custom(format!("{} takes at most {WORDS_MAX} words", T::FIELD)));
            }
            found.push(word);
        }
        Ok(found)
    }
}

/// The word that `text` is; upper and lower case are the same.
fn one<T: Choice, E: de::Error>(text: &str) -> Result<T, E> {
    let known = T::all().iter().copied().find(|word| word.word().eq_ignore_ascii_case(text.trim()));
    known.ok_or_else(|| {
        let nearest = nearest::<T>(text).map(|word| format!("; did you mean {word}?")).unwrap_or_default();
        let all = words::<T>().join(", ");
        de::Error::custom(format!("{} takes one of {all}, not {:?}{nearest}", T::FIELD, shortened(text)))
    })
}

/// The word that is most like `text`, if one is.
fn nearest<T: Choice>(text: &str) -> Option<&'static str> {
    let text: String = text.trim().to_ascii_lowercase().chars().take(40).collect();
    let likeness =
        |word: &&str| strsim::normalized_damerau_levenshtein(word, &text).max(strsim::jaro_winkler(word, &text) - 0.2);
    let best = words::<T>().into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) >= LIKENESS_MIN).then_some(best)
}

fn words<T: Choice>() -> Vec<&'static str> {
    T::all().iter().map(|word| word.word()).collect()
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
    fn what_is_wrong_is_said_in_plain_words() {
        let status = |json| serde_json::from_str::<Any<BugStatus>>(json).unwrap_err().to_string();
        for (json, nearest) in [
            ("\"opne\"", "did you mean open?"),
            ("[\"open\", \"in progress\"]", "did you mean in_progress?"),
            ("\"close\"", "did you mean closed?"),
            ("\"resolve\"", "did you mean resolved?"),
        ] {
            let error = status(json);
            assert!(error.starts_with("status takes one of open, in_progress, resolved, closed, not "), "{error}");
            assert!(error.contains(nearest), "{error}");
        }
        assert!(!status("\"banana\"").contains("did you mean"), "{}", status("\"banana\""));
        assert!(status("3").contains("one of open"), "{}", status("3"));
        let stream = serde_json::from_str::<One<Stream>>("[\"rrweb\"]").unwrap_err().to_string();
        assert!(stream.starts_with("stream takes one of rrweb, console, network, not a list"), "{stream}");
    }
}
