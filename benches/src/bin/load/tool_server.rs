//! The tools over a store, as a process of their own: what `load query` asks.

use std::path::PathBuf;

use anyhow::Result;
use axum::Router;
use playhead_query::QueryConfig;
use playhead_store::{Store, StoreConfig};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::out;

/// Arguments of `serve-tools`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The store's folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Serves until standard input ends.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let store = Store::open(StoreConfig::new(&args.data)).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    // The load is one principal's: its quotas must not stand in the way.
    let (calls_per_day, calls_per_minute) = (u64::MAX, u64::MAX);
    let config = QueryConfig { public_url: url.clone(), calls_per_day, calls_per_minute, ..QueryConfig::default() };
    let router = playhead_query::router(store.clone(), config.clone());
    #[cfg(feature = "noop")]
    let router = {
        let workspace = store.default_workspace().await?.id;
        router.merge(playhead_query::unchecked_router(store.clone(), config, workspace))
    };
    serve_until_input_ends(listener, router, &url).await?;
    store.close().await;
    Ok(())
}

/// Tells on standard output where it is ready, and serves until standard input ends.
pub(crate) async fn serve_until_input_ends(listener: TcpListener, router: Router, url: &str) -> Result<()> {
    out::result(true, &json!({ "url": url }), |_| String::new())?;
    let input_ends = async {
        let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
    };
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served?,
        () = input_ends => {}
    }
    Ok(())
}
