//! Storing what was found in a body: recordings, errors, feedback.
//!
//! Each step is idempotent, so that a request that was not answered may be sent again as a whole.

use playhead_schemas::{BugId, ErrorCode, ReplayKey, Stream};
use playhead_store::{PageSpan, PutOutcome, SegmentOrigin, StoreError, UnnumberedSegment};
use playhead_web::ApiError;

use super::access::Sender;
use super::account::Account;
use super::bugs::{self, Feedback};
use super::crumbs::{self, Told};
use super::error_report::{Context, ErrorReport};
use super::fingerprint::fingerprint;
use crate::access;
use crate::app::App;
use crate::segment::{Raw, Upload, seal};

/// Bugs of one replay that errors become; further errors join the newest.
const REPLAY_BUGS_MAX: u64 = 20;
/// Pieces of recordings that a request may bring for what it costs itself. Each further one counts as a request of its key:
/// else the rate of a key would say little, because one request may bring thousands.
const PIECES_FREE: u32 = 20;
/// Bugs of one fingerprint that were resolved before.
const GENERATIONS_MAX: usize = 16;

/// The request can't be done now, and may be sent again.
#[derive(Debug)]
pub(crate) struct TryAgain(pub(crate) ApiError);

impl From<ApiError> for TryAgain {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

/// A piece of a recording as it came.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) replay: ReplayKey,
    pub(crate) identity: String,
    pub(crate) is_told_by_content: bool,
    pub(crate) origin: SegmentOrigin,
    pub(crate) page: Option<PageSpan>,
    pub(crate) window: Option<String>,
    pub(crate) stream: Stream,
    pub(crate) raw: Raw,
}

/// Where what was found goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intake<'a> {
    pub(crate) app: &'a App,
    pub(crate) sender: Sender,
}

