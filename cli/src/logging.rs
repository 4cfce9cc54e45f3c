//! Logs: to standard error, as text or JSON lines. Secrets never reach a log call.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, Settings};

/// Starts logging for the process. `quiet` commands log warnings alone unless the settings say otherwise.
pub(crate) fn start(settings: &Settings, quiet: bool) -> anyhow::Result<()> {
    let fallback = if quiet { "warn" } else { "info" };
    let asked = settings.log.as_deref().unwrap_or(fallback);
    // The MCP library writes several lines for each request at `info`; a filter that names it still gets them.
    let directives = if asked.contains("rmcp") { asked.to_owned() } else { format!("{asked},rmcp=warn") };
    let filter = EnvFilter::try_new(&directives)
        .with_context(|| format!("setting `log`: {asked:?} is not a filter such as info or playhead=debug"))
        .map_err(|error| crate::exit::Failure::error(crate::exit::Exit::Usage, format!("{error:#}")))?;
    // A log line that can't be written (a closed terminal, a full disk) is lost. The library would report that on
    // standard error as well, which panics when standard error is what failed.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .log_internal_errors(false);
    match settings.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
