//! Reading through the tools, as an assistant does, with a token that is created for it and revoked at the end.

use std::time::Duration;

use anyhow::Context;
use playhead_api::types::CreateToken;
use playhead_schemas::{EpochMs, ReplayId, Scope};
use serde_json::{Value, json};

use crate::admin;
use crate::client::ApiClient;
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::shutdown::Stop;

/// When the token expires in case it is not revoked.
const TOKEN_MS: i64 = 3_600_000;
/// The pause between two looks at a replay.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// A client of the tools.
#[derive(Debug)]
pub(crate) struct Reader {
    admin: ApiClient,
    tools: ApiClient,
    token: playhead_schemas::TokenId,
}

/// Runs `work` with a reader, whose token is revoked whatever comes of it, a signal included. `next` says what the user can
/// do after a signal. `admin` has the right to create tokens.
pub(crate) async fn with_reader<T>(
    admin: &ApiClient,
    label: &str,
    stop: &Stop,
    next: &str,
    work: impl AsyncFnOnce(&Reader) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let reader = Reader::open(admin, label).await?;
    let done = stop.during(next, work(&reader)).await;
    let revoked = admin::revoke_token(&reader.admin, reader.token).await;
    let done = done?;
    revoked?;
    Ok(done)
}

impl Reader {
    /// Creates the token.
    async fn open(admin: &ApiClient, label: &str) -> anyhow::Result<Self> {
        let new = CreateToken {
            label: label.to_owned(),
            projects: None,
            scopes: Some(vec![Scope::BugsRead]),
            expires_at: Some(EpochMs::now().plus_ms(TOKEN_MS)),
            ..CreateToken::default()
        };
        let made = admin::create_token(admin, &new).await?;
        Ok(Self { admin: admin.clone(), tools: admin.with_credential(&made.secret), token: made.token.id })
    }

    /// Waits until every replay is transcribed, and reports the progress.
    pub(crate) async fn wait(&self, replays: &[ReplayId]) -> anyhow::Result<()> {
        let mut progress = Progress::new("transcripts", replays.len() as u64);
        for (done, replay) in replays.iter().enumerate() {
            while !self.is_ready(*replay).await? {
                tokio::time::sleep(LOOK_PAUSE).await;
            }
            progress.set(done as u64 + 1);
        }
        progress.finish();
        Ok(())
    }

    /// A replay's summary, as the tools give it.
    pub(crate) async fn summary(&self, replay: ReplayId) -> anyhow::Result<String> {
        let answer = self.transcript(replay).await?;
        let lines = answer.get("untrusted").and_then(Value::as_array);
        let lines = lines.context("the server's answer holds no lines of a transcript")?;
        Ok(lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"))
    }

    async fn is_ready(&self, replay: ReplayId) -> anyhow::Result<bool> {
        let answer = self.transcript(replay).await?;
        match answer.get("state").and_then(Value::as_str) {
            Some("ready") => Ok(true),
            Some("failed") => {
                let message = format!("replay {replay} can't be transcribed; the server's log says why");
                Err(Failure::error(Exit::Failed, message))
            }
            _ => Ok(false),
        }
    }

    async fn transcript(&self, replay: ReplayId) -> anyhow::Result<Value> {
        let arguments = json!({ "replay_id": replay, "verbosity": "summary" });
        let mut result: Value = self.tools.post("/v1/tools/get_replay_transcript", &arguments).await?;
        Ok(result["structuredContent"].take())
    }
}
