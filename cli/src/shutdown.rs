//! SIGINT and SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Exit code of a process that was told twice to stop: 128 and SIGINT.
const FORCED: i32 = 130;

/// Watches for a wish to stop, from when it is made: make it before anybody can know of this process.
#[derive(Debug)]
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Begins to watch; from now on signals don't end the process by themselves.
    pub(crate) fn watch() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Completes at the first SIGINT or SIGTERM since the watch began. A later one ends the process at once.
    pub(crate) async fn asked(mut self) {
        self.next().await;
        tracing::info!("stopping; a second signal ends it at once");
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
