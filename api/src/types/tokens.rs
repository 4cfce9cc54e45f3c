//! API tokens.

use playhead_schemas::{Actor, EpochMs, ProjectId, Scope, TokenId, text};
use schemars::JsonSchema;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

/// A token, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The projects that it reads; null means every project of the workspace.
    pub projects: Option<Vec<ProjectId>>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What it is for.
    pub label: String,
    /// The first characters of the secret.
    pub prefix: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it stops working; null means never.
    pub expires_at: Option<EpochMs>,
    /// When it was last used.
    pub last_used_at: Option<EpochMs>,
    /// The client that last used it, in its own words.
    pub last_client: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<EpochMs>,
    /// The member or agent that it acts for, whose role bounds it.
    pub actor: Option<Actor>,
    /// True when that member or agent was removed: the token is refused.
    #[serde(default)]
    pub actor_removed: bool,
    /// The one project whose endpoint it is good for.
    pub bound_project: Option<ProjectId>,
}

impl Token {
    /// True when the token is neither revoked nor expired at `now`, and who it acts for was not removed.
    pub fn is_live(&self, now: EpochMs) -> bool {
        !self.actor_removed && self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// A token with its secret, which is shown this once.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// What clients present. It can't be shown again.
    pub secret: String,
}

/// A token to make.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What it is for, in at least one visible character.
    #[serde(default, deserialize_with = "visible_text")]
    #[schemars(length(min = 1))]
    pub label: String,
    /// What it may do; bugs:read when it is left out.
    #[serde(default)]
    pub scopes: Option<Vec<Scope>>,
    /// The projects that it reads, by id or slug; every project when it is left out.
    #[serde(default)]
    pub projects: Option<Vec<String>>,
    /// When it stops working, epoch milliseconds; never when it is left out.
    #[serde(default)]
    pub expires_at: Option<EpochMs>,
    /// The member or agent that it acts for; itself when it is left out.
    #[serde(default)]
    pub actor: Option<Actor>,
    /// Bind it to this project, by id or slug: it is good at /p/{slug}/mcp and nowhere else.
    #[serde(default)]
    pub bound_project: Option<String>,
}

fn visible_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let given = String::deserialize(deserializer)?;
    if text::one_line(&given, 1).is_empty() {
        return Err(D::Error::custom("at least one visible character is needed"));
    }
    Ok(given)
}
