//! The endpoint that a call came to. A credential is valid for one kind of endpoint.

use playhead_schemas::ProjectId;

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/mcp`.
    Workspace,
    /// `/p/{slug}/mcp`.
    Project {
        /// The project; `None` when no project has that name, so that no credential fits.
        id: Option<ProjectId>,
        /// Its short name, as it stands in the address.
        slug: String,
    },
    /// `/v1/..`: plain REST, for tokens alone.
    Rest,
    /// This machine's own user, over stdio.
    Local,
}

impl Endpoint {
    /// The identifier of the endpoint as an OAuth resource (RFC 8707), made from the configured public address alone.
    /// `None` for an endpoint without OAuth.
    pub fn resource(&self, public_url: &str) -> Option<String> {
        Some(format!("{}{}", public_url.trim_end_matches('/'), self.path()?))
    }

    /// Where the metadata of the resource is served (RFC 9728, section 3.1).
    pub fn metadata_url(&self, public_url: &str) -> Option<String> {
        let base = public_url.trim_end_matches('/');
        Some(format!("{base}/.well-known/oauth-protected-resource{}", self.path()?))
    }

    /// The one project of the endpoint.
    pub fn project(&self) -> Option<ProjectId> {
        match self {
            Self::Project { id, .. } => *id,
            _ => None,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Workspace => Some("/mcp".to_owned()),
            Self::Project { slug, .. } => Some(format!("/p/{slug}/mcp")),
            Self::Rest | Self::Local => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_come_from_the_public_address() {
        let shop = Endpoint::Project { id: Some(ProjectId::new()), slug: "shop".to_owned() };
        for (endpoint, resource, metadata) in [
            (Endpoint::Workspace, Some("https://x.example/mcp"), Some("/mcp")),
            (shop, Some("https://x.example/p/shop/mcp"), Some("/p/shop/mcp")),
            (Endpoint::Rest, None, None),
            (Endpoint::Local, None, None),
        ] {
            assert_eq!(endpoint.resource("https://x.example/").as_deref(), resource);
            let metadata = metadata.map(|path| format!("https://x.example/.well-known/oauth-protected-resource{path}"));
            assert_eq!(endpoint.metadata_url("https://x.example"), metadata);
        }
    }
}
