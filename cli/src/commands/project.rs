//! `playhead project`: the applications whose sessions are recorded.

use clap::Subcommand;

use crate::commands::when::shown_time;
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `project`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    pub(crate) target: TargetFlags,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a project
    #[command(after_help = "Example:\n  playhead project create shop --name \"Web shop\"")]
    Create {
        /// Its short name: 1 to 64 characters of a-z, 0-9 and -
        slug: String,
        /// Its full name [default: the short name]
        #[arg(long)]
        name: Option<String>,
    },
    /// List the projects
    #[command(after_help = "Example:\n  playhead project list --json")]
    List,
    /// Archive a project. It accepts no more uploads and keeps its data
    #[command(visible_alias = "archive", after_help = "Example:\n  playhead project revoke shop")]
    Revoke {
        /// Its short name or id
        project: String,
    },
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead project create shop
  playhead project list --json";

/// Creates, lists or archives projects.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = match args.verb {
        Verb::Create { .. } => Session::open_or_create(settings).await?,
        Verb::List | Verb::Revoke { .. } => Session::open(settings).await?,
    };
    let done = carry_out(&args, &session).await;
    session.close().await;
    done
}

async fn carry_out(args: &Args, session: &Session) -> anyhow::Result<()> {
    let client = session.client();
    match &args.verb {
        Verb::Create { slug, name } => {
            let project = admin::create_project(client, slug, name.as_deref().unwrap_or(slug)).await?;
            out::either(args.json, &project, || format!("project {} created ({})", project.slug, project.id))
        }
        Verb::List => {
            let projects = admin::projects(client).await?;
            out::either(args.json, &projects, || {
                let rows: Vec<_> = projects
                    .iter()
                    .map(|p| {
                        let (created, archived) = (shown_time(Some(p.created_at)), shown_time(p.archived_at));
                        vec![p.slug.clone(), p.name.clone(), p.id.to_string(), created, archived]
                    })
                    .collect();
                out::table(&["PROJECT", "NAME", "ID", "CREATED", "ARCHIVED"], &rows)
            })
        }
        Verb::Revoke { project } => {
            let project = admin::archive_project(client, project).await?;
            out::either(args.json, &project, || format!("project {} archived", project.slug))
        }
    }
}
