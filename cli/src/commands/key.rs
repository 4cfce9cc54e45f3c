//! `playhead key`: what a project's browser SDK uploads with.

use clap::Subcommand;
use playhead_worker::TEMPORARY_KEY_LABEL;

use crate::commands::when::shown_time;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `key`.
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
    /// Create an ingest key. It can only upload, and is safe to publish in a page
    #[command(after_help = "Example:
  playhead key create --project shop --origin https://shop.example.com")]
    Create {
        /// The project's short name or id
        #[arg(long)]
        project: String,
        /// What it is for
        #[arg(long, default_value = "browser")]
        label: String,
        /// A browser origin that may use the key. Can be repeated [default: any origin]
        #[arg(long = "origin", value_name = "ORIGIN")]
        origins: Vec<String>,
    },
    /// List a project's valid keys
    #[command(after_help = "Example:\n  playhead key list --project shop")]
    List {
        /// The project's short name or id
        #[arg(long)]
        project: String,
        /// Include revoked keys
        #[arg(long)]
        all: bool,
    },
    /// Revoke a key. It is refused from the next request on
    #[command(after_help = "Example:\n  playhead key revoke 01JD3M6ZQK8V0W2X4Y6Z8A0B2C")]
    Revoke {
        /// The key's id, from `playhead key list`
        key: playhead_schemas::KeyId,
    },
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead key create --project shop --origin https://shop.example.com
  playhead key list --project shop --json";

/// Creates, lists or revokes ingest keys.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = Session::open(settings).await?;
    let done = carry_out(&args, &session).await;
    session.close().await;
    done
}

async fn carry_out(args: &Args, session: &Session) -> anyhow::Result<()> {
    let client = session.client();
    match &args.verb {
        Verb::Create { label, .. } if label.trim() == TEMPORARY_KEY_LABEL => {
            let message =
                format!("{label:?} is the label of keys that a server revokes after a day; choose another one");
            Err(Failure::error(Exit::Usage, message))
        }
        Verb::Create { project, label, origins } => {
            let made = admin::create_key(client, project, label, origins).await?;
            out::either(args.json, &made, || made.secret.clone())
        }
        Verb::List { project, all } => {
            let mut keys = admin::keys(client, project).await?;
            keys.retain(|key| *all || key.revoked_at.is_none());
            out::either(args.json, &keys, || {
                let rows: Vec<_> = keys
                    .iter()
                    .map(|key| {
                        let origins = match key.allowed_origins.as_slice() {
                            [] => "any".to_owned(),
                            some => some.join(" "),
                        };
                        let (created, revoked) = (shown_time(Some(key.created_at)), shown_time(key.revoked_at));
                        vec![key.id.to_string(), key.label.clone(), key.prefix.clone(), origins, created, revoked]
                    })
                    .collect();
                out::table(&["ID", "LABEL", "PREFIX", "ORIGINS", "CREATED", "REVOKED"], &rows)
            })
        }
        Verb::Revoke { key } => {
            let key = admin::revoke_key(client, *key).await?;
            out::either(args.json, &key, || format!("key {} revoked", key.id))
        }
    }
}
