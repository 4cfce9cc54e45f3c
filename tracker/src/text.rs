//! Texts that people and agents write, in the form in which they are stored.

use playhead_schemas::limits::{RATIONALE_CHARS_MAX, RELEASE_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX, TITLE_CHARS_MAX};
use playhead_schemas::text::{one_line, visible};

use crate::TrackerError;

/// A title: one line of visible characters.
pub(crate) fn title(text: &str) -> Result<String, TrackerError> {
    line("title", text, TITLE_CHARS_MAX)
}

/// The name of a release or a milestone.
pub(crate) fn name(field: &'static str, text: &str) -> Result<String, TrackerError> {
    line(field, text, RELEASE_CHARS_MAX)
}

/// Many lines of visible characters. `least` is 0 or 1.
pub(crate) fn lines(field: &'static str, text: &str, least: usize, most: usize) -> Result<String, TrackerError> {
    let clean = visible(text).trim().to_owned();
    check(field, clean.chars().count(), least, most)?;
    Ok(clean)
}

/// Why something is done; `None` for a text without words.
pub(crate) fn rationale(text: Option<&str>) -> Result<Option<String>, TrackerError> {
    let clean = text.map(|text| lines("rationale", text, 0, RATIONALE_CHARS_MAX)).transpose()?;
    Ok(clean.filter(|text| !text.is_empty()))
}

/// Tags, each once, in the given order.
pub(crate) fn tags(field: &'static str, given: &[String]) -> Result<Vec<String>, TrackerError> {
    let mut tags = Vec::new();
    for tag in given {
        let tag = line(field, tag, TAG_CHARS_MAX)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    check_tags(field, &tags)?;
    Ok(tags)
}

/// A bug has so many tags at most.
pub(crate) fn check_tags(field: &'static str, tags: &[String]) -> Result<(), TrackerError> {
    if tags.len() <= TAGS_MAX {
        return Ok(());
    }
    let message = format!("would give the bug {} tags; it can have {TAGS_MAX}", tags.len());
    Err(TrackerError::invalid(field, message, "Remove tags with remove_tags in the same call."))
}

/// A text that is compared as it is, without white space around it: a condition of a list, a key.
pub(crate) fn bounded<'t>(field: &'static str, text: &'t str, most: usize) -> Result<&'t str, TrackerError> {
    let text = text.trim();
    check(field, text.chars().count(), 1, most)?;
    Ok(text)
}

/// One line of visible characters.
pub(crate) fn line(field: &'static str, text: &str, most: usize) -> Result<String, TrackerError> {
    let clean = one_line(text, usize::MAX);
    check(field, clean.chars().count(), 1, most)?;
    Ok(clean)
}

fn check(field: &'static str, chars: usize, least: usize, most: usize) -> Result<(), TrackerError> {
    if (least..=most).contains(&chars) {
        return Ok(());
    }
    let message = format!("must have {least} to {most} visible characters, not {chars}");
    Err(TrackerError::invalid(field, message, "Send a text of that length."))
}
