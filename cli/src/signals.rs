//! SIGINT and SIGTERM.

use tokio::signal::unix::{SignalKind, signal};

/// Exit code of a process that was told twice to stop: 128 and SIGINT.
const FORCED: i32 = 130;

/// Completes at the first SIGINT or SIGTERM. A second one ends the process at once.
pub(crate) async fn stop() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::warn!("signals can't be watched; only a kill ends this process");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping; a second signal ends it at once");
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(FORCED);
    });
}
