//! Actions, requests and console lines on one time axis, and what led to what.
//!
//! In: drafts of what was done and shown, requests, console lines. Out: drafts in order of time, each
//! linked to the one that led to it. Every link has its evidence: nearness in time to an action, a
//! response that came just before, the same address.

use std::collections::HashMap;

use playhead_schemas::timeline::{Level, MomentKind};

use crate::Options;
use crate::console::RawConsole;
use crate::network::RawRequest;
use crate::observe::{Draft, Dx, Effects, Observed};

/// A request that starts this long after an action's end may be the action's own.
const REQUEST_AFTER_MS: f64 = 1500.0;
/// A request that starts this long after a response goes on from it.
const CHAIN_AFTER_MS: f64 = 300.0;
/// Requests of a page that is loading.
const LOADING_MS: f64 = 10_000.0;
/// How long a navigation may take to show after the action that asked for it.
const NAVIGATION_MS: f64 = 10_000.0;
/// Requests to one address that come this often at even distances are polling.
const POLLING_COUNT: usize = 4;

/// Merges everything and gives it in order of time.
pub(crate) fn merge(
    observed: Vec<Draft>,
    requests: Vec<RawRequest>,
    lines: Vec<RawConsole>,
    options: &Options,
) -> Vec<Draft> {
    let mut drafts = observed;
    drafts.extend(requests.into_iter().map(request_draft));
    drafts.extend(lines.into_iter().map(console_draft));
    fill_urls(&mut drafts);
    let mut drafts = in_order(drafts);
    link(&mut drafts, options);
    drafts
}

fn request_draft(raw: RawRequest) -> Draft {
    let mut draft = Draft::new(MomentKind::Request, raw.start_ms, raw.window.unwrap_or(playhead_schemas::WindowNo(1)));
    draft.end = raw.end_ms.unwrap_or(raw.start_ms).max(raw.start_ms);
    draft.request = Some(raw.request);
    draft
}

fn console_draft(raw: RawConsole) -> Draft {
    let kind = if raw.is_exception { MomentKind::Error } else { MomentKind::Console };
    let mut draft = Draft::new(kind, raw.at_ms, raw.window.unwrap_or(playhead_schemas::WindowNo(1)));
    draft.level = Some(raw.level);
    draft.message = Some(raw.message);
    draft.stack = raw.stack;
    draft.note = raw.url.map(|url| match (raw.line, raw.column) {
        (Some(line), Some(column)) if line > 0 => format!("{url}:{line}:{column}"),
        (Some(line), None) if line > 0 => format!("{url}:{line}"),
        _ => url,
    });
    draft
}

/// Gives entries without a page the one that their window showed at that time.
fn fill_urls(drafts: &mut [Draft]) {
    let mut pages: Vec<(f64, playhead_schemas::WindowNo, std::rc::Rc<str>)> = drafts
        .iter()
        .filter(|draft| matches!(draft.kind, MomentKind::PageLoad | MomentKind::Navigate))
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
    let mut indexed: Vec<(usize, Draft)> = drafts.into_iter().enumerate().collect();
    indexed.sort_by(|(i, a), (j, b)| a.at.total_cmp(&b.at).then(rank(a.kind).cmp(&rank(b.kind))).then(i.cmp(j)));
    indexed.into_iter().map(|(_, draft)| draft).collect()
}

/// What is going on at the time that the linking has reached.
#[derive(Default)]
struct Now {
    action: Option<Dx>,
    load: Option<Dx>,
    /// The last requests, to find the one that a line or a request goes on from.
    recent: Vec<Dx>,
}

fn link(drafts: &mut [Draft], options: &Options) {
    let polling = polling(drafts);
    let mut now = Now::default();
    for dx in 0..drafts.len() {
        match drafts[dx].kind {
            kind if kind.is_action() => now.action = Some(dx),
            MomentKind::PageLoad | MomentKind::Navigate => link_navigation(drafts, &mut now, dx),
            MomentKind::Request => {
                if !polling.contains(&dx) {
                    link_request(drafts, &now, dx);
                }
                if now.recent.len() == 64 {
                    now.recent.remove(0);
                }
                now.recent.push(dx);
            }
            MomentKind::Console | MomentKind::Error => link_line(drafts, &now, dx, options),
            _ => {}
        }
    }
}

fn effects(draft: &mut Draft) -> &mut Effects {
    draft.outcome.get_or_insert_with(Effects::default)
}

