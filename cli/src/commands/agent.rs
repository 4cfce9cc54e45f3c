//! `playhead agent`: named AI principals, for whom tokens act.

use clap::Subcommand;
use playhead_api::types::Agent;
use playhead_schemas::Actor;

use crate::client::ApiClient;
use crate::commands::named::{RoleOrNone, set_role};
use crate::commands::when::shown_time;
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `agent`.
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
    /// Create an agent. It has no access until it has a role and a token that acts for it
    #[command(after_help = "Example:\n  playhead agent create fixer")]
    Create {
        /// Its name
        name: String,
    },
    /// List the agents
    #[command(after_help = "Example:\n  playhead agent list --project shop")]
    List {
        /// Include removed agents
        #[arg(long)]
        all: bool,
        /// Only agents with a role in this project, given as its short name or id
        #[arg(long)]
        project: Option<String>,
    },
    /// Give an agent a role in a project, or take it away. It applies from the next call on
    #[command(after_help = "Example:\n  playhead agent role fixer --project shop --role developer")]
    Role {
        /// The agent's name or id
        agent: String,
        /// The project's short name or id
        #[arg(long)]
        project: String,
        /// viewer, manager, developer, owner, or none to take the role away
        #[arg(long)]
        role: RoleOrNone,
    },
    /// Remove an agent. Its tokens are refused from the next call on
    #[command(visible_alias = "remove", after_help = "Example:\n  playhead agent revoke fixer")]
    Revoke {
        /// The agent's name or id
        agent: String,
    },
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead agent create fixer
  playhead agent role fixer --project shop --role developer
  playhead token create --label fixer --agent fixer --scope bugs:read --scope replay:raw
  playhead agent list --json";

/// Creates, lists or removes agents, and gives them roles.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = Session::open(settings).await?;
    let done = carry_out(&args, session.client()).await;
    session.close().await;
    done
}

async fn carry_out(args: &Args, client: &ApiClient) -> anyhow::Result<()> {
    match &args.verb {
        Verb::Create { name } => {
            let agent = admin::create_agent(client, name).await?;
            out::either(args.json, &agent, || format!("agent {} created ({})", agent.name, agent.id))
        }
        Verb::List { all, project } => list(args, client, *all, project.as_deref()).await,
        Verb::Role { agent, project, role } => {
            let agent = admin::agent_named(client, agent).await?;
            set_role(client, &agent.name, Actor::Agent(agent.id), project, *role, args.json).await
        }
        Verb::Revoke { agent } => {
            let agent = admin::agent_named(client, agent).await?;
            let agent = admin::remove_agent(client, agent.id).await?;
            out::either(args.json, &agent, || format!("agent {} removed", agent.name))
        }
    }
}

async fn list(args: &Args, client: &ApiClient, all: bool, project: Option<&str>) -> anyhow::Result<()> {
    let mut agents = admin::agents(client).await?;
    agents.retain(|agent| all || agent.disabled_at.is_none());
    if let Some(project) = project {
        let roles = admin::roles(client, project).await?;
        agents.retain(|agent| roles.of(Actor::Agent(agent.id)).is_some());
    }
    out::either(args.json, &agents, || {
        let row = |agent: &Agent| {
            let (created, removed) = (shown_time(Some(agent.created_at)), shown_time(agent.disabled_at));
            vec![agent.id.to_string(), agent.name.clone(), created, removed]
        };
        out::table(&["ID", "NAME", "CREATED", "REMOVED"], &agents.iter().map(row).collect::<Vec<_>>())
    })
}
