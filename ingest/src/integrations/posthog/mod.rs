//! PostHog: what `posthog-js` sends and asks for.
//!
//! In: the body of a request. Out: pieces of recordings, errors and feedback. Events that count clicks and visits are
//! passed over.

pub(crate) mod body;
pub(crate) mod config;
mod event;
pub(crate) mod scripts;

use playhead_schemas::EpochMs;
use serde_json::Value;

use super::account::Account;
use super::bugs::Feedback;
use super::error_report::ErrorReport;
use super::intake::{Intake, Piece, TryAgain};
use super::value::{content_id, parse};
use body::Batch;
use event::Kind;

/// What was found in a batch.
#[derive(Debug)]
pub(crate) enum Found {
    Segment(Box<Piece>),
    /// Where the page is, for a recording that there is.
    PageView(Box<Piece>),
    Error(Box<ErrorReport>),
    Feedback(Box<Feedback>),
}

/// Reads the events of a batch. Computes: call it on the pool.
pub(crate) fn found(batch: Batch, now: EpochMs, account: &mut Account) -> Vec<Found> {
    if batch.breaks_off {
        account.defect("breaks_off");
    }
    let mut found = Vec::new();
    for event in batch.events {
        let Some(name) = event::name(&event) else {
            account.reject("event", "it is not an object with a name in event");
            continue;
        };
        let kind = Kind::of_name(&name);
        match kind {
            Kind::Snapshot => match event::snapshot(&event) {
                Ok(piece) => found.push(Found::Segment(Box::new(piece))),
                Err(why) => account.reject("snapshot", why),
            },
            Kind::Other => account.pass_over(&name),
            Kind::Exception | Kind::SurveySent | Kind::PageView => match parse(&event) {
                Some(value) => found.extend(of_tree(kind, &name, &value, now, &content_id(&event), account)),
                None => account.reject("event", "it is not a JSON object, or too large or too deep to be read"),
            },
        }
    }
    found
}

fn of_tree(
    kind: Kind,
    name: &str,
    event: &Value,
    now: EpochMs,
    fallback_id: &str,
    account: &mut Account,
) -> Option<Found> {
    let found = match kind {
        Kind::Exception => Some(Found::Error(Box::new(event::exception(event, now, fallback_id)))),
        Kind::SurveySent => event::survey(event, now, fallback_id).map(|survey| Found::Feedback(Box::new(survey))),
        _ => event::page_view(event, now).map(|piece| Found::PageView(Box::new(piece))),
    };
    if found.is_none() {
        account.pass_over(name);
    }
    found
}

/// Stores what was found.
pub(crate) async fn store(intake: Intake<'_>, found: Vec<Found>, account: &mut Account) -> Result<(), TryAgain> {
    for one in found {
        match one {
            Found::Segment(piece) => intake.piece(*piece, "snapshot", account).await?,
            Found::PageView(piece) if intake.has_replay(&piece.replay).await? => {
                intake.piece(*piece, "$pageview", account).await?;
            }
            Found::PageView(_) => account.pass_over("$pageview"),
            Found::Error(report) => intake.error(&report, account).await?,
            Found::Feedback(mut feedback) => intake.feedback(&mut feedback, account).await?,
        }
    }
    Ok(())
}
