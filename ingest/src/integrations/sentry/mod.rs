//! Sentry: envelopes of `@sentry/browser`.
//!
//! In: the body of a request. Out: pieces of recordings, errors and feedback, in the order of the envelope. What
//! measures speed or counts sessions is passed over.

pub(crate) mod envelope;
mod event;
mod replay;

use playhead_schemas::EpochMs;
use serde_json::Value;

use super::account::Account;
use super::bugs::Feedback;
use super::error_report::ErrorReport;
use super::intake::{Intake, Piece, TryAgain};
use super::value::{content_id, parse};
use crate::form::Part;
use envelope::{Envelope, Item, ItemKind};
use event::Around;

/// What was found in an envelope.
#[derive(Debug)]
pub(crate) enum Found {
    Segment(Box<Piece>),
    Error(Box<ErrorReport>),
    Feedback(Box<Feedback>),
}

/// Reads the items of an envelope. Computes: call it on the pool.
pub(crate) fn found(envelope: Envelope, now: EpochMs, account: &mut Account) -> Vec<Found> {
    envelope.defects.iter().for_each(|defect| account.defect(defect.name()));
    let around =
        |fallback_id| Around { event_id: envelope.event_id(), replay_id: envelope.replay_id(), now, fallback_id };
    let mut found = Vec::new();
    let mut replay_event = None;
    let mut files = Vec::new();
    for item in &envelope.items {
        match item.kind {
            ItemKind::ReplayEvent => match tree(item, "replay_event", account) {
                Some(event) => replay_event = Some(event),
                None => account.defect("bad_replay_event"),
            },
            ItemKind::ReplayRecording => {
                match replay::piece(item.payload.clone(), replay_event.take().as_ref(), &around(String::new())) {
                    Some(piece) => found.push(Found::Segment(Box::new(piece))),
                    None => account.reject("replay segment", "it does not say which replay it belongs to"),
                }
            }
            ItemKind::Event => {
                let event = tree(item, "error", account);
                found.extend(
                    event.map(|event| Found::Error(Box::new(event::error(&event, &around(content_id(&item.payload)))))),
                );
            }
            ItemKind::Feedback | ItemKind::UserReport => {
                let read = if item.kind == ItemKind::Feedback { event::feedback } else { event::user_report };
                let Some(event) = tree(item, "feedback", account) else { continue };
                match read(&event, &around(content_id(&item.payload))) {
                    Some(feedback) => found.push(Found::Feedback(Box::new(feedback))),
                    None => account.reject("feedback", "it has no message"),
                }
            }
            ItemKind::Attachment => files.push(file(item)),
            ItemKind::Other => account.pass_over(item.name()),
        }
    }
    attach(&mut found, files, account);
    found
}

/// Files belong to the feedback of their envelope, or else to its event.
fn attach(found: &mut [Found], files: Vec<Part>, account: &mut Account) {
    let is_feedback = |found: &&mut Found| matches!(found, Found::Feedback(_));
    let place = match found.iter_mut().find(is_feedback) {
        Some(Found::Feedback(feedback)) => Some(&mut feedback.context.files),
        _ => found.iter_mut().find_map(|found| match found {
            Found::Error(error) => Some(&mut error.context.files),
            _ => None,
        }),
    };
    match place {
        Some(place) => place.extend(files),
        None => files.iter().for_each(|_| account.pass_over("attachment")),
    }
}

fn file(item: &Item) -> Part {
    let text = |pointer| super::value::line(&item.header, pointer, 200);
    Part {
        name: "attachment".to_owned(),
        file_name: text("/filename"),
        media_type: text("/content_type"),
        bytes: item.payload.clone(),
    }
}

fn tree(item: &Item, what: &'static str, account: &mut Account) -> Option<Value> {
    let value = parse(&item.payload).filter(Value::is_object);
    if value.is_none() {
        account.reject(what, "it is not a JSON object, or too large or too deep to be read");
    }
    value
}

/// Stores what was found. Recordings first: an error belongs to a replay that is there.
pub(crate) async fn store(intake: Intake<'_>, found: Vec<Found>, account: &mut Account) -> Result<(), TryAgain> {
    for one in found {
        match one {
            Found::Segment(piece) => intake.piece(*piece, "replay segment", account).await?,
            Found::Error(report) => intake.error(&report, account).await?,
            Found::Feedback(mut feedback) => intake.feedback(&mut feedback, account).await?,
        }
    }
    Ok(())
}
