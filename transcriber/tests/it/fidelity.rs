//! How much of what truly happened the timelines tell.
//!
//! `truth.jsonl` says what the driver did (`source: script`) and what the browser reported
//! (`source: observed`). Each figure is a share: of true actions that are told, of their targets named
//! as a person would name them, of values, of errors, and so on. `phantom` is the share of told actions
//! that nothing true is near; `extra` of those near something true that another moment already tells;
//! `false_nav` that of told loads and navigations to where the browser never was; `false_sig` that of
//! told actions called dead or rage clicks although the page answered each.
//! Print the table: `cargo test --release -p playhead-transcriber fidelity -- --nocapture`.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;

use playhead_schemas::timeline::{Moment, MomentKind, Signal};
use playhead_transcriber::Options;
use serde_json::Value;

use crate::cases::{self, Case};

/// A moment may begin this much before the driver says so: clocks of two processes.
const EARLY_MS: f64 = 400.0;
/// And this much after its end: recorders write in batches.
const LATE_MS: f64 = 1800.0;
/// Clicks this close to a told action belong to it: a driver moves the focus on its way.
const SAME_ACTION_MS: f64 = 600.0;
/// A navigation is told at most this far from when the browser reported it.
const NAVIGATED_MS: f64 = 2600.0;
/// The summary's bound in bytes: 4 KB.
const SUMMARY_BYTES_MAX: usize = 4096;

/// What must hold over all cases: the figure, the least share, and how many truths it is a share of at
/// least (so that a share of nothing is no success).
const FLOORS: [(&str, f64, u32); 14] = [
    ("action", 1.0, 130),
    ("soft", 1.0, 15),
    ("label", 1.0, 80),
    ("selector", 1.0, 100),
    ("value", 1.0, 15),
    ("masked", 1.0, 5),
    ("navigation", 1.0, 40),
    ("error", 1.0, 1),
    ("console", 1.0, 3),
    ("http_error", 1.0, 3),
    ("slow_request", 1.0, 1),
    ("rage", 1.0, 1),
    ("dead", 0.95, 4),
    ("summary", 1.0, 3),
];
/// Shares of told actions, in a hundred, over all cases.
const PHANTOM_PERCENT_MAX: f64 = 0.0;
const EXTRA_PERCENT_MAX: f64 = 2.0;
/// False signals, in a hundred told actions.
const FALSE_SIGNALS_PERCENT_MAX: f64 = 1.0;

#[test]
fn timelines_tell_what_happened() {
    let mut total = Score::default();
    let mut rows = Vec::new();
    for case in cases::all() {
        let score = score(&case);
        rows.push((case.name.clone(), score.row()));
        total.absorb(score);
    }
    rows.push(("all".to_owned(), total.row()));
    print_table(&rows);
    println!("{}", total.misses.join("\n"));
    for (figure, floor, truths) in FLOORS {
        let (hits, all) = total.tally.get(figure).copied().unwrap_or_default();
        assert!(all >= truths, "{figure}: only {all} truths of at least {truths} were found");
        let share = f64::from(hits) / f64::from(all);
        assert!(share >= floor, "{figure}: {hits} of {all}, must be {floor}\n{}", total.misses.join("\n"));
    }
    let percent = |part: u32| 100.0 * f64::from(part) / f64::from(total.told);
    assert!(percent(total.phantoms) <= PHANTOM_PERCENT_MAX, "{:#?}", total.misses);
    assert!(percent(total.extras) <= EXTRA_PERCENT_MAX, "{:#?}", total.misses);
    assert!(percent(total.false_signals) <= FALSE_SIGNALS_PERCENT_MAX, "{:#?}", total.misses);
    assert_eq!(total.false_navigations, 0, "{:#?}", total.misses);
    assert!(total.summary_bytes_max <= SUMMARY_BYTES_MAX, "a summary of {} bytes", total.summary_bytes_max);
}

