//! A moment in fewer words than its own line: for summaries and lists.
//!
//! What decides is never cut: what was entered, where something was dragged, how a page was come to. What followed is
//! told as far as there is room.

use playhead_schemas::text::{excerpt, one_line};
use playhead_schemas::timeline::{Change, Moment, MomentKind, PageChange, Shown, Subject};

use super::action::{self, Limits};
use super::text::Text;
use super::{changes, line, outcome, phrases};
use crate::dom::name::is_masked;

/// What a short line tells that a page shows.
const SHORT_SHOWN_MAX: usize = 4;
/// Counts and values that a short line tells.
const SHORT_FIGURES_MAX: usize = 1;
/// Characters of a change of the page in a short line, at least.
const CHANGE_CHARS_MIN: usize = 48;
/// Characters by which further changes may exceed a short line.
const CHANGES_CHARS: usize = 60;
/// Characters of what was entered in a short line, at least.
const VALUE_CHARS_MIN: usize = 60;
/// Characters of the name of a target in a short line, at least and at most.
const NAME_CHARS: (usize, usize) = (32, 80);
/// Characters of an address in a list, at least.
const LISTED_URL_CHARS_MIN: usize = 40;
/// Characters of a heading in a list, at least.
const HEADING_CHARS_MIN: usize = 28;
/// Characters of an address in a short line, at least.
const URL_CHARS_MIN: usize = 60;

/// How much of an action is told in a line of so many characters.
pub(super) fn limits(chars: usize) -> Limits {
    Limits { value: chars.max(VALUE_CHARS_MIN), name: (chars / 2).clamp(NAME_CHARS.0, NAME_CHARS.1) }
}

/// What was done to what, how often.
pub(super) fn counted(moment: &Moment, chars: usize) -> String {
    match moment.kind.is_action() {
        true => action::counted_words(moment, limits(chars)),
        false => Text::written(|out| line::write_head(out, moment, None)),
    }
}

/// A moment in about `chars` characters: what was done to what, and the first `most` of what it led to.
pub(super) fn short(moment: &Moment, chars: usize, most: usize) -> String {
    let mut out = counted(moment, chars);
    let mut has_outcome = false;
    for change in told(moment).into_iter().take(most) {
        let words = excerpt(
            &Text::written(|out| outcome::write_change(out, change, moment)),
            (chars / 2).max(CHANGE_CHARS_MIN),
        );
        if has_outcome && out.len() + words.len() > chars + CHANGES_CHARS {
            break;
        }
        out.push_str(if has_outcome { "; " } else { " -> " });
        out.push_str(&words);
        has_outcome = true;
    }
    out
}

/// The changes that a short line tells of an action: dialogs, alerts and refusals first, then amounts and numbers;
/// others where it has none of these.
fn told(moment: &Moment) -> Vec<&PageChange> {
    let outcome = moment.outcome.as_ref().filter(|_| moment.kind.is_action());
    let all = outcome.into_iter().flat_map(changes::reported).filter(|told| changes::tells(&told.change));
    let (striking, others): (Vec<_>, Vec<_>) = all.partition(|told| changes::is_striking(&told.change));
    if striking.is_empty() {
        return others;
    }
    let amounts = others.into_iter().filter(|told| is_amount(&told.change));
    striking.iter().copied().chain(amounts).collect()
}

