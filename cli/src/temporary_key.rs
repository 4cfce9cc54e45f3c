//! Uploading with an ingest key that is created for it and revoked at the end. When this process is killed before that, a
//! server's janitor revokes the key.

use playhead_worker::TEMPORARY_KEY_LABEL;

use crate::admin;
use crate::client::ApiClient;
use crate::shutdown::Stop;

/// Runs `work` with a client that may upload to `project`. The key is revoked whatever comes of it, a signal included.
/// `next` says what the user can do after a signal. `admin` has the right to create keys.
pub(crate) async fn with_temporary_key<T>(
    admin: &ApiClient,
    project: &str,
    stop: &Stop,
    next: &str,
    work: impl AsyncFnOnce(&ApiClient) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let made = admin::create_key(admin, project, TEMPORARY_KEY_LABEL, &[]).await?;
    let ingest = admin.with_credential(&made.secret);
    let done = stop.during(next, work(&ingest)).await;
    let revoked = admin::revoke_key(admin, made.key.id).await;
    let done = done?;
    revoked?;
    Ok(done)
}
