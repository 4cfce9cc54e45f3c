//! What `load ingest` is measured beside: servers that take the same requests and do as little as can be done.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use flate2::read::GzDecoder;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStoreExt, PutPayload};
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::tool_server::serve_until_input_ends;

/// Uploads that share one sync of the log at most.
const GROUP_MAX: usize = 128;
/// zstd's level, as the store compresses.
const ZSTD_LEVEL: i32 = 3;

/// What a bare server does with an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Bare {
    /// Puts the body as it came into a folder with object_store, synced.
    Put,
    /// Decompresses, checks the JSON, fingerprints, compresses, and appends to one log; uploads that wait share a sync.
    Log,
}

/// Arguments of `serve-bare`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What it does with an upload.
    kind: Bare,
    /// The folder to write to.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

type Record = (Vec<u8>, oneshot::Sender<()>);

#[derive(Clone)]
enum Target {
    Put(Arc<LocalFileSystem>),
    Log(mpsc::Sender<Record>),
}

/// Serves until standard input ends.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let target = match args.kind {
        Bare::Put => Target::Put(Arc::new(LocalFileSystem::new_with_prefix(&args.data)?.with_fsync(true))),
        Bare::Log => Target::Log(log(args.data.join("log"))?),
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/v1/replays/{replay}/segments/{n}", put(upload)).with_state(target);
    serve_until_input_ends(listener, router, &url).await
}

async fn upload(State(target): State<Target>, Path((replay, n)): Path<(String, String)>, body: Bytes) -> Response {
    let stored = match target {
        Target::Put(folder) => {
            let path = object_store::path::Path::from(format!("{replay}/{n}"));
            folder.put(&path, PutPayload::from_bytes(body)).await.map(drop).context("put")
        }
        Target::Log(log) => append(&log, &body).await,
    };
    match stored {
        Ok(()) => (StatusCode::ACCEPTED, r#"{"streams":[]}"#).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}

async fn append(log: &mpsc::Sender<Record>, body: &[u8]) -> Result<()> {
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain)?;
    serde_json::from_slice::<IgnoredAny>(&plain)?;
    let mut record = Sha256::digest(&plain).to_vec();
    record.extend(zstd::encode_all(&plain[..], ZSTD_LEVEL)?);
    let (done, durable) = oneshot::channel();
    log.send((record, done)).await.context("the log ended")?;
    durable.await.context("the log ended")
}

fn log(path: PathBuf) -> Result<mpsc::Sender<Record>> {
    let mut file = std::fs::File::create(path)?;
    let (records, mut waiting) = mpsc::channel::<Record>(GROUP_MAX);
    std::thread::spawn(move || {
        let mut group = Vec::new();
        while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
            let bytes: Vec<u8> = group.iter().flat_map(|(record, _)| record).copied().collect();
            if file.write_all(&bytes).and_then(|()| file.sync_data()).is_err() {
                return;
            }
            for (_, done) in group.drain(..) {
                let _ = done.send(());
            }
        }
    });
    Ok(records)
}