impl Intake<'_> {
    /// Stores a piece of a recording. `what` is its name in the account.
    pub(crate) async fn piece(&self, piece: Piece, what: &'static str, account: &mut Account) -> Result<(), TryAgain> {
        let Piece { replay, identity, is_told_by_content, origin, page, window, stream, raw } = piece;
        let mut upload = Upload { streams: vec![(stream, raw)], window, ..Upload::default() };
        let sealing = seal(self.app.reader(), &mut upload).await?;
        for (_, problem) in sealing.rejected {
            account.reject(what, problem.message);
        }
        let Some(part) = sealing.parts.into_iter().next() else { return Ok(()) };
        let segment = UnnumberedSegment {
            project: self.sender.project,
            replay,
            identity,
            is_told_by_content,
            origin,
            page,
            part,
            replay_bytes_max: self.app.config.replay_bytes_max,
        };
        match self.app.store.put_unnumbered_segment(segment).await {
            Ok(receipt) => match receipt.only_outcome() {
                Some(PutOutcome::Accepted) => {
                    account.accept(what);
                    if account.stores_piece() > PIECES_FREE {
                        // What was stored stays, and is a duplicate when the request comes again as a whole.
                        access::count_key(self.app, self.sender.key)?;
                    }
                }
                // Other lines of an event that was told before: those that were stored stay.
                Some(PutOutcome::Rejected(ErrorCode::Conflict, _)) if origin == SegmentOrigin::Beside => {
                    account.repeat(what);
                }
                Some(PutOutcome::Duplicate) | None => account.repeat(what),
                Some(PutOutcome::Rejected(_, message)) => account.reject(what, message.clone()),
            },
            Err(error) => self.refused(error, what, account)?,
        }
        Ok(())
    }

    /// True when there is such a replay.
    pub(crate) async fn has_replay(&self, replay: &ReplayKey) -> Result<bool, TryAgain> {
        let found = self.app.store.replay_by_key(self.sender.project, replay).await.map_err(again)?;
        Ok(found.is_some())
    }

    /// Stores an error: as lines of its replay, and as a bug.
    pub(crate) async fn error(&self, report: &ErrorReport, account: &mut Account) -> Result<(), TryAgain> {
        let id = report.context.product.id(&report.context.id);
        let known = self.app.store.bug_of_sdk_event(self.sender.project, &id).await.map_err(again)?;
        if let Some(bug) = known {
            account.repeat("error");
            account.bug(bug);
            return Ok(());
        }
        if let Some(replay) = &report.context.replay {
            self.lines(report, &id, replay, account).await?;
        }
        if !report.is_error() {
            account.accept("message");
            return Ok(());
        }
        let Some(bug) = self.bug_of(report, account).await? else { return Ok(()) };
        self.app.store.remember_sdk_event(self.sender.project, &id, bug).await.map_err(again)?;
        account.accept("error");
        account.bug(bug);
        Ok(())
    }

    /// The error and its breadcrumbs, beside the recording.
    async fn lines(
        &self,
        report: &ErrorReport,
        id: &str,
        replay: &ReplayKey,
        account: &mut Account,
    ) -> Result<(), TryAgain> {
        let after = self.app.store.crumbs_until(self.sender.project, replay).await.map_err(again)?;
        let Told { mut lines, events, newest } = crumbs::told(&report.crumbs, after);
        lines.push(crumbs::line_of_error(report));
        let beside = |identity: String, stream, json: Vec<u8>| Piece {
            replay: replay.clone(),
            identity,
            is_told_by_content: false,
            origin: SegmentOrigin::Beside,
            page: None,
            window: None,
            stream,
            raw: Raw::Part(json.into()),
        };
        if let (false, Ok(json)) = (events.is_empty(), serde_json::to_vec(&events)) {
            self.piece(beside(format!("{id}-crumbs"), Stream::Rrweb, json), "breadcrumbs", account).await?;
        }
        let Ok(json) = serde_json::to_vec(&lines) else { return Ok(()) };
        self.piece(beside(id.to_owned(), Stream::Console, json), "console lines", account).await?;
        if let Some(newest) = newest {
            self.app.store.set_crumbs_until(self.sender.project, replay, newest).await.map_err(again)?;
        }
        Ok(())
    }

    /// The bug that an error becomes or joins: that of its fingerprint, unless it was resolved.
    async fn bug_of(&self, report: &ErrorReport, account: &mut Account) -> Result<Option<BugId>, TryAgain> {
        let store = &self.app.store;
        let kind = format!("sdk-error-{}", fingerprint(report));
        let mut client_id = kind.clone();
        for _ in 0..GENERATIONS_MAX {
            match store.bug_by_client_id(self.sender.project, &client_id).await.map_err(again)? {
                Some(bug) if bug.status.is_open() => return Ok(Some(bug.id)),
                // It came back: that is another bug.
                Some(bug) => client_id = format!("{kind}-{}", bug.id),
                None => break,
            }
        }
        if let Some(bug) = self.full_replay(&report.context).await? {
            return Ok(Some(bug));
        }
        let now = self.app.clock.now();
        let new = if self.app.flood.admits(self.sender.project, now) {
            bugs::of_error(report, self.sender.project, client_id, &self.app.config, account)
        } else {
            bugs::of_flood(self.sender.project, report.context.product, now)
        };
        match store.create_bug(new).await {
            Ok((bug, _)) => Ok(Some(bug.id)),
            Err(error) => self.refused(error, "error", account).map(|()| None),
        }
    }

    /// The newest bug of a replay that has as many as errors may make.
    async fn full_replay(&self, context: &Context) -> Result<Option<BugId>, TryAgain> {
        let Some(key) = &context.replay else { return Ok(None) };
        let store = &self.app.store;
        if store.bug_count_of_replay(self.sender.project, key).await.map_err(again)? < REPLAY_BUGS_MAX {
            return Ok(None);
        }
        let Some(replay) = store.replay_by_key(self.sender.project, key).await.map_err(again)? else { return Ok(None) };
        store.bug_of_replay(replay.id).await.map_err(again)
    }

    /// Stores what a user wrote, as a bug.
    pub(crate) async fn feedback(&self, feedback: &mut Feedback, account: &mut Account) -> Result<(), TryAgain> {
        let store = &self.app.store;
        if feedback.context.replay.is_none()
            && let Some(event) = &feedback.about_event
        {
            let id = feedback.context.product.id(event);
            feedback.context.replay = self.replay_of_event(&id).await?;
        }
        let new = bugs::of_feedback(feedback, self.sender.project, &self.app.config, account);
        match store.create_bug(new).await {
            Ok((bug, is_known)) => {
                if is_known {
                    account.repeat("feedback");
                } else {
                    account.accept("feedback");
                }
                account.bug(bug.id);
                Ok(())
            }
            Err(error) => self.refused(error, "feedback", account),
        }
    }

    /// The replay of the bug that an event became.
    async fn replay_of_event(&self, id: &str) -> Result<Option<ReplayKey>, TryAgain> {
        let store = &self.app.store;
        let Some(bug) = store.bug_of_sdk_event(self.sender.project, id).await.map_err(again)? else { return Ok(None) };
        let Some(replay) = store.bug(bug).await.map_err(again)?.replay else { return Ok(None) };
        Ok(Some(store.replay(replay).await.map_err(again)?.key))
    }

    /// What the store refuses will never be stored; any other failure may pass.
    fn refused(&self, error: StoreError, what: &'static str, account: &mut Account) -> Result<(), TryAgain> {
        match error.code() {
            ErrorCode::Internal => Err(again(error)),
            _ => {
                account.reject(what, error.to_string());
                Ok(())
            }
        }
    }
}

fn again(error: StoreError) -> TryAgain {
    TryAgain(error.into())
}
