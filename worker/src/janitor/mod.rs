//! Every periodic clean-up of the server, and the one schedule that runs them.
//!
//! | sweep | what it does | how often | setting |
//! |---|---|---|---|
//! | idle replays | closes a replay that gets no more segments, so that it is transcribed | 15 s | `idle_close_ms` |
//! | credentials | deletes codes, tokens, sessions and clients that ended some time ago | 15 min | |
//! | temporary keys | revokes upload keys that a killed command left behind | 15 min | |
//! | SDK uploads | forgets by which ids other products' SDKs sent segments and events | 1 h | |
//! | audit log | deletes entries that are older than they are kept | 1 h | `audit_days` |
//! | pieces | deletes uploaded pieces that a killed process left without a row | 1 h | |
//!
//! Each sweep runs at the start and then at its interval, apart from the others. A sweep that fails is logged and
//! tried again at its next time: nothing depends on a sweep having run, because what has expired is refused whether
//! it was deleted or not.

mod audit_log;
mod credentials;
mod idle_replays;
mod pieces;
mod sdk_uploads;
mod temporary_keys;

use std::time::Duration;

use futures::future::join_all;
use playhead_store::StoreError;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::config::JanitorConfig;
use crate::worker::Worker;
pub use temporary_keys::TEMPORARY_KEY_LABEL;

/// A periodic clean-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Closes replays that got no segment for a while.
    IdleReplays,
    /// Deletes codes, tokens, grants, sessions, sign-in attempts and OAuth clients that ended some time ago.
    Credentials,
    /// Revokes upload keys that a killed command left behind.
    TemporaryKeys,
    /// Deletes audit entries that are older than they are kept.
    AuditLog,
    /// Deletes uploaded pieces that no row names.
    Pieces,
    /// Forgets by which ids SDKs of other products sent segments and events.
    SdkUploads,
}

impl Sweep {
    /// Every sweep.
    pub const ALL: [Self; 6] =
        [Self::IdleReplays, Self::Credentials, Self::TemporaryKeys, Self::AuditLog, Self::Pieces, Self::SdkUploads];

    fn interval_ms(self, config: &JanitorConfig) -> u64 {
        match self {
            Self::IdleReplays => config.idle_sweep_ms,
            Self::Credentials | Self::TemporaryKeys => config.credentials_sweep_ms,
            Self::AuditLog | Self::SdkUploads => config.audit_sweep_ms,
            Self::Pieces => config.pieces_sweep_ms,
        }
    }
}

impl Worker {
    /// Runs one clean-up now; gives how many rows or objects it closed, revoked or deleted.
    ///
    /// # Errors
    /// When the catalog or the object storage fails.
    pub async fn sweep(&self, sweep: Sweep) -> Result<u64, StoreError> {
        let (store, config, now) = (&self.store, &self.config.janitor, self.now());
        match sweep {
            Sweep::IdleReplays => idle_replays::close(store, config, now).await,
            Sweep::Credentials => credentials::delete_ended(store, now).await,
            Sweep::TemporaryKeys => temporary_keys::revoke_forgotten(store, now).await,
            Sweep::AuditLog => audit_log::delete_old(store, config, now).await,
            Sweep::Pieces => pieces::delete_forgotten(store, now).await,
            Sweep::SdkUploads => sdk_uploads::forget_old(store, now).await,
        }
    }
}

/// Runs every sweep at its interval until `shutdown` is cancelled; a sweep that runs then is let end.
pub(crate) async fn run(worker: &Worker, shutdown: &CancellationToken) {
    join_all(Sweep::ALL.map(|sweep| repeat(worker, sweep, shutdown))).await;
}

async fn repeat(worker: &Worker, sweep: Sweep, shutdown: &CancellationToken) {
    let mut ticks = interval(Duration::from_millis(sweep.interval_ms(&worker.config.janitor).max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        match worker.sweep(sweep).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(?sweep, rows, "swept"),
            Err(error) => tracing::error!(?sweep, %error, "a sweep failed; it is tried again at its next time"),
        }
    }
}
