//! One chain in words: what was done, what failed, the evidence for it, what the page showed.

use std::fmt::Write;

use playhead_schemas::MomentId;
use playhead_schemas::text::{excerpt, one_line};
use playhead_schemas::timeline::{Failure, FailureKind, Moment, MomentKind, Source, Timeline};

use super::chains::Chain;
use super::{alike, compared, repeats};
use crate::failures::{self, find};
use crate::render::{action, changes, evidence, files, line, outcome, phrases, short, text::Text};

/// How much is said of a chain.
#[derive(Clone, Copy)]
pub(super) struct Detail {
    /// Characters of a title.
    title: usize,
    /// Frames of a stack.
    frames: usize,
    /// Characters of a response.
    answer: usize,
    /// Changes of the page, and the characters of one.
    changes: (usize, usize),
    /// Requests of the action that did not fail.
    calls: usize,
    /// Differences to what went well.
    differs: usize,
    /// Selectors are told.
    selector: bool,
}

/// Tried in this order: selectors and good requests go before frames, answers and what the page said.
pub(super) const DETAILS: [Detail; 6] = [
    Detail { title: 240, frames: 8, answer: 240, changes: (5, 240), calls: 3, differs: 4, selector: true },
    Detail { title: 200, frames: 4, answer: 200, changes: (3, 160), calls: 1, differs: 3, selector: false },
    Detail { title: 180, frames: 2, answer: 140, changes: (2, 140), calls: 0, differs: 3, selector: false },
    Detail { title: 160, frames: 1, answer: 100, changes: (1, 110), calls: 0, differs: 2, selector: false },
    Detail { title: 130, frames: 0, answer: 70, changes: (1, 80), calls: 0, differs: 1, selector: false },
    Detail { title: 90, frames: 0, answer: 0, changes: (0, 0), calls: 0, differs: 0, selector: false },
];

/// Enough to understand what failed.
pub(super) const WANTED: Detail = {
    let [_, _, detail, ..] = DETAILS;
    detail
};

/// A chain in the making.
struct Telling<'a> {
    timeline: &'a Timeline,
    detail: Detail,
    out: String,
    /// The frames that were told last.
    frames: Vec<String>,
    /// What it was compared with.
    compared: Vec<(MomentId, MomentId)>,
}

/// The lines of a chain.
pub(super) fn text(timeline: &Timeline, chain: &Chain<'_>, number: usize, detail: Detail) -> String {
    let all = &timeline.moments;
    if let Some(key) = &chain.alike {
        let mut out = format!("{number}. {}\n", alike::title(all, &chain.failures, key));
        if detail.answer > 0 {
            let _ = writeln!(out, "      {}", alike::addresses(all, &chain.failures));
        }
        return out;
    }
    let Some(root) = find(all, chain.root) else { return String::new() };
    let mut telling = Telling { timeline, detail, out: String::new(), frames: Vec::new(), compared: Vec::new() };
    let (own, mut other): (Vec<&Failure>, Vec<&Failure>) =
        chain.failures.iter().partition(|failure| failure.moment == root.id);
    // In order of time, not of severity.
    other.sort_by_key(|failure| failure.moment);
    telling.head(root, own.first().copied(), number);
    for failure in own.iter().skip(1) {
        let title = telling.title(failure);
        let _ = writeln!(telling.out, "   also {title}");
    }
    let is_refused = own
        .iter()
        .any(|f| matches!(f.kind, FailureKind::FormRefused | FailureKind::DeadClick | FailureKind::RageClick));
    match is_refused && other.is_empty() {
        true => telling.sent(root, own.iter().any(|failure| failure.kind == FailureKind::FormRefused)),
        false => telling.calls(root, &other),
    }
    for failure in other {
        telling.failure(failure, root);
    }
    telling.shown(root);
    telling.out
}