fn link_navigation(drafts: &mut [Draft], now: &mut Now, dx: Dx) {
    let at = drafts[dx].at;
    let asked = now.action.filter(|action| {
        // A context menu and a drag lead nowhere; what is chosen from the menu is not recorded.
        !matches!(drafts[*action].kind, MomentKind::ContextMenu | MomentKind::Drag)
            && at - drafts[*action].end <= NAVIGATION_MS
            && drafts[*action].outcome.as_ref().is_none_or(|effects| effects.navigation.is_none())
    });
    if let Some(action) = asked {
        drafts[dx].cause = Some(action);
        effects(&mut drafts[action]).navigation = Some(dx);
    }
    if drafts[dx].kind == MomentKind::PageLoad {
        effects(&mut drafts[dx]);
        now.load = Some(dx);
    }
}

fn link_request(drafts: &mut [Draft], now: &Now, dx: Dx) {
    let start = drafts[dx].at;
    let chained = || {
        now.recent.iter().rev().find_map(|earlier| {
            let earlier = &drafts[*earlier];
            let gap = start - earlier.end;
            (earlier.end > earlier.at && (0.0..=CHAIN_AFTER_MS).contains(&gap)).then_some(earlier.cause).flatten()
        })
    };
    let by_action = now.action.filter(|action| {
        let action = &drafts[*action];
        start <= action.end + REQUEST_AFTER_MS && now.load.is_none_or(|load| drafts[load].at < action.at)
    });
    let by_load = now.load.filter(|load| start - drafts[*load].at <= LOADING_MS && by_action.is_none());
    if let Some(cause) = by_action.or_else(chained).or(by_load) {
        drafts[dx].cause = Some(cause);
        effects(&mut drafts[cause]).requests.push(dx);
    }
}

fn link_line(drafts: &mut [Draft], now: &Now, dx: Dx, options: &Options) {
    let line = &drafts[dx];
    if line.kind == MomentKind::Console && line.level != Some(Level::Error) {
        return;
    }
    let at = line.at;
    let address = line.note.as_deref().unwrap_or_default();
    let told = now.recent.iter().rev().copied().find(|request| {
        let draft = &drafts[*request];
        draft.request.as_ref().is_some_and(|r| !r.url.is_empty() && address.starts_with(r.url.as_str()))
            && (draft.end - at).abs() < 1500.0
    });
    let answered = || {
        now.recent.iter().rev().copied().find(|request| {
            let draft = &drafts[*request];
            draft.cause.is_some()
                && (0.0..=500.0).contains(&(at - draft.end))
                && draft.end > draft.at
                && draft.request.as_ref().is_some_and(|r| r.failed || r.status.is_some_and(|s| s >= 400))
        })
    };
    let by_action = now.action.filter(|action| at - drafts[*action].end <= options.error_after_ms);
    let by_load = now.load.filter(|load| at - drafts[*load].at <= options.error_after_ms);
    let by_request = told.or_else(answered);
    let cause = by_request.or(by_action).or(by_load);
    drafts[dx].cause = cause;
    // An error that a response led to is also the doing of whoever asked.
    let doer = match by_request {
        Some(request) => drafts[request].cause,
        None => cause,
    };
    if let Some(doer) = doer {
        effects(&mut drafts[doer]).errors.push(dx);
    }
}

/// Requests that a page repeats on its own: the same address at even distances.
fn polling(drafts: &[Draft]) -> std::collections::HashSet<Dx> {
    let mut by_address: HashMap<(&str, &str), Vec<Dx>> = HashMap::new();
    for (dx, draft) in drafts.iter().enumerate() {
        if let Some(request) = &draft.request {
            let path = request.url.split('?').next().unwrap_or_default();
            by_address.entry((&request.method, path)).or_default().push(dx);
        }
    }
    by_address.into_values().filter(|group| group.len() >= POLLING_COUNT && is_even(drafts, group)).flatten().collect()
}

fn is_even(drafts: &[Draft], group: &[Dx]) -> bool {
    let mut gaps: Vec<f64> = group.windows(2).map(|pair| drafts[pair[1]].at - drafts[pair[0]].at).collect();
    gaps.sort_by(f64::total_cmp);
    let median = gaps[gaps.len() / 2];
    let near = gaps.iter().filter(|gap| (**gap - median).abs() <= median * 0.2).count();
    median > 200.0 && near * 10 >= gaps.len() * 7
}

impl Observed {
    /// The drafts alone.
    pub(crate) fn take_drafts(&mut self) -> Vec<Draft> {
        std::mem::take(&mut self.drafts)
    }
}
