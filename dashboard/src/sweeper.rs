//! Removes what is over, now and then, for as long as the server runs.

use std::time::Duration;

use playhead_schemas::clock::Clock;
use playhead_store::Store;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(15 * 60);

/// Removes what is over: codes, tokens, sessions, and clients that nobody let in. Ends with `stop`.
pub async fn sweep_until(store: Store, stop: CancellationToken) {
    let clock = Clock::system();
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        match store.remove_ended(clock.now()).await {
            Ok(swept) => tracing::debug!(clients = swept.clients, others = swept.others, "swept"),
            Err(error) => tracing::warn!(%error, "what is over can't be removed; it is tried again later"),
        }
    }
}
