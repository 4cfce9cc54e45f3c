//! The summary: what went wrong first, then what the user did, in a few kilobytes.

use std::fmt::Write;

use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::{Failure, FailureKind, Moment, MomentKind, Timeline};

use super::{line, words};
use crate::failures::find;

/// Share of the budget that failures may take, in percent; the way there gets the rest.
const FAILURES_PERCENT: usize = 65;

/// What the user did, what failed and where, in at most `bytes_max` bytes. What is left out is said.
pub fn summary(timeline: &Timeline, bytes_max: usize) -> String {
    let mut out = words::head(timeline);
    failures(timeline, &mut out, bytes_max * FAILURES_PERCENT / 100);
    steps(timeline, &mut out, bytes_max);
    prefix(&out, bytes_max).to_owned()
}

fn failures(timeline: &Timeline, out: &mut String, bytes_until: usize) {
    if timeline.failures.is_empty() {
        out.push_str("No failure was found.\n");
        return;
    }
    let _ = writeln!(out, "\nFailures ({}):", timeline.failures.len());
    // Every failure gets a short line before any gets a long one.
    let short: Vec<String> = timeline.failures.iter().map(|failure| title(timeline, failure)).collect();
    let mut room = bytes_until.saturating_sub(out.len());
    let total: usize = short.iter().map(|line| line.len() + 1).sum();
    let mut spare = room.saturating_sub(total);
    for (i, (failure, line)) in timeline.failures.iter().zip(&short).enumerate() {
        if line.len() + 40 > room {
            let ids: Vec<String> = timeline.failures[i..].iter().take(12).map(|f| f.moment.to_string()).collect();
            let _ = writeln!(out, "{} more failures, at {}", timeline.failures.len() - i, ids.join(", "));
            return;
        }
        out.push_str(line);
        out.push('\n');
        room -= line.len() + 1;
        if let Some(chain) = chain(timeline, failure).filter(|chain| chain.len() < spare) {
            spare -= chain.len();
            room = room.saturating_sub(chain.len());
            out.push_str(&chain);
        }
    }
}

fn title(timeline: &Timeline, failure: &Failure) -> String {
    let kind = match failure.kind {
        FailureKind::UncaughtError => "uncaught error",
        FailureKind::HttpError => "request refused",
        FailureKind::RequestFailed => "request failed",
        FailureKind::FormRefused => "input refused",
        FailureKind::DeadClick => "dead click",
        FailureKind::RageClick => "rage click",
        FailureKind::ConsoleError => "console error",
        FailureKind::SlowRequest => "slow request",
    };
    let stamp = find(&timeline.moments, failure.moment).map_or_else(String::new, words::stamp);
    let times = if failure.count > 1 { format!(" (x{})", failure.count) } else { String::new() };
    format!("- {stamp} {kind}: {}{times}", one_line(&failure.title, 160))
}

/// What led to a failure and what it showed.
fn chain(timeline: &Timeline, failure: &Failure) -> Option<String> {
    let shows = find(&timeline.moments, failure.moment)?;
    let mut out = String::new();
    if let Some(action) = failure.action.filter(|id| *id != failure.moment).and_then(|id| find(&timeline.moments, id)) {
        let _ = writeln!(
            out,
            "    after {} {}",
            words::stamp(action),
            one_line(&line::short(action, &timeline.moments), 200)
        );
    }
    if let Some(stack) = &shows.stack {
        for frame in stack.lines().filter(|line| line.contains(':')).take(3) {
            let _ = writeln!(out, "    {}", one_line(frame, 140));
        }
    }
    if let Some(body) = shows.request.as_ref().and_then(|request| request.response_body.as_ref()) {
        let _ = writeln!(out, "    answered: {}", one_line(body, 160));
    }
    (!out.is_empty()).then_some(out)
}

/// The way through the recording: every action and page, folded where there are many.
fn steps(timeline: &Timeline, out: &mut String, bytes_max: usize) {
    let told: Vec<&Moment> = timeline
        .moments
        .iter()
        .filter(|m| {
            m.kind.is_action() || matches!(m.kind, MomentKind::PageLoad | MomentKind::Navigate | MomentKind::Idle)
        })
        .collect();
    let _ = writeln!(out, "\nWhat the user did ({} steps):", told.len());
    let room = bytes_max.saturating_sub(out.len());
    for chars in [240, 160, 120, 90] {
        let lines: Vec<String> = told.iter().map(|m| step(m, &timeline.moments, chars)).collect();
        if lines.iter().map(|line| line.len() + 1).sum::<usize>() <= room {
            for line in lines {
                out.push_str(&line);
                out.push('\n');
            }
            return;
        }
    }
    folded(timeline, &told, out, room);
}

fn step(moment: &Moment, all: &[Moment], chars: usize) -> String {
    format!("{} {}", words::stamp(moment), one_line(&line::short(moment, all), chars))
}

/// Steps in runs, where each run of steps between failures becomes one line.
fn folded(timeline: &Timeline, told: &[&Moment], out: &mut String, room: usize) {
    let cited: Vec<_> = timeline.failures.iter().flat_map(|f| f.action.into_iter().chain([f.moment])).collect();
    let end = out.len() + room;
    let mut i = 0;
    while i < told.len() {
        let kept = cited.contains(&told[i].id) || told[i].kind == MomentKind::PageLoad;
        let mut run = i;
        while run < told.len() && !cited.contains(&told[run].id) && told[run].kind != MomentKind::PageLoad {
            run += 1;
        }
        let line = if kept || run - i < 2 {
            run = i + 1;
            step(told[i], &timeline.moments, 90)
        } else {
            fold(&told[i..run])
        };
        if out.len() + line.len() + 60 > end {
            let _ = writeln!(out, "{} more steps, {} to {}", told.len() - i, told[i].id, told[told.len() - 1].id);
            return;
        }
        out.push_str(&line);
        out.push('\n');
        i = run;
    }
}

fn fold(run: &[&Moment]) -> String {
    let mut counts: Vec<(MomentKind, usize)> = Vec::new();
    for moment in run {
        match counts.iter_mut().find(|(kind, _)| *kind == moment.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((moment.kind, 1)),
        }
    }
    let parts: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    format!("{}..{} {}", run[0].id, run[run.len() - 1].id, parts.join(", "))
}