/// Hits and truths by figure.
#[derive(Default)]
struct Score {
    tally: BTreeMap<&'static str, (u32, u32)>,
    told: u32,
    phantoms: u32,
    extras: u32,
    false_signals: u32,
    navigated: u32,
    false_navigations: u32,
    summary_bytes_max: usize,
    misses: Vec<String>,
}

impl Score {
    fn count(&mut self, figure: &'static str, hit: bool, what: impl FnOnce() -> String) {
        let (hits, all) = self.tally.entry(figure).or_default();
        *hits += u32::from(hit);
        *all += 1;
        if !hit {
            self.misses.push(format!("{figure}: {}", what()));
        }
    }

    fn absorb(&mut self, other: Self) {
        for (figure, (hits, all)) in other.tally {
            let sum = self.tally.entry(figure).or_default();
            *sum = (sum.0 + hits, sum.1 + all);
        }
        self.told += other.told;
        self.phantoms += other.phantoms;
        self.extras += other.extras;
        self.false_signals += other.false_signals;
        self.navigated += other.navigated;
        self.false_navigations += other.false_navigations;
        self.summary_bytes_max = self.summary_bytes_max.max(other.summary_bytes_max);
        self.misses.extend(other.misses);
    }

    fn row(&self) -> BTreeMap<&'static str, String> {
        let share = |part: u32, all: u32| format!("{:.3}", f64::from(part) / f64::from(all.max(1)));
        let mut row: BTreeMap<_, _> =
            self.tally.iter().map(|(figure, (hits, all))| (*figure, share(*hits, *all))).collect();
        row.insert("phantom", share(self.phantoms, self.told));
        row.insert("extra", share(self.extras, self.told));
        row.insert("false_sig", share(self.false_signals, self.told));
        row.insert("false_nav", share(self.false_navigations, self.navigated));
        row.insert("bytes", self.summary_bytes_max.to_string());
        row
    }
}

fn print_table(rows: &[(String, BTreeMap<&'static str, String>)]) {
    let mut figures: Vec<&str> = rows.iter().flat_map(|(_, row)| row.keys().copied()).collect();
    figures.sort_unstable();
    figures.dedup();
    let head: String = figures.iter().map(|figure| format!("{figure:>13}")).collect();
    println!("{:18}{head}", "case");
    for (name, row) in rows {
        let cells: String =
            figures.iter().map(|figure| format!("{:>13}", row.get(figure).map_or("-", String::as_str))).collect();
        println!("{name:18}{cells}");
    }
}

/// What a case's timeline says, with epoch times.
struct Told<'a> {
    moments: &'a [Moment],
    start: f64,
    duration: f64,
    used: Vec<bool>,
}

impl Told<'_> {
    fn from(&self, i: usize) -> f64 {
        self.start + self.moments[i].t_ms as f64
    }

    fn ended(&self) -> f64 {
        self.start + self.duration
    }

    /// The moments that overlap a time, by place.
    fn between(&self, from: f64, to: f64) -> impl Iterator<Item = usize> + '_ {
        (0..self.moments.len())
            .filter(move |i| self.start + self.moments[*i].end_ms as f64 >= from && self.from(*i) <= to)
    }
}

