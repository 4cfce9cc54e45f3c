//! `playhead member`: people with an account, and what they are in each project.

use clap::Subcommand;
use playhead_api::types::{Invitation, Invite, InvitedRole, Member};
use playhead_schemas::{Actor, InvitationId};

use crate::client::ApiClient;
use crate::commands::named::{RoleOrNone, invited_role, set_role};
use crate::commands::when::shown_time;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `member`.
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
    /// Create an account with a one-time password, which is shown once
    #[command(after_help = "Example:\n  playhead member create ann@example.com --name Ann")]
    Create {
        /// The email address to sign in with
        email: String,
        /// The member's name [default: the email address]
        #[arg(long)]
        name: Option<String>,
        /// Make the member an administrator of the workspace, who is the owner of every project
        #[arg(long)]
        admin: bool,
    },
    /// Invite a person. The link, which is shown once, lets them choose a password and creates the account
    #[command(after_help = "Example:\n  playhead member invite ann@example.com --role shop=developer --days 3")]
    Invite {
        /// The email address of the account
        email: String,
        /// A role that the account will have. Can be repeated
        #[arg(long = "role", value_name = "PROJECT=ROLE", value_parser = invited_role)]
        roles: Vec<InvitedRole>,
        /// Make the member an administrator of the workspace
        #[arg(long)]
        admin: bool,
        /// Days until the invitation expires [default: 7]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=90))]
        days: Option<u32>,
    },
    /// List the open invitations
    #[command(after_help = "Example:\n  playhead member invitations --json")]
    Invitations {
        /// Include invitations that were accepted, withdrawn or are expired
        #[arg(long)]
        all: bool,
    },
    /// Withdraw an invitation
    #[command(after_help = "Example:\n  playhead member uninvite 01JD3M6ZQK8V0W2X4Y6Z8A0B2C")]
    Uninvite {
        /// The invitation's id, from `playhead member invitations`
        invitation: InvitationId,
    },
    /// List the members
    #[command(after_help = "Example:\n  playhead member list --project shop")]
    List {
        /// Include removed members
        #[arg(long)]
        all: bool,
        /// Only administrators and members with a role in this project, given as its short name or id
        #[arg(long)]
        project: Option<String>,
    },
    /// Give a member a role in a project, or take it away. It applies from the next call on
    #[command(after_help = "Example:\n  playhead member role ann@example.com --project shop --role developer")]
    Role {
        /// The member's email address or id
        member: String,
        /// The project's short name or id
        #[arg(long)]
        project: String,
        /// viewer, manager, developer, owner, or none to take the role away
        #[arg(long)]
        role: RoleOrNone,
    },
    /// Make a member an administrator of the workspace, or take that away. It applies from the next call on, or when an open
    /// invitation is accepted
    #[command(
        after_help = "Example:\n  playhead member admin ann@example.com\n  playhead member admin ann@example.com --take"
    )]
    Admin {
        /// The member's email address or id
        member: String,
        /// Take the administrator's rights away
        #[arg(long)]
        take: bool,
    },
    /// Give a member a new one-time password, which is shown once
    #[command(after_help = "Example:\n  playhead member password ann@example.com")]
    Password {
        /// The member's email address or id
        member: String,
    },
    /// Remove a member. Sign-ins, tokens and apps that act as this member are refused from the next call on
    #[command(visible_alias = "remove", after_help = "Example:\n  playhead member revoke ann@example.com")]
    Revoke {
        /// The member's email address or id
        member: String,
    },
    /// Restore a removed member, with the roles from before
    #[command(after_help = "Example:\n  playhead member restore ann@example.com")]
    Restore {
        /// The member's email address or id
        member: String,
    },
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead member invite ann@example.com --role shop=developer
  playhead member role ann@example.com --project shop --role owner
  playhead member list --json";

/// Creates, invites, lists or removes members, and gives them roles.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = Session::open(settings).await?;
    let done = carry_out(&args, &session).await;
    session.close().await;
    done
}

async fn carry_out(args: &Args, session: &Session) -> anyhow::Result<()> {
    let client = session.client();
    match &args.verb {
        Verb::Create { email, name, admin } => {
            let made = admin::create_member(client, email, name.as_deref(), *admin).await?;
            out::either(args.json, &made, || made.password.clone())
        }
        Verb::List { all, project } => list(args, session, *all, project.as_deref()).await,
        Verb::Role { member, project, role } => {
            let member = admin::member_named(client, member).await?;
            set_role(client, &member.email, Actor::Member(member.id), project, *role, args.json).await
        }
        Verb::Admin { member, take } => set_admin(args, session, member, !take).await,
        Verb::Password { member } => {
            let member = admin::member_named(client, member).await?;
            let made = admin::reset_password(client, member.id).await?;
            out::either(args.json, &made, || made.password.clone())
        }
        Verb::Revoke { member } => {
            let member = admin::member_named(client, member).await?;
            let member = admin::remove_member(client, member.id).await?;
            out::either(args.json, &member, || format!("member {} removed", member.email))
        }
        Verb::Restore { member } => {
            let member = admin::member_named(client, member).await?;
            let member = admin::restore_member(client, member.id).await?;
            out::either(args.json, &member, || format!("member {} restored", member.email))
        }
        Verb::Invite { .. } | Verb::Invitations { .. } | Verb::Uninvite { .. } => invitations(args, session).await,
    }
}

