//! SIGINT and SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::{Exit, Failure};

/// Watches for SIGINT and SIGTERM from when it is created. Create it before anybody can know of this process.
#[derive(Debug)]
pub(crate) struct Stop {
    asked: CancellationToken,
}

impl Stop {
    /// Starts to watch. From now on the first signal doesn't end the process by itself; a second one does, immediately.
    pub(crate) fn watch() -> anyhow::Result<Self> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let asked = CancellationToken::new();
        let stop = Self { asked: asked.clone() };
        tokio::spawn(async move {
            next(&mut interrupt, &mut terminate).await;
            tracing::info!("stopping; a second signal ends the process immediately");
            asked.cancel();
            next(&mut interrupt, &mut terminate).await;
            std::process::exit(Exit::Interrupted as i32);
        });
        Ok(stop)
    }

    /// Completes at the first signal since the watch started.
    pub(crate) async fn asked(&self) {
        self.asked.cancelled().await;
    }

    /// Runs `work` until it is done or a signal comes, so that the caller can still clean up.
    ///
    /// # Errors
    /// [`Exit::Interrupted`] after a signal; `next` says what the user can do then.
    pub(crate) async fn during<T>(
        &self,
        next: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            biased;
            () = self.asked() => Err(Failure::error(Exit::Interrupted, format!("stopped by a signal; {next}"))),
            done = work => done,
        }
    }
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