fn score(case: &Case) -> Score {
    let done = case.transcribed();
    let truth = truth(case);
    let mut score = Score { summary_bytes_max: done.summary.len(), ..Score::default() };
    let moments = &done.timeline.moments;
    let start = done.timeline.replay.started_at_ms.0 as f64;
    let duration = done.timeline.replay.duration_ms as f64;
    let mut told = Told { moments, start, duration, used: vec![false; moments.len()] };
    for line in truth.iter().filter(|line| text(line, "source") == "script" && line.get("tab").is_none()) {
        done_by_script(&mut score, &mut told, case, line);
    }
    let mut seen = Vec::new();
    for line in truth.iter().filter(|line| text(line, "source") == "observed") {
        observed(&mut score, &told, line, &done.summary, &mut seen);
    }
    untrue(&mut score, &told, case, &truth);
    let acted: Vec<(f64, f64)> = truth
        .iter()
        .filter(|line| text(line, "source") == "script")
        .map(|line| (began(line) - 1000.0, ended(line) + LATE_MS))
        .collect();
    for i in (0..moments.len()).filter(|i| moments[*i].kind.is_action()) {
        score.told += 1;
        let (from, to) = (told.from(i), start + moments[i].end_ms as f64);
        let near = acted.iter().any(|(began, ended)| to >= *began && from <= *ended);
        let phantom = !told.used[i] && !near;
        score.phantoms += u32::from(phantom);
        score.extras += u32::from(!told.used[i] && near);
        if !told.used[i] {
            let figure = if phantom { "phantom" } else { "extra" };
            score.misses.push(format!("{figure}: {}: {} {}", case.name, moments[i].id, moments[i].text));
        }
    }
    score
}

/// Counts what is told and never was: places that the browser never came to, answers that were not missed.
fn untrue(score: &mut Score, told: &Told<'_>, case: &Case, truth: &[Value]) {
    let time = |line: &Value| line["t"].as_f64().unwrap();
    for (i, moment) in told.moments.iter().enumerate() {
        let at = told.from(i);
        let what = || format!("{}: {} {}", case.name, moment.id, moment.text);
        if matches!(moment.kind, MomentKind::PageLoad | MomentKind::Navigate) {
            score.navigated += 1;
            let shown = without_origin(moment.url.as_deref().unwrap_or_default());
            let real = truth
                .iter()
                .filter(|line| text(line, "kind") == "navigated")
                .any(|line| (time(line) - at).abs() < NAVIGATED_MS && without_origin(text(line, "url")) == shown);
            score.false_navigations += u32::from(!real);
            if !real {
                score.misses.push(format!("false_nav: {}", what()));
            }
        }
        let called = |signal| moment.signals.contains(&signal);
        if called(Signal::DeadClick) || called(Signal::RageClick) {
            let near = |line: &&Value| text(line, "source") == "script" && (time(line) - at).abs() < NAVIGATED_MS;
            let meant = truth.iter().filter(near).min_by(|a, b| (time(a) - at).abs().total_cmp(&(time(b) - at).abs()));
            let answers = ["mutationEvents", "requests", "navigations"];
            let wrong = meant.is_none_or(|line| {
                !matches!(text(line, "kind"), "dead_click" | "rage_click")
                    && answers.iter().any(|of| line["effect"][*of].as_u64().unwrap_or_default() > 0)
            });
            score.false_signals += u32::from(wrong);
            if wrong {
                score.misses.push(format!("false_sig: {}", what()));
            }
        }
    }
}

