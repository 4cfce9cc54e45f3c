//! The two documents by which a client finds its way (RFC 8414, RFC 9728).

use playhead_schemas::Scope;
use serde::Serialize;

use super::{Issuer, Resource};

/// What a client may ask for without being an administrator's tool.
const OFFERED: [Scope; 6] = [
    Scope::BugsRead,
    Scope::BugsWrite,
    Scope::AgentTasks,
    Scope::RegressionWrite,
    Scope::CookiesRead,
    Scope::ReplayRaw,
];
/// What a client needs for ordinary work. Clients that know no better ask for all of it, so the scopes that reach
/// cookies and raw recordings are not among them.
const ORDINARY: [Scope; 4] = [Scope::BugsRead, Scope::BugsWrite, Scope::AgentTasks, Scope::RegressionWrite];

/// Where the endpoints are and what they take.
#[derive(Clone, Debug, Serialize)]
pub struct AuthorizationServerMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: String,
    revocation_endpoint: String,
    scopes_supported: Vec<Scope>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
    client_id_metadata_document_supported: bool,
}

impl AuthorizationServerMetadata {
    /// The document of this server.
    pub fn new(issuer: &Issuer) -> Self {
        Self {
            issuer: issuer.as_str().to_owned(),
            authorization_endpoint: issuer.join("/authorize"),
            token_endpoint: issuer.join("/token"),
            registration_endpoint: issuer.join("/register"),
            revocation_endpoint: issuer.join("/revoke"),
            scopes_supported: OFFERED.to_vec(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "refresh_token"],
            token_endpoint_auth_methods_supported: ["none"],
            revocation_endpoint_auth_methods_supported: ["none"],
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            client_id_metadata_document_supported: true,
        }
    }
}

/// What an endpoint is called, and who gives tokens for it.
#[derive(Clone, Debug, Serialize)]
pub struct ProtectedResourceMetadata {
    resource: String,
    authorization_servers: [String; 1],
    scopes_supported: Vec<Scope>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'static str,
}

impl ProtectedResourceMetadata {
    /// The document of one endpoint.
    pub fn new(issuer: &Issuer, resource: &Resource) -> Self {
        Self {
            resource: resource.url(issuer),
            authorization_servers: [issuer.as_str().to_owned()],
            scopes_supported: ORDINARY.to_vec(),
            bearer_methods_supported: ["header"],
            resource_name: "Playhead",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_documents_name_each_other_exactly() {
        let issuer = Issuer::parse("https://p.example/").unwrap();
        let server = serde_json::to_value(AuthorizationServerMetadata::new(&issuer)).unwrap();
        let resource = Resource::Project("shop".to_owned());
        let resource = serde_json::to_value(ProtectedResourceMetadata::new(&issuer, &resource)).unwrap();
        assert_eq!(server["issuer"], "https://p.example");
        assert_eq!(resource["authorization_servers"][0], server["issuer"]);
        assert_eq!(resource["resource"], "https://p.example/p/shop/mcp");
        assert_eq!(server["token_endpoint"], "https://p.example/token");
        assert_eq!(server["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert!(!server["scopes_supported"].as_array().unwrap().contains(&"admin".into()));
        assert!(server.as_object().unwrap().values().all(|value| !value.is_null()));
    }
}
