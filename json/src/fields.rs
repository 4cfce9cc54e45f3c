//! Objects and lists, found once and read where they are wanted.
//!
//! In: a [`Cursor`] before an object or a list. Out: the texts of its values, without a tree or a tape of those that
//! nobody asks for: of an archive's bytes nine in ten are headers and bodies that no rule reads. Never here: errors. A
//! value of another kind than the wanted one counts as absent, and so does `null`.

use std::borrow::Cow;

use crate::cursor::Cursor;
use crate::text::RawStr;

/// The fields of one object, in the order of the text.
#[derive(Debug)]
pub struct Fields<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Fields<'a> {
    /// The fields of the object that is next; `None` when there is none, or it breaks off.
    pub fn of(mut object: Cursor<'a>) -> Option<Self> {
        let mut fields = Vec::with_capacity(16);
        object.object().ok()?;
        while let Some(key) = object.key().ok()? {
            fields.push((key, object.skip().ok()?));
        }
        Some(Self(fields))
    }

    /// A cursor before the value of `key`, unless that is null.
    fn find(&self, key: &str) -> Option<Cursor<'a>> {
        let (_, value) = *self.0.iter().find(|(known, _)| *known == key.as_bytes())?;
        (!value.starts_with(b"n")).then_some(Cursor::new(value))
    }

    /// True when the object has a value for `key` that is not null.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// A string as it is written.
    pub fn raw(&self, key: &str) -> Option<RawStr<'a>> {
        raw_text(self.find(key)?)
    }

    /// A string.
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        Some(raw_text(self.find(key)?)?.text())
    }

    /// A finite number, also one that is spelled as a string.
    pub fn number(&self, key: &str) -> Option<f64> {
        let mut value = self.find(key)?;
        match value.peek() {
            b'"' => self.text(key)?.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => value.number().ok()?,
        }
    }

    /// True for `true` alone.
    pub fn is_true(&self, key: &str) -> bool {
        self.find(key).is_some_and(|mut value| value.is_true() == Ok(true))
    }

    /// An object.
    pub fn object(&self, key: &str) -> Option<Self> {
        Self::of(self.find(key)?)
    }

    /// The items of a list; `None` when the value is no list.
    pub fn list(&self, key: &str) -> Option<Items<'a>> {
        Items::of(self.find(key)?)
    }

    /// The items of a list; none when the value is no list.
    pub fn items(&self, key: &str) -> Items<'a> {
        self.list(key).unwrap_or(Items(None))
    }
}

/// The string that is next; `None` when another value is.
pub fn raw_text(mut value: Cursor<'_>) -> Option<RawStr<'_>> {
    if value.peek() == b'"' { value.string().ok() } else { None }
}

/// The texts of the items of a list. Ends early at broken text.
#[derive(Clone, Debug)]
pub struct Items<'a>(Option<Cursor<'a>>);

impl<'a> Items<'a> {
    /// The items of the list that is next; `None` when there is none.
    pub fn of(mut list: Cursor<'a>) -> Option<Self> {
        list.array().ok()?;
        Some(Self(Some(list)))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let list = self.0.as_mut()?;
        let item = match list.item() {
            Ok(true) => list.skip().ok(),
            _ => None,
        };
        if item.is_none() {
            self.0 = None;
        }
        item
    }
}

/// The keys of an object, as they are written, with the texts of their values. Ends early at broken text.
#[derive(Clone, Debug)]
pub struct Members<'a>(Option<Cursor<'a>>);

impl<'a> Members<'a> {
    /// The members of the object that is next; none when there is none.
    pub fn of(mut object: Cursor<'a>) -> Self {
        Self(object.object().is_ok().then_some(object))
    }

    /// The text of the value of the first member `key`.
    pub fn find(mut self, key: &str) -> Option<&'a [u8]> {
        Iterator::find(&mut self, |(known, _)| *known == key.as_bytes()).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let object = self.0.as_mut()?;
        let member = match object.key() {
            Ok(Some(key)) => object.skip().ok().map(|value| (key, value)),
            _ => None,
        };
        if member.is_none() {
            self.0 = None;
        }
        member
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
    }

    #[test]
    fn what_breaks_off_has_no_fields() {
        for text in ["", "[]", "{", "{\"a\"", "{\"a\":[1", "{\"a\":1,\"b\":\"x"] {
            assert!(Fields::of(Cursor::new(text.as_bytes())).is_none(), "{text}");
        }
        let fields = Fields::of(Cursor::new(b"{\"a\":[1,2,:]}")).unwrap();
        assert_eq!(fields.items("a").count(), 2);
    }

    #[test]
    fn items_are_found_whatever_they_hold() {
        for (json, want) in [
            ("[]", vec![]),
            ("[ 1 , \"a]\\\"\" ,{\"b\":[2]} ]", vec!["1", "\"a]\\\"\"", "{\"b\":[2]}"]),
            ("[\"\\ud800\",null]", vec!["\"\\ud800\"", "null"]),
            ("[1,{\"cut\":", vec!["1"]),
            ("[1,\"cut", vec!["1"]),
            ("[,]", vec![]),
            ("{}", vec![]),
            ("", vec![]),
        ] {
            let items = Items::of(Cursor::new(json.as_bytes())).into_iter().flatten();
            assert_eq!(items.map(|item| std::str::from_utf8(item).unwrap()).collect::<Vec<_>>(), want, "{json}");
        }
    }

    #[test]
    fn members_are_found_by_name() {
        let json = Cursor::new(br#"{"log" : {"entries":[]}, "n":3}"#);
        assert_eq!(Members::of(json).find("log"), Some(&b"{\"entries\":[]}"[..]));
        assert_eq!(Members::of(json).find("n"), Some(&b"3"[..]));
        for bad in ["{", "{\"a", "{\"a\"", "{\"a\":", "{3:4}", "[]"] {
            assert_eq!(Members::of(Cursor::new(bad.as_bytes())).count(), 0, "{bad}");
        }
    }
}