/// Gives or takes an administrator's rights, of a member or of somebody who has not accepted the invitation yet.
async fn set_admin(args: &Args, session: &Session, who: &str, is_admin: bool) -> anyhow::Result<()> {
    let client = session.client();
    // Somebody who has an account is changed, whatever invitations are left; of several links any may be opened.
    let open = match admin::find_member(client, who).await? {
        Some(_) => Vec::new(),
        None => admin::open_invitations(client, who).await?,
    };
    let mut invited = None;
    for invitation in open {
        invited = Some(admin::set_invitation_admin(client, invitation.id, is_admin).await?);
    }
    if let Some(invitation) = invited {
        let becomes = if invitation.admin { "an administrator" } else { "no administrator" };
        return out::either(args.json, &invitation, || {
            format!("{} becomes {becomes} when the invitation is accepted", invitation.email)
        });
    }
    let member = admin::member_named(client, who).await?;
    let member = admin::set_member_admin(client, member.id, is_admin).await?;
    let is = if member.admin { "is an administrator" } else { "is not an administrator" };
    out::either(args.json, &member, || format!("{} {is}", member.email))
}

async fn invitations(args: &Args, session: &Session) -> anyhow::Result<()> {
    let client = session.client();
    match &args.verb {
        Verb::Invite { email, roles, admin, days } => {
            refuse_account(client, email).await?;
            let new = Invite { email: email.clone(), admin: *admin, roles: roles.clone(), days: *days };
            let made = admin::invite(client, &new).await?;
            out::either(args.json, &made, || format!("{}{}", session.public_url(), made.path))
        }
        Verb::Uninvite { invitation } => {
            let invitation = admin::withdraw_invitation(client, *invitation).await?;
            out::either(args.json, &invitation, || format!("invitation of {} withdrawn", invitation.email))
        }
        _ => {
            let all = matches!(args.verb, Verb::Invitations { all: true });
            let (mut invitations, now) = (admin::invitations(client).await?, playhead_schemas::EpochMs::now());
            invitations.retain(|one| all || (one.used_at.is_none() && now < one.expires_at));
            out::either(args.json, &invitations, || {
                let row = |one: &Invitation| {
                    let roles: Vec<_> = one.roles.iter().map(|(project, role)| format!("{project}={role}")).collect();
                    let (ends, used) = (shown_time(Some(one.expires_at)), shown_time(one.used_at));
                    vec![one.id.to_string(), one.email.clone(), roles.join(" "), ends, used]
                };
                let rows: Vec<_> = invitations.iter().map(row).collect();
                out::table(&["ID", "EMAIL", "ROLES", "EXPIRES", "ACCEPTED"], &rows)
            })
        }
    }
}

/// An invitation of somebody with an account could never be accepted.
async fn refuse_account(client: &ApiClient, email: &str) -> anyhow::Result<()> {
    let email = email.trim().to_lowercase();
    let Some(member) = admin::members(client).await?.into_iter().find(|member| member.email == email) else {
        return Ok(());
    };
    let message = match member.disabled_at {
        None => format!(
            "{email} already has an account; `playhead member role {email} --project PROJECT --role ROLE` gives it a role"
        ),
        Some(_) => format!("{email} has an account that was removed; `playhead member restore {email}` restores it"),
    };
    Err(Failure::error(Exit::Refused, message))
}

async fn list(args: &Args, session: &Session, all: bool, project: Option<&str>) -> anyhow::Result<()> {
    let client = session.client();
    let mut members = admin::members(client).await?;
    members.retain(|member| all || member.disabled_at.is_none());
    let roles = match project {
        Some(project) => Some(admin::roles(client, project).await?),
        None => None,
    };
    let role_of = |member: &Member| roles.as_ref().and_then(|roles| roles.of(Actor::Member(member.id)));
    members.retain(|member| roles.is_none() || member.admin || role_of(member).is_some());
    out::either(args.json, &members, || {
        let row = |member: &Member| {
            let role = role_of(member).map(|role| role.to_string());
            let is = if member.admin { "administrator".to_owned() } else { role.unwrap_or_else(|| "-".to_owned()) };
            let (created, removed) = (shown_time(Some(member.created_at)), shown_time(member.disabled_at));
            vec![member.id.to_string(), member.email.clone(), member.name.clone(), is, created, removed]
        };
        let rows: Vec<_> = members.iter().map(row).collect();
        out::table(&["ID", "EMAIL", "NAME", "ROLE", "CREATED", "REMOVED"], &rows)
    })
}
