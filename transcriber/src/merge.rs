//! Actions, requests and console lines on one time axis.
//!
//! In: drafts of what was done and shown, requests, console lines. Out: drafts in order of time, each
//! linked to the one that led to it ([`crate::causes`]).

use playhead_schemas::timeline::{Doubt, MomentKind};

use crate::Options;
use crate::causes::Known;
use crate::console::RawConsole;
use crate::network::{Asked, RawRequest, RequestTime};
use crate::observe::{Draft, Note, Observed};
use crate::recorded::Belongs;

/// Merges everything and gives it in order of time.
pub(crate) fn merge(
    observed: &mut Observed,
    requests: Vec<RawRequest>,
    lines: Vec<RawConsole>,
    options: &Options,
) -> Vec<Draft> {
    let mut drafts = std::mem::take(&mut observed.drafts);
    let known = Known::of(&requests);
    drafts.extend(requests.into_iter().map(request_draft));
    let mut breaks: Vec<f64> = drafts.iter().filter(|draft| is_break(draft.kind)).map(|draft| draft.at).collect();
    breaks.sort_by(f64::total_cmp);
    drafts.extend(crate::console::fold(lines, &breaks).into_iter().map(console_draft));
    fill_urls(&mut drafts);
    let mut drafts = crate::passing::without_passing(in_order(drafts));
    crate::settle::settle(&mut drafts, observed);
    crate::causes::link(&mut drafts, &known, options);
    drafts
}

fn request_draft(raw: RawRequest) -> Draft {
    let mut draft = Draft::new(MomentKind::Request, raw.start_ms, raw.window.unwrap_or(playhead_schemas::WindowNo(1)));
    draft.end = raw.end_ms.unwrap_or(raw.start_ms).max(raw.start_ms);
    draft.request = Some(raw.request);
    draft.belongs = raw.belongs;
    draft.stack = (!raw.stack.is_empty()).then(|| raw.stack.join("\n"));
    draft.initiator = raw.initiator;
    if draft.request.as_ref().is_some_and(|request| request.resource.as_deref() == Some("document")) {
        draft.asked =
            Some(Box::new(Asked { referer: raw.referer, has_headers: raw.has_headers, navigation: raw.navigation }));
    }
    if raw.time == RequestTime::Guessed {
        draft.doubt(Doubt::TimeUnknown);
    }
    draft
}

fn console_draft(raw: RawConsole) -> Draft {
    let kind = if raw.is_exception { MomentKind::Error } else { MomentKind::Console };
    let mut draft = Draft::new(kind, raw.at_ms, raw.window.unwrap_or(playhead_schemas::WindowNo(1)));
    draft.end = raw.end_ms.max(raw.at_ms);
    draft.count = raw.count;
    draft.inner_errors = raw.inner;
    draft.belongs = raw.belongs.map(|action| Belongs { action: Some(action) });
    draft.components = raw.components;
    draft.value = raw.context;
    draft.level = Some(raw.level);
    draft.message = Some(raw.message);
    draft.stack = raw.stack;
    draft.note = raw.url.map(|url| match (raw.line, raw.column) {
        (Some(line), Some(column)) if line > 0 => Note::Place(format!("{url}:{line}:{column}")),
        (Some(line), None) if line > 0 => Note::Place(format!("{url}:{line}")),
        _ => Note::Place(url),
    });
    draft
}

/// True for what stands between two equal lines so that they are two facts.
fn is_break(kind: MomentKind) -> bool {
    kind.is_action() || kind.is_page()
}

/// Gives entries without a page the one that their window showed at that time.
fn fill_urls(drafts: &mut [Draft]) {
    let mut pages: Vec<(f64, playhead_schemas::WindowNo, std::rc::Rc<str>)> = drafts
        .iter()
        .filter(|draft| draft.kind.is_page())
        .filter_map(|draft| draft.url.clone().map(|url| (draft.at, draft.window, url)))
        .collect();
    pages.sort_by(|a, b| a.0.total_cmp(&b.0));
    for draft in drafts.iter_mut().filter(|draft| draft.url.is_none()) {
        let until = pages.partition_point(|(at, _, _)| *at <= draft.at);
        let shown = pages[..until].iter().rev().find(|(_, window, _)| *window == draft.window);
        draft.url = shown.or(pages.first()).map(|(_, _, url)| url.clone());
    }
}

/// Sorts by time; what was done comes before what it caused in the same millisecond.
fn in_order(drafts: Vec<Draft>) -> Vec<Draft> {
    let rank = |kind: MomentKind| match kind {
        MomentKind::PageLoad => 0,
        MomentKind::Navigate => 2,
        MomentKind::Request => 3,
        MomentKind::Console | MomentKind::Error => 4,
        _ => 1,
    };
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    // Drafts are large: their places are sorted, and each draft is moved once.
    order.sort_by(|i, j| {
        let (a, b) = (&drafts[*i], &drafts[*j]);
        a.at.total_cmp(&b.at).then(rank(a.kind).cmp(&rank(b.kind))).then(i.cmp(j))
    });
    reordered(drafts, order)
}

/// The drafts at these places, in this order. A reference to one that is left out means nothing any more.
pub(crate) fn reordered(drafts: Vec<Draft>, order: Vec<usize>) -> Vec<Draft> {
    let mut place = vec![0; drafts.len()];
    order.iter().enumerate().for_each(|(now, was)| place[*was] = now);
    let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    let moved = |was: usize| {
        let mut draft = drafts[was].take()?;
        draft.same_as = draft.same_as.and_then(|was| place.get(was).copied());
        Some(draft)
    };
    order.into_iter().filter_map(moved).collect()
}