fn truth(case: &Case) -> Vec<Value> {
    let text = std::fs::read_to_string(case.dir.join("truth.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn began(line: &Value) -> f64 {
    line.get("tClick").unwrap_or(&line["t"]).as_f64().unwrap()
}

fn ended(line: &Value) -> f64 {
    line.get("tEnd").and_then(Value::as_f64).unwrap_or_else(|| line["t"].as_f64().unwrap())
}

/// The kinds of moments that tell what the driver did; none for what isn't scored.
fn kinds(action: &str) -> &'static [MomentKind] {
    use MomentKind::*;
    match action {
        "click" | "tap" | "dead_click" | "rage_click" => &[Click, Touch],
        "dblclick" => &[DoubleClick],
        "input" => &[Input],
        "select" => &[Select, Input],
        "check" => &[Check, Input, Click, Touch],
        "scroll" => &[Scroll],
        "resize" => &[Resize],
        "drag" => &[Drag],
        "navigate" | "back" | "reload" => &[PageLoad, Navigate],
        _ => &[],
    }
}

fn done_by_script(score: &mut Score, told: &mut Told<'_>, case: &Case, line: &Value) {
    let action = text(line, "kind");
    // Keys that type nothing are in the recordings of our own SDK alone.
    let wanted = match action {
        "key" if case.name.contains("sdk") => &[MomentKind::Key, MomentKind::Input],
        action => kinds(action),
    };
    if wanted.is_empty() {
        return;
    }
    // What the page itself refused to show (a scroll at its end) leaves no trace: scored apart.
    let soft = matches!(action, "scroll" | "drag" | "resize");
    let near: Vec<usize> = told
        .between(began(line) - EARLY_MS, ended(line) + LATE_MS)
        .filter(|i| wanted.contains(&told.moments[*i].kind))
        .collect();
    let target = &line["target"];
    let at = line["t"].as_f64().unwrap();
    let best = near.iter().copied().min_by(|a, b| {
        let rank = |i: usize| (same_label(target, &told.moments[i]) != Some(true), told.used[i]);
        rank(*a).cmp(&rank(*b)).then((told.from(*a) - at).abs().total_cmp(&(told.from(*b) - at).abs()))
    });
    let what = || format!("{}: {action} {:?} at +{:.1} s", case.name, shown(line), (at - told.start) / 1000.0);
    score.count(if soft { "soft" } else { "action" }, best.is_some(), what);
    let Some(best) = best else { return };
    let of_it: Vec<usize> =
        near.iter().copied().filter(|i| (told.from(*i) - told.from(best)).abs() < SAME_ACTION_MS).collect();
    of_it.into_iter().for_each(|i| told.used[i] = true);
    told.used[best] = true;
    let moment = &told.moments[best];
    let masked = case.name.contains("masked");
    let got = || format!("{}, got {} {}", what(), moment.id, moment.text);
    if !soft
        && !masked
        && let Some(same) = same_label(target, moment)
    {
        score.count("label", same, got);
    }
    if !soft && let Some(target) = &moment.target {
        score.count("selector", target.matches == 1, got);
    }
    let entered = text(line, "valueAfter");
    if action == "input" && !entered.is_empty() && line["password"] != Value::Bool(true) {
        if masked {
            score.count("masked", moment.masked, got);
        } else {
            let value = words(moment.value.as_deref().unwrap_or_default());
            // A card number is never told: saying that it is hidden is the right value.
            let is_card = entered.bytes().filter(u8::is_ascii_digit).count() >= 13
                && entered.bytes().all(|b| b.is_ascii_digit() || b == b' ');
            let is = if is_card {
                moment.masked
            } else {
                value == words(entered) || words(&moment.text).contains(&words(entered))
            };
            score.count("value", is, || format!("{} wanted {entered:?}", got()));
        }
    }
    let signalled = |signal| near.iter().any(|i| told.moments[*i].signals.contains(&signal));
    if action == "rage_click" {
        score.count("rage", signalled(Signal::RageClick), got);
    }
    let dead = line.get("deadVerified").is_none_or(|dead| *dead == Value::Bool(true));
    // Of what was done at the very end nobody can say whether it was answered.
    let watched = told.ended() - ended(line) >= Options::default().dead_click_ms_min;
    if action == "dead_click" && dead && watched {
        score.count("dead", signalled(Signal::DeadClick), got);
    }
}

fn shown(line: &Value) -> &str {
    let target = &line["target"];
    [text(target, "name"), text(target, "text"), text(line, "to"), text(line, "url")]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// Letters and digits in lower case, one space between words.
fn words(text: &str) -> String {
    let folded: String =
        text.to_lowercase().chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { ' ' }).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn head(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect::<String>().trim().to_owned()
}

/// Whether a moment names its target as a person would: one name holds the other. `None` when the
/// target has neither name nor text.
fn same_label(target: &Value, moment: &Moment) -> Option<bool> {
    let wanted: Vec<String> =
        [text(target, "name"), text(target, "text")].into_iter().map(words).filter(|w| !w.is_empty()).collect();
    if wanted.is_empty() {
        return None;
    }
    let named = moment.target.iter().flat_map(|target| [&target.name, &target.text]).flatten();
    let named: Vec<String> = named.map(|name| words(name)).filter(|name| !name.is_empty()).collect();
    let line = words(&moment.text);
    Some(wanted.iter().map(|wanted| head(wanted, 60)).any(|wanted| {
        line.contains(&wanted)
            || named
                .iter()
                .any(|name| name.contains(&wanted) || name.chars().count() >= 3 && wanted.contains(name.as_str()))
    }))
}

fn observed(score: &mut Score, told: &Told<'_>, line: &Value, summary: &str, seen: &mut Vec<String>) {
    let at = line["t"].as_f64().unwrap();
    let from = line.get("tStart").and_then(Value::as_f64).unwrap_or(at);
    let near: Vec<&Moment> = told.between(from - 1500.0, at + 2500.0).map(|i| &told.moments[i]).collect();
    let summary = words(summary);
    match text(line, "kind") {
        "navigated" => {
            let path = without_origin(text(line, "url"));
            let hit = near.iter().any(|m| {
                matches!(m.kind, MomentKind::PageLoad | MomentKind::Navigate)
                    && (m.url.as_deref().unwrap_or_default().contains(path) || m.text.contains(path))
            });
            score.count("navigation", hit, || path.to_owned());
        }
        "page_error" => {
            let message = text(line, "message");
            let start = head(&words(message), 50);
            let hit = near.iter().any(|m| {
                matches!(m.kind, MomentKind::Error | MomentKind::Console)
                    && words(m.message.as_deref().unwrap_or_default()).contains(&start)
            });
            score.count("error", hit, || message.to_owned());
            if is_new(seen, message) {
                score.count("summary", summary.contains(&head(&words(message), 40)), || message.to_owned());
            }
        }
        "console_error" => {
            let start = head(&words(text(line, "text")), 40);
            let hit = near.iter().any(|m| {
                matches!(m.kind, MomentKind::Error | MomentKind::Console | MomentKind::Request)
                    && words(&format!("{} {}", m.message.as_deref().unwrap_or_default(), m.text)).contains(&start)
            });
            score.count("console", hit, || text(line, "text").to_owned());
        }
        kind @ ("http_error" | "request_failed" | "slow_request") => {
            let path = without_origin(text(line, "url")).split('?').next().unwrap_or_default();
            let hit = near.iter().any(|m| shows_trouble(m, kind, path, line["status"].as_u64()));
            let figure = match kind {
                "http_error" => "http_error",
                "request_failed" => "request_failed",
                _ => "slow_request",
            };
            score.count(figure, hit, || path.to_owned());
            let by_page = matches!(text(line, "resource"), "fetch" | "xhr" | "document");
            if kind == "http_error" && by_page && is_new(seen, &format!("{kind} {path}")) {
                let told = summary.contains(&words(path)) || summary.contains(&line["status"].to_string());
                score.count("summary", told, || path.to_owned());
            }
        }
        _ => {}
    }
}

fn shows_trouble(moment: &Moment, kind: &str, path: &str, status: Option<u64>) -> bool {
    let Some(request) = moment.request.as_ref().filter(|request| request.url.contains(path)) else {
        return false;
    };
    match kind {
        "http_error" => request.status.map(u64::from) == status,
        "request_failed" => request.failed,
        _ => request.duration_ms.is_some_and(|ms| ms >= 2000),
    }
}

fn is_new(seen: &mut Vec<String>, what: &str) -> bool {
    let new = !seen.iter().any(|known| known == what);
    if new {
        seen.push(what.to_owned());
    }
    new
}

fn without_origin(url: &str) -> &str {
    match url.find("://") {
        Some(scheme) => url[scheme + 3..].find('/').map_or("", |path| &url[scheme + 3 + path..]),
        None => url,
    }
}
