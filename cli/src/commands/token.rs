//! `playhead token`: what an assistant or a person reads with.

use clap::Subcommand;
use playhead_api::types::{CreateToken, Token};
use playhead_schemas::{Actor, EpochMs, Scope, TokenId};

use crate::client::ApiClient;
use crate::commands::when::shown_time;
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `token`.
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
    /// Create a token, which is shown once
    #[command(after_help = "Examples:
  playhead token create --label claude
  playhead token create --label ci --project shop --scope bugs:read --scope replay:raw --days 30
  playhead token create --label fixer --agent fixer --scope bugs:read
  playhead token create --label shop-only --endpoint shop")]
    Create {
        /// What it is for
        #[arg(long)]
        label: String,
        /// A project that it can read, given as its short name or id. Can be repeated [default: every project]
        #[arg(long = "project", value_name = "PROJECT")]
        projects: Vec<String>,
        /// What it can do: bugs:read, bugs:write, cookies:read, replay:raw, agent:tasks, regression:write or admin. Can be
        /// repeated
        #[arg(long = "scope", value_name = "SCOPE", default_value = "bugs:read")]
        scopes: Vec<Scope>,
        /// A member, given as email address or id, for whom it acts. It can do no more than the member's role allows
        #[arg(long, conflicts_with = "agent")]
        member: Option<String>,
        /// An agent, given as name or id, for whom it acts. It can do no more than the agent's role allows
        #[arg(long)]
        agent: Option<String>,
        /// Make it valid at /p/PROJECT/mcp only: a project, given as its short name or id
        #[arg(long, value_name = "PROJECT", conflicts_with = "projects")]
        endpoint: Option<String>,
        /// Days until it expires [default: it does not expire]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List the valid tokens
    #[command(after_help = "Example:\n  playhead token list --json")]
    List {
        /// Include tokens that are revoked or expired, or that act for a removed member or agent
        #[arg(long)]
        all: bool,
    },
    /// Replace a token by one like it. The new secret is shown once; the old one is refused from the next call on
    #[command(after_help = "Example:\n  playhead token rotate 01JD3M6ZQK8V0W2X4Y6Z8A0B2C")]
    Rotate {
        /// The token's id, from `playhead token list`
        token: TokenId,
    },
    /// Revoke a token. It is refused from the next call on
    #[command(after_help = "Example:\n  playhead token revoke 01JD3M6ZQK8V0W2X4Y6Z8A0B2C")]
    Revoke {
        /// The token's id, from `playhead token list`
        token: TokenId,
    },
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead token create --label claude
  playhead token create --label fixer --agent fixer
  playhead token list --json";

const DAY_MS: i64 = 86_400_000;

/// Creates, lists, replaces or revokes tokens.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = Session::open(settings).await?;
    let done = carry_out(&args, &session).await;
    session.close().await;
    done
}

async fn carry_out(args: &Args, session: &Session) -> anyhow::Result<()> {
    let client = session.client();
    match &args.verb {
        Verb::Create { .. } => {
            let made = admin::create_token(client, &wanted(&args.verb, client).await?).await?;
            out::either(args.json, &made, || made.secret.clone())
        }
        Verb::List { all } => {
            let mut tokens = admin::tokens(client).await?;
            let now = EpochMs::now();
            tokens.retain(|token| *all || token.is_live(now));
            out::either(args.json, &tokens, || out::table(&HEADER, &rows(&tokens)))
        }
        Verb::Rotate { token } => {
            let made = admin::rotate_token(client, *token).await?;
            out::either(args.json, &made, || made.secret.clone())
        }
        Verb::Revoke { token } => {
            let token = admin::revoke_token(client, *token).await?;
            out::either(args.json, &token, || format!("token {} revoked", token.id))
        }
    }
}

/// The token that `token create` asks for.
async fn wanted(verb: &Verb, client: &ApiClient) -> anyhow::Result<CreateToken> {
    let Verb::Create { label, projects, scopes, member, agent, endpoint, days } = verb else {
        anyhow::bail!("only `token create` creates tokens");
    };
    let actor = match (member, agent) {
        (Some(member), _) => Some(Actor::Member(admin::member_named(client, member).await?.id)),
        (None, Some(agent)) => Some(Actor::Agent(admin::agent_named(client, agent).await?.id)),
        (None, None) => None,
    };
    Ok(CreateToken {
        label: label.clone(),
        projects: (!projects.is_empty()).then(|| projects.clone()),
        scopes: Some(scopes.clone()),
        expires_at: days.map(|days| EpochMs::now().plus_ms(i64::from(days) * DAY_MS)),
        actor,
        bound_project: endpoint.clone(),
    })
}

fn acts_for(token: &Token) -> String {
    match token.actor {
        None => "itself".to_owned(),
        Some(actor) if token.actor_removed => format!("{actor} (removed)"),
        Some(actor) => actor.to_string(),
    }
}

const HEADER: [&str; 10] =
    ["ID", "LABEL", "PREFIX", "SCOPES", "ACTS FOR", "PROJECTS", "LAST USED", "BY", "EXPIRES", "REVOKED"];

fn rows(tokens: &[Token]) -> Vec<Vec<String>> {
    let joined = |parts: Vec<String>| parts.join(" ");
    tokens
        .iter()
        .map(|token| {
            let projects = token.projects.as_ref();
            vec![
                token.id.to_string(),
                token.label.clone(),
                token.prefix.clone(),
                joined(token.scopes.iter().map(Scope::to_string).collect()),
                acts_for(token),
                projects.map_or_else(|| "all".to_owned(), |ids| joined(ids.iter().map(ToString::to_string).collect())),
                shown_time(token.last_used_at),
                token.last_client.clone().unwrap_or_else(|| "-".to_owned()),
                shown_time(token.expires_at),
                shown_time(token.revoked_at),
            ]
        })
        .collect()
}
