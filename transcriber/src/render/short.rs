//! A moment in fewer words than its own line: for summaries and folds.

use playhead_schemas::text::{excerpt, one_line};
use playhead_schemas::timeline::{Change, Moment, MomentKind, Shown};

use super::text::Text;
use super::{changes, line, phrases};
use crate::dom::name::is_masked;

/// Changes of the page that a short line tells.
const SHORT_CHANGES_MAX: usize = 2;
/// What a short line tells that a page shows.
const SHORT_SHOWN_MAX: usize = 4;
/// Counts and values that a short line tells.
const SHORT_FIGURES_MAX: usize = 1;
/// Characters of a step in a fold.
const BRIEF_CHARS_MAX: usize = 44;

/// A moment in a few words: what was done to what, and the dialog, alert or refusal that it led to.
pub(crate) fn short(moment: &Moment) -> String {
    Text::written(|out| {
        line::write_counted_action(out, moment);
        let outcome = moment.outcome.as_ref().filter(|_| moment.kind.is_action());
        let told: Vec<&Change> = outcome.into_iter().flat_map(changes::reported).map(|told| &told.change).collect();
        let striking: Vec<&Change> = told.iter().copied().filter(|change| changes::is_striking(change)).collect();
        let shown = if striking.is_empty() { told } else { striking };
        for (i, change) in shown.into_iter().filter(|change| changes::tells(change)).take(SHORT_CHANGES_MAX).enumerate()
        {
            out.push(if i == 0 { " -> " } else { "; " });
            changes::write(out, change);
        }
    })
}

/// A page in a few words: its address, and what it tells the user, or else its heading where the title lacks it.
/// `bare` stands for the address where its origin is known.
pub(crate) fn short_page(moment: &Moment, bare: Option<&str>, chars_max: usize) -> String {
    let url = bare.or(moment.url.as_deref()).unwrap_or("(address unknown)");
    let url = excerpt(url, (chars_max * 2 / 5).max(40));
    let title = moment.value.as_deref().filter(|title| !is_masked(title)).unwrap_or_default();
    let mut out = Text::default();
    out.push(if moment.kind == MomentKind::PageLoad { "page load " } else { "navigate to " });
    out.push(&url);
    out.push(phrases::navigation(moment));
    if moment.count > 1 {
        out.push(&phrases::typed_addresses(moment.count));
    }
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
        out.quote(&phrases::quoted(title, (chars_max / 4).max(24)));
    }
    line::write_shows(&mut out, told.into_iter().take(SHORT_SHOWN_MAX));
    out.text
}

/// What a step was done to or with, in a few words for a fold: `button "Save"`, `"Lamp" into textbox "Name"`.
pub(crate) fn brief(moment: &Moment) -> String {
    let name = |chars| phrases::short_target(moment.target.as_ref(), chars);
    let value = moment.value.as_deref().filter(|_| !moment.masked);
    match moment.kind {
        MomentKind::PageLoad | MomentKind::Navigate => {
            let url = moment.url.as_deref().unwrap_or_default();
            one_line(&phrases::address(url, Some(url)), BRIEF_CHARS_MAX * 3 / 5)
        }
        MomentKind::Input => format!("{} into {}", told_value(value), name(BRIEF_CHARS_MAX / 2)),
        MomentKind::Select => format!("{} in {}", told_value(value), name(BRIEF_CHARS_MAX / 2)),
        MomentKind::Check => format!("{} {}", name(BRIEF_CHARS_MAX / 2), value.unwrap_or_default()),
        MomentKind::Key => one_line(value.unwrap_or_default(), BRIEF_CHARS_MAX),
        kind if kind.is_action() => name(BRIEF_CHARS_MAX),
        MomentKind::Notice => {
            let change = moment.outcome.iter().flat_map(|outcome| &outcome.changes).next();
            change.map_or_else(String::new, |change| excerpt(&changes::words(&change.change), BRIEF_CHARS_MAX))
        }
        _ => String::new(),
    }
}

fn told_value(value: Option<&str>) -> String {
    value.map_or_else(|| "(masked)".to_owned(), |value| format!("\"{}\"", phrases::quoted(value, BRIEF_CHARS_MAX / 2)))
}
