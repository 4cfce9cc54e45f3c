//! An address that can't be listened on: who has it, and what to do.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::{ServerFile, reachable};
use crate::settings::demo_folder;

/// How long to wait for whoever listens there to say what it is.
const ASK_TIME_MAX: Duration = Duration::from_secs(1);

/// The error of a server that can't listen on `listen`.
pub(super) async fn explain(error: io::Error, listen: SocketAddr) -> anyhow::Error {
    let other = |listen: SocketAddr| SocketAddr::new(listen.ip(), listen.port().checked_add(1).unwrap_or(0));
    let next = format!("choose another address, such as --listen {}", other(listen));
    let message = match error.kind() {
        io::ErrorKind::AddrInUse => {
            let holder = holder(reachable(listen)).await;
            format!("{listen} can't be listened on, because {holder} listens there; stop it, or {next}")
        }
        _ => format!("{listen} can't be listened on; {next}"),
    };
    anyhow::Error::new(error).context(message)
}

/// Who listens on an address of this machine.
async fn holder(address: SocketAddr) -> String {
    let url = format!("http://{address}");
    let demo = demo_folder().and_then(|folder| ServerFile::read(&folder));
    if let Some(demo) = demo.filter(|file| file.url == url && file.process_lives()) {
        return format!("{} (process {}; Ctrl-C stops it)", demo.role, demo.pid);
    }
    match is_playhead(&url).await {
        true => "another Playhead server".to_owned(),
        false => "another program".to_owned(),
    }
}

/// True when a Playhead answers at a URL: it describes its upload API.
async fn is_playhead(url: &str) -> bool {
    let ask = async {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().ok()?;
        let document = http.get(format!("{url}/v1/openapi.json")).send().await.ok()?;
        let document: serde_json::Value = document.json().await.ok()?;
        Some(document["info"]["title"].as_str()?.contains("Playhead"))
    };
    tokio::time::timeout(ASK_TIME_MAX, ask).await.ok().flatten().unwrap_or(false)
}
