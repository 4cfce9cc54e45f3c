//! Who calls.

use playhead_schemas::{Actor, EpochMs, GrantId, ProjectId, Scope, TokenId, WorkspaceId};
use ulid::Ulid;

/// What was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing: the user of this machine, over stdio.
    Local,
    /// A token (`pht_`).
    Token(TokenId),
    /// An access token of an OAuth grant (`pha_`).
    Grant {
        /// The grant.
        grant: GrantId,
        /// The one resource that it is valid for, exactly.
        resource: String,
    },
}

/// Who calls, and the bounds that came with the credential. What the acting member or agent may do at this moment is
/// checked with each call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// What was presented.
    pub credential: Credential,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The projects of the credential; `None` means every project of the workspace.
    pub projects: Option<Vec<ProjectId>>,
    /// The one project whose endpoint the credential is valid for; `None`: the workspace's.
    pub bound_project: Option<ProjectId>,
    /// The member or agent that it acts for; `None`: nobody, so that only its own bounds limit it.
    pub actor: Option<Actor>,
    /// What it may do at most.
    pub scopes: Vec<Scope>,
    /// What it is for, in the words of who made it.
    pub label: String,
    /// When it stops working.
    pub expires_at: Option<EpochMs>,
}

impl Principal {
    /// What the user of this machine lets an assistant do, in a server of its own or through one that runs: bugs and
    /// recordings. Cookies, tasks of agents and the administration take a token that was made for them.
    pub const LOCAL_SCOPES: [Scope; 3] = [Scope::BugsRead, Scope::BugsWrite, Scope::ReplayRaw];

    /// The user of this machine: a whole workspace, with [`Principal::LOCAL_SCOPES`].
    pub fn local(workspace: WorkspaceId) -> Self {
        Self {
            credential: Credential::Local,
            workspace,
            projects: None,
            bound_project: None,
            actor: None,
            scopes: Self::LOCAL_SCOPES.to_vec(),
            label: "local".to_owned(),
            expires_at: None,
        }
    }

    /// True when it has `scope`.
    pub fn holds(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// How the audit log names it, and what cursors are bound to.
    pub fn name(&self) -> String {
        match &self.credential {
            Credential::Local => "local".to_owned(),
            Credential::Token(id) => format!("token {id}"),
            Credential::Grant { grant, .. } => format!("grant {grant}"),
        }
    }

    /// Whose calls a minute are counted together: the acting member's or agent's, else the credential's.
    pub fn rate_key(&self) -> Ulid {
        match (self.actor, &self.credential) {
            (Some(Actor::Member(id)), _) => id.0,
            (Some(Actor::Agent(id)), _) => id.0,
            (None, Credential::Token(id)) => id.0,
            (None, Credential::Grant { grant, .. }) => grant.0,
            (None, Credential::Local) => Ulid::nil(),
        }
    }
}