impl Telling<'_> {
    /// What began the chain, and what failed in it itself.
    fn head(&mut self, root: &Moment, own: Option<&Failure>, number: usize) {
        let on = if root.kind.is_action() { on_page(root) } else { String::new() };
        let Some(failure) = own else {
            let words = self.action(root);
            let _ = writeln!(self.out, "{number}. {} {words}{on}", phrases::stamp(root));
            return;
        };
        let title = self.title(failure);
        let _ = writeln!(self.out, "{number}. {title}");
        // The title of a click tells its target already.
        let is_click = matches!(failure.kind, FailureKind::RageClick | FailureKind::DeadClick);
        if root.kind.is_action() && (!is_click || self.detail.selector || self.detail.frames > 1) {
            let words = self.action(root);
            let _ = writeln!(self.out, "   {words}{on}");
        }
        let answered = self.facts(root);
        self.compared(failure, &answered);
        self.told_of(root);
    }

    /// What was done, where, how often.
    fn action(&self, root: &Moment) -> String {
        if root.kind.is_page() {
            return short::short_page(root, root.url.as_deref().and_then(phrases::origin), self.detail.title);
        }
        if !root.kind.is_action() {
            return excerpt(&Text::written(|out| line::write_head(out, root, None)), self.detail.title);
        }
        // The title of a rage click has the number of clicks.
        let count = match root.signals.contains(&playhead_schemas::timeline::Signal::RageClick) {
            true => String::new(),
            false => Text::written(|out| action::write_count(out, root)),
        };
        let words = match self.detail.selector {
            true => Text::written(|out| action::write_located(out, root, None)),
            false => action::placed(root, short::limits(self.detail.title)),
        };
        format!("{words}{count}")
    }

    /// `m100 00:34.5 request refused: POST /api/pay 500 (292 ms), 3 times, again m106, m120`
    fn title(&self, failure: &Failure) -> String {
        let all = &self.timeline.moments;
        let kind = match failure.kind {
            FailureKind::UncaughtError => "uncaught error",
            FailureKind::HttpError | FailureKind::AnswerError => "request refused",
            FailureKind::RequestFailed => "request failed",
            FailureKind::FormRefused => "input refused",
            FailureKind::DeadClick => "dead click",
            FailureKind::RageClick => "rage click",
            FailureKind::ConsoleError => "console error",
            FailureKind::SlowRequest => "slow request",
        };
        let Some(moment) = find(all, failure.moment) else { return format!("{} {kind}", failure.moment) };
        let what = match &moment.request {
            Some(request) => phrases::request(request, moment.url.as_deref()),
            None => failure.title.clone(),
        };
        let again = phrases::retried(moment, all);
        let repeats = repeats::repeats(all, failure, moment);
        format!("{} {kind}: {}{again}{repeats}", phrases::stamp(moment), excerpt(&what, self.detail.title))
    }

    /// A failure that the chain led to.
    fn failure(&mut self, failure: &Failure, root: &Moment) {
        let moment = find(&self.timeline.moments, failure.moment);
        let perhaps = moment.map_or("", |moment| phrases::perhaps(&self.timeline.moments, moment, root.id));
        let title = self.title(failure);
        let _ = writeln!(self.out, "   -> {perhaps}{title}");
        let answered = moment.map_or_else(String::new, |moment| self.facts(moment));
        self.compared(failure, &answered);
        if let Some(moment) = moment {
            self.told_of(moment);
        }
    }

    /// The evidence in a moment itself: its stack, what was answered. Gives the answer.
    fn facts(&mut self, moment: &Moment) -> String {
        let frames: Vec<String> = line::frames(moment).collect();
        let own = frames.iter().filter(|frame| evidence::is_own(frame)).count();
        let told: Vec<&String> =
            frames.iter().filter(|frame| own == 0 || evidence::is_own(frame)).take(self.detail.frames).collect();
        if !told.is_empty() && self.frames == frames {
            let _ = writeln!(self.out, "      at the same place");
        } else {
            for (at, frame) in told.iter().enumerate() {
                let is_cut = at + 1 == told.len() && told.len() < frames.len();
                let cut = if is_cut { format!(" ({} of {} frames)", told.len(), frames.len()) } else { String::new() };
                let _ = writeln!(self.out, "      at {}{cut}", evidence::brief_frame(frame));
            }
        }
        self.frames = frames;
        for inner in line::inner_errors(moment).take(self.detail.frames) {
            let _ = writeln!(self.out, "      caused by {}", one_line(&inner, 200));
        }
        let body = moment.request.as_ref().and_then(|request| request.response_body.as_ref());
        let body = body.filter(|body| self.detail.answer > 0 && !body.trim().is_empty());
        let answered = body.map_or_else(String::new, |body| excerpt(body, self.detail.answer));
        if !answered.is_empty() {
            let _ = writeln!(self.out, "      answered {answered}");
        }
        answered
    }

    /// What went well beside it, and where the two differ.
    fn compared(&mut self, failure: &Failure, answered: &str) {
        let Some(pair) = failure.contrast.as_ref().map(|contrast| (contrast.failed, contrast.well)) else { return };
        if self.compared.contains(&pair) {
            return;
        }
        self.compared.push(pair);
        if let Some(line) = compared::line(failure, &self.timeline.moments, self.detail.differs, answered) {
            let _ = writeln!(self.out, "      {line}");
        }
    }

    /// The errors and lines that only tell of a request that got no answer, except the browser's general one.
    fn told_of(&mut self, request: &Moment) {
        let all = &self.timeline.moments;
        let is_unanswered = request.request.as_ref().is_some_and(|request| request.failed);
        let led_to = request.led_to.iter().filter(|_| is_unanswered).filter_map(|id| find(all, *id));
        let is_general = |message: &str| message.starts_with("Failed to load resource");
        let lines = led_to.filter(|moment| !moment.message.as_deref().is_some_and(is_general));
        for moment in lines.filter(|moment| failures::tells_of(request, moment)).take(self.detail.frames) {
            let words = short::short(moment, self.detail.title, 0);
            let _ = writeln!(self.out, "      -> {} {}", phrases::stamp(moment), one_line(&words, self.detail.title));
        }
    }

    /// What else the action asked for and got. Of a page, what it loads is no news.
    fn calls(&mut self, root: &Moment, told: &[&Failure]) {
        let all = &self.timeline.moments;
        let asked = root.outcome.iter().flat_map(|outcome| &outcome.requests);
        let good =
            asked.filter(|id| !told.iter().any(|failure| failure.moment == **id)).filter_map(|id| find(all, *id));
        let good = good.filter(|moment| {
            moment.request.as_ref().is_some_and(|r| !r.is_trouble() && line::is_call(r.resource.as_deref()))
        });
        let most = if root.kind.is_action() { self.detail.calls } else { 0 };
        for moment in good.take(most) {
            let Some(request) = &moment.request else { continue };
            let request = phrases::request(request, root.url.as_deref());
            let _ = writeln!(self.out, "   -> {} {request}", phrases::stamp(moment));
            self.facts(moment);
        }
    }

    /// What an action that was refused or not answered asked for, as far as it is no file.
    fn sent(&mut self, root: &Moment, is_form: bool) {
        let all = &self.timeline.moments;
        let Some(outcome) = root.outcome.as_ref() else { return };
        if self.timeline.coverage.network == Source::None || self.detail.answer == 0 {
            return;
        }
        let asked = outcome.requests.iter().filter_map(|id| find(all, *id)?.request.as_ref());
        let asked = asked.filter(|request| !files::is_file(request.resource.as_deref()));
        let mut told: Vec<String> = Vec::new();
        for request in asked {
            let words = format!("{} {}", request.method, phrases::address(&request.url, root.url.as_deref()));
            if !told.contains(&words) {
                told.push(words);
            }
        }
        let _ = match told.len() {
            0 if is_form => writeln!(self.out, "   -> sent no request"),
            0 => Ok(()),
            1..=3 => writeln!(self.out, "   -> sent only {}; no other request", told.join(", ")),
            _ => Ok(()),
        };
    }

    /// What the page showed then, but for what the titles say.
    fn shown(&mut self, root: &Moment) {
        let Some(outcome) = root.outcome.as_ref().filter(|_| root.kind != MomentKind::PageLoad) else { return };
        let (most, chars) = self.detail.changes;
        let mut changes: Vec<_> = changes::reported(outcome).filter(|told| changes::tells(&told.change)).collect();
        changes.sort_by_key(|told| !changes::is_striking(&told.change));
        let words = changes.iter().map(|told| Text::written(|out| outcome::write_change(out, told, root)));
        let told: Vec<String> = words.filter(|words| !self.out.contains(words.as_str())).take(most).collect();
        let told: Vec<String> = told.iter().map(|words| excerpt(words, chars)).collect();
        if !told.is_empty() {
            let _ = writeln!(self.out, "   -> page: {}", told.join("; "));
        }
    }
}

fn on_page(root: &Moment) -> String {
    let url = root.url.as_deref();
    url.map_or_else(String::new, |url| format!(" on {}", phrases::brief_address(url, phrases::origin(url), 80)))
}
