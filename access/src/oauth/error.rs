//! The error codes of OAuth, and a refusal that says what to do.

use std::fmt;

/// An error code as RFC 6749 (4.1.2.1, 5.2), RFC 7591 (3.2.2) and RFC 8707 (2) write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthError {
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// The client is unknown, or is not who it says.
    InvalidClient,
    /// The code or refresh token is unknown, expired, revoked or of somebody else.
    InvalidGrant,
    /// This server has no such grant type.
    UnsupportedGrantType,
    /// This server answers with codes alone.
    UnsupportedResponseType,
    /// None of the scopes exists, or more is asked than was granted.
    InvalidScope,
    /// The resource is none of this server's, or not the one of the grant.
    InvalidTarget,
    /// The member said no, or may not say yes.
    AccessDenied,
    /// `prompt=none`, and somebody would have to sign in or consent.
    InteractionRequired,
    /// A redirect URI of a registration can't be used.
    InvalidRedirectUri,
    /// Another field of a registration can't be used.
    InvalidClientMetadata,
    /// Too many requests.
    SlowDown,
    /// A fault of the server's own.
    ServerError,
}

impl OAuthError {
    /// The code as it stands in an answer.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::InteractionRequired => "interaction_required",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::SlowDown => "slow_down",
            Self::ServerError => "server_error",
        }
    }

    /// The HTTP status of an answer that is no redirect.
    pub fn http_status(self) -> u16 {
        match self {
            Self::InvalidClient => 401,
            Self::SlowDown => 429,
            Self::ServerError => 500,
            _ => 400,
        }
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A "no" with its reason in plain words. The words are this server's own: they never repeat what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {description}")]
pub struct Refusal {
    /// The code.
    pub error: OAuthError,
    /// What was wrong and what to do, in printable ASCII without quotes and backslashes (RFC 6749, appendix A.8).
    pub description: &'static str,
}

impl Refusal {
    /// A refusal.
    pub const fn new(error: OAuthError, description: &'static str) -> Self {
        Self { error, description }
    }
}