/// True for a text or a value that holds a number.
fn is_amount(change: &Change) -> bool {
    let text = match change {
        Change::Appeared { what: Subject::Text { text } } => text,
        Change::Text { after, .. } => after,
        Change::Value { value, .. } => value,
        Change::ListLength { .. } => return true,
        _ => return false,
    };
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A page in a few words: its address, and what it tells the user, or else its heading where the title lacks it.
/// `origin` is that of the recording, which addresses are told without.
pub(super) fn short_page(moment: &Moment, origin: Option<&str>, chars: usize) -> String {
    let title = moment.value.as_deref().filter(|title| !is_masked(title)).unwrap_or_default();
    let mut out = Text::default();
    out.push(&page_words(moment, origin, (chars / 2).max(URL_CHARS_MIN)));
    let has_figures = moment.shows.iter().any(Shown::is_figure);
    // An amount alone says little without the page around it.
    let is_named = |shown: &Shown| match shown {
        Shown::Count { text } => text.chars().filter(|c| c.is_alphabetic()).count() > 1,
        shown => shown.is_figure(),
    };
    let is_told = |shown: &&Shown| match shown {
        Shown::Heading { text } => !title.contains(text.as_str()),
        Shown::Current { .. } | Shown::Picture { .. } => title.is_empty() || moment.kind == MomentKind::Navigate,
        // The first words of a page are those of one without a heading.
        shown @ Shown::Text { .. } => moment.shows.first() == Some(shown) && !has_figures,
        shown => shown.is_message(),
    };
    let mut told: Vec<&Shown> = moment.shows.iter().filter(is_told).collect();
    told.sort_by_key(|shown| (!shown.is_message(), !matches!(shown, Shown::Heading { .. })));
    told.extend(moment.shows.iter().filter(|shown| is_named(shown)).take(SHORT_FIGURES_MAX));
    // The title tells a page that tells nothing else.
    if !title.is_empty() && !told.iter().any(|shown| shown.is_message() || matches!(shown, Shown::Heading { .. })) {
        out.push(" ");
        out.quote(&one_line(title, (chars / 2).max(CHANGE_CHARS_MIN)));
    }
    // As much as fits, but always the first.
    let mut len = out.text.len();
    let mut shown = Vec::new();
    for one in told.into_iter().take(SHORT_SHOWN_MAX) {
        len += phrases::shown(&[one]).len();
        if !shown.is_empty() && len > chars {
            break;
        }
        shown.push(one);
    }
    line::write_shows(&mut out, shown);
    out.text
}

/// `page load again /cart (reload)`: an address and how the user came there.
fn page_words(moment: &Moment, origin: Option<&str>, chars: usize) -> String {
    let mut out = String::from(if moment.kind == MomentKind::PageLoad { "page load " } else { "navigate to " });
    if moment.note.is_some() {
        out.push_str("again ");
    }
    out.push_str(
        &moment.url.as_deref().map_or("(address unknown)".to_owned(), |url| phrases::brief_address(url, origin, chars)),
    );
    out.push_str(phrases::navigation(moment));
    if moment.count > 1 {
        out.push_str(&phrases::typed_addresses(moment.count));
    }
    out
}

/// A step in a list of steps: its verb, and the rest. `chars` are those of a name; `value` those of what was entered.
pub(super) fn listed(moment: &Moment, origin: Option<&str>, chars: usize, value: usize) -> (&'static str, String) {
    match moment.kind {
        MomentKind::PageLoad | MomentKind::Navigate => {
            let heading =
                moment.shows.iter().filter(|shown| shown.is_message() || matches!(shown, Shown::Heading { .. }));
            // A few letters of a heading tell nothing.
            let heading = heading
                .take(usize::from(chars >= HEADING_CHARS_MIN))
                .map(|shown| excerpt(&phrases::shown(&[shown]), chars));
            let heading: String = heading.map(|words| format!(" shows {words}")).collect();
            ("", format!("{}{heading}", page_words(moment, origin, chars.max(LISTED_URL_CHARS_MIN))))
        }
        MomentKind::Notice => {
            let change = moment.outcome.iter().flat_map(|outcome| &outcome.changes).next();
            (
                "",
                change.map_or_else(String::new, |change| {
                    format!("unasked: {}", excerpt(&changes::words(&change.change), chars))
                }),
            )
        }
        kind if kind.is_action() => {
            let verb = action::verb(moment);
            let words = action::counted_words(moment, Limits { value, name: chars });
            let words = words.strip_prefix(verb).unwrap_or(&words).trim_start().to_owned();
            let striking = told(moment).into_iter().find(|told| changes::is_striking(&told.change));
            let striking = striking
                .map(|told| format!(" -> {}", excerpt(&changes::words(&told.change), chars.max(CHANGE_CHARS_MIN))));
            (verb, format!("{words}{}", striking.unwrap_or_default()))
        }
        _ => ("", Text::written(|out| line::write_head(out, moment, None))),
    }
}
