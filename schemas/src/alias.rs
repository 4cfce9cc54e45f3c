//! Long texts that stand more than once in a transcript are written once and named.
//!
//! Where one stands first, it gets its name, `alert §1{"We could not place your order."}§ appeared`;
//! after that the name stands for it, `alert §1 appeared`. Names hold for one answer: a page of a transcript
//! defines its own. The same lines give the same names.
//!
//! Who wrote a line says which parts of it may be named ([`Moment::units`](crate::Moment)); words are not looked at.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::timeline::Span;

#[cfg(test)]
mod tests;

/// What an answer with names says about them.
pub const LEGEND: &str = "§1{..}§ names a text; from there on §1 stands for it.";
/// Texts shorter than this are never named, in bytes.
pub const UNIT_BYTES_MIN: usize = 24;

/// The sign that begins a name, and what ends a definition.
const SIGN: char = '§';
const DEFINITION_END: &str = "}§";
/// What a name must save over all its uses, in bytes: less is not worth looking it up.
const SAVED_BYTES_MIN: usize = 32;
/// What one use of a name costs, in bytes.
const USE_BYTES: usize = 8;
/// Digits of the longest number that a name could have.
const DIGITS_MAX: usize = 20;

/// A line of a transcript.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// What stands before the text: id and time.
    pub prefix: String,
    /// The moment, in words.
    pub text: Cow<'a, str>,
    /// The parts of `text` that may be named, as [`Moment::units`](crate::Moment) has them.
    pub units: &'a [Span],
}

impl From<String> for Line<'_> {
    /// A line in which nothing is named.
    fn from(text: String) -> Self {
        Self { prefix: String::new(), text: Cow::Owned(text), units: &[] }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.text)
    }
}

/// Lines in which names may stand for texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shortened {
    /// The lines.
    pub lines: Vec<String>,
    /// True when a name is given in them: then an answer says what names are ([`LEGEND`]).
    pub has_names: bool,
}

impl AsRef<[String]> for Shortened {
    fn as_ref(&self) -> &[String] {
        &self.lines
    }
}

/// Names what is long and repeated in `lines`.
///
/// A whole unit goes before its parts: those are named where the whole is written out. What was done and what came of
/// it is no unit, so it is never hidden.
pub fn shorten(lines: &[Line<'_>]) -> Shortened {
    let units: Vec<Vec<Unit<'_>>> = lines.iter().map(units).collect();
    let mut names = names(&units);
    if names.is_empty() {
        return Shortened { lines: lines.iter().map(Line::to_string).collect(), has_names: false };
    }
    // Pages may hold anything, names like ours too.
    let taken = numbers(lines);
    let mut free = (1..).filter(|number| !taken.contains(number));
    let lines = lines.iter().zip(&units).map(|(line, units)| written(line, units, &mut names, &mut free)).collect();
    Shortened { lines, has_names: true }
}

/// A part of a line that may be named.
struct Unit<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    /// True when it is a part of the last one before it that is not.
    is_part: bool,
}

/// Texts that are named; their numbers, where they have one by now.
type Names<'a> = HashMap<&'a str, Option<u64>>;

/// The units of a line, as far as they can be named.
fn units<'a>(line: &'a Line<'_>) -> Vec<Unit<'a>> {
    let mut found: Vec<Unit<'a>> = Vec::with_capacity(line.units.len());
    let (mut whole, mut end) = (0..0, 0);
    for span in line.units {
        let Some(text) = span.of(&line.text).filter(|text| is_nameable(text, *span, &line.text)) else { continue };
        let range = span.start as usize..span.end();
        let is_part = range.start < whole.end;
        // Stored spans are in order and never overlap by half; others are passed over.
        if range.start < end || is_part && (range.end > whole.end || range.len() == whole.len()) {
            continue;
        }
        if is_part {
            end = range.end;
        } else {
            (whole, end) = (range.clone(), range.start);
        }
        found.push(Unit { text, start: range.start, end: range.end, is_part });
    }
    found
}

/// True when a name can stand for `text` without being misread.
fn is_nameable(text: &str, span: Span, line: &str) -> bool {
    let line = line.as_bytes();
    let before = (span.start as usize).checked_sub(1).and_then(|at| line.get(at));
    // A digit behind a name would make another name of it, a bracket a definition; a name behind a bracket would look
    // like the end of one. No text holds half of a definition.
    let is_clear = before != Some(&b'}') && !line.get(span.end()).is_some_and(|b| b.is_ascii_digit() || *b == b'{');
    text.len() >= UNIT_BYTES_MIN && is_clear && !text.contains(SIGN)
}

/// The texts for which a name pays.
fn names<'a>(units: &[Vec<Unit<'a>>]) -> Names<'a> {
    let mut wholes: HashMap<&str, usize> = HashMap::new();
    for unit in units.iter().flatten().filter(|unit| !unit.is_part) {
        *wholes.entry(unit.text).or_default() += 1;
    }
    wholes.retain(|text, count| pays(text, *count));
    // Where a name stands for a whole, its parts are not written.
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut is_written = true;
    for unit in units.iter().flatten() {
        if !unit.is_part {
            is_written = !(wholes.contains_key(unit.text) && counts.contains_key(unit.text));
        }
        if is_written || !unit.is_part {
            *counts.entry(unit.text).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(text, count)| pays(text, *count)).map(|(text, _)| (text, None)).collect()
}

fn pays(text: &str, count: usize) -> bool {
    (count - 1) * text.len().saturating_sub(USE_BYTES) >= SAVED_BYTES_MIN
}

/// The numbers that stand after a sign already, and the beginnings of them: a unit may start within one.
fn numbers(lines: &[Line<'_>]) -> HashSet<u64> {
    let after_signs = lines.iter().flat_map(|line| line.text.split(SIGN).skip(1));
    let digits = after_signs.map(|text| &text[..text.bytes().take_while(u8::is_ascii_digit).count()]);
    digits.flat_map(|digits| (1..=digits.len().min(DIGITS_MAX)).filter_map(|len| digits[..len].parse().ok())).collect()
}

/// The line with names; a text that has no number yet gets the next one, and is written out.
fn written(line: &Line<'_>, units: &[Unit<'_>], names: &mut Names<'_>, free: &mut impl Iterator<Item = u64>) -> String {
    let mut out = Rewrite { text: &line.text, out: line.prefix.clone(), copied: 0, open: Vec::new() };
    for unit in units {
        // What stands inside of a text that became a name is not written.
        let Some(number) = names.get_mut(unit.text).filter(|_| unit.start >= out.copied) else { continue };
        out.copy(unit.start);
        match *number {
            Some(number) => {
                out.out.push_str(&format!("{SIGN}{number}"));
                out.copied = unit.end;
            }
            None => {
                *number = free.next();
                out.out.push_str(&format!("{SIGN}{}{{", number.unwrap_or_default()));
                out.open.push(unit.end);
            }
        }
    }
    out.copy(line.text.len());
    out.out
}

/// A line that is being written with names.
struct Rewrite<'a> {
    text: &'a str,
    out: String,
    /// How much of the text was written or became a name.
    copied: usize,
    /// Where the definitions end that were begun.
    open: Vec<usize>,
}

impl Rewrite<'_> {
    /// Writes the text up to `to`, and the ends of definitions on the way.
    fn copy(&mut self, to: usize) {
        while let Some(end) = self.open.pop_if(|end| *end <= to) {
            self.out.push_str(&self.text[self.copied..end]);
            self.out.push_str(DEFINITION_END);
            self.copied = end;
        }
        self.out.push_str(&self.text[self.copied..to]);
        self.copied = to;
    }
}
