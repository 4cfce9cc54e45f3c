//! The fields of a JSON object, found once and read where they are wanted.
//!
//! In: text that a [`Cursor`] stands on. Out: values by key, without a tree or a tape of those that nobody asks for: of an
//! archive's bytes nine in ten are headers and bodies that no rule reads. Never here: meaning; a value of another kind
//! than the wanted one counts as absent, and so does `null`.

use std::borrow::Cow;

use crate::json::{Cursor, RawStr};
use crate::lenient::{epoch_of_number, epoch_of_text};

/// The fields of one object, in the order of the text.
#[derive(Debug)]
pub(crate) struct Fields<'a>(Vec<(&'a [u8], Cursor<'a>)>);

impl<'a> Fields<'a> {
    /// The fields of the object that is next; `None` when there is none, or it breaks off.
    pub(crate) fn of(mut cursor: Cursor<'a>) -> Option<Self> {
        let mut fields = Vec::with_capacity(16);
        cursor.object().ok()?;
        while let Some(key) = cursor.key().ok()? {
            fields.push((key, cursor));
            cursor.skip().ok()?;
        }
        Some(Self(fields))
    }

    /// The place of a value that is not null.
    fn find(&self, wanted: &str) -> Option<Cursor<'a>> {
        let (_, mut place) = *self.0.iter().find(|(key, _)| *key == wanted.as_bytes())?;
        (place.peek() != b'n').then_some(place)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        Some(raw_text(self.find(key)?)?.text())
    }

    /// A number, also one that is spelled as a string.
    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        let mut place = self.find(key)?;
        match place.peek() {
            b'"' => self.text(key)?.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => place.number().ok()?,
        }
    }

    pub(crate) fn is_true(&self, key: &str) -> bool {
        self.find(key).is_some_and(|mut place| place.is_true() == Ok(true))
    }

    pub(crate) fn object(&self, key: &str) -> Option<Self> {
        Self::of(self.find(key)?)
    }

    pub(crate) fn list(&self, key: &str) -> Option<Items<'a>> {
        let mut list = self.find(key)?;
        list.array().ok()?;
        Some(Items(Some(list)))
    }

    /// The items of a list; none when there is no list.
    pub(crate) fn items(&self, key: &str) -> Items<'a> {
        self.list(key).unwrap_or(Items(None))
    }

    /// An epoch time in milliseconds, see [`epoch_ms`](crate::lenient::epoch_ms).
    pub(crate) fn epoch_ms(&self, key: &str) -> Option<f64> {
        match self.text(key) {
            Some(text) => epoch_of_text(&text),
            None => epoch_of_number(self.number(key)?),
        }
    }
}

/// The string that is next; `None` when another value is.
pub(crate) fn raw_text(mut place: Cursor<'_>) -> Option<RawStr<'_>> {
    if place.peek() == b'"' { place.string().ok() } else { None }
}

/// The places of the items of a list, as far as it goes.
#[derive(Clone, Debug)]
pub(crate) struct Items<'a>(Option<Cursor<'a>>);

impl<'a> Iterator for Items<'a> {
    type Item = Cursor<'a>;

    fn next(&mut self) -> Option<Cursor<'a>> {
        let list = self.0.as_mut()?;
        let item = list.item().ok()?.then_some(*list)?;
        if list.skip().is_err() {
            self.0 = None;
            return None;
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn fields_are_read_as_what_they_are() {
        let text =
            br#" {"a":"x\n","b" : -2.5,"c":" 7 ","d":true,"e":null,"f":{"g":[1,"2",{}]},"h":"2026-11-20T16:07:19Z"}"#;
        let fields = Fields::of(Cursor::new(text)).unwrap();
        assert_eq!(fields.text("a").as_deref(), Some("x\n"));
        assert_eq!((fields.number("b"), fields.number("c"), fields.number("a")), (Some(-2.5), Some(7.0), None));
        assert_eq!((fields.is_true("d"), fields.is_true("b")), (true, false));
        assert_eq!((fields.has("d"), fields.has("e"), fields.has("z")), (true, false, false));
        assert_eq!((fields.text("b"), fields.object("a").is_none()), (None, true));
        assert_eq!(fields.object("f").unwrap().items("g").count(), 3);
        assert_eq!(fields.items("f").count(), 0);
        assert_eq!(fields.epoch_ms("h"), Some(1_795_190_839_000.0));
    }

    #[test]
    fn what_breaks_off_has_no_fields() {
        for text in ["", "[]", "{", "{\"a\"", "{\"a\":[1", "{\"a\":1,\"b\":\"x"] {
            assert!(Fields::of(Cursor::new(text.as_bytes())).is_none(), "{text}");
        }
        let fields = Fields::of(Cursor::new(b"{\"a\":[1,2,:]}")).unwrap();
        assert_eq!(fields.items("a").count(), 2);
    }
}
