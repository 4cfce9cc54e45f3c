//! SIGINT and SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The exit code after a second signal: 128 plus the number of SIGINT.
const FORCED: i32 = 130;

/// Watches for SIGINT and SIGTERM from when it is created. Create it before anybody can know of this process.
#[derive(Debug)]
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Starts to watch. From now on the signals don't end the process by themselves.
    pub(crate) fn watch() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Completes at the first signal since the watch started. A second one ends the process immediately.
    pub(crate) async fn asked(mut self) {
        self.next().await;
        tracing::info!("stopping; a second signal ends the process immediately");
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(FORCED);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
