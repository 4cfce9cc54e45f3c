//! What a token is for (RFC 8707): one endpoint of this server, by its exact URL.

use super::Issuer;

/// An MCP endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `/mcp`: the projects of the workspace in which the member has a role.
    Workspace,
    /// `/p/{slug}/mcp`: one project, by its slug.
    Project(String),
}

impl Resource {
    /// The endpoint that `url` names, exactly: no slash more, no other case, no other host.
    pub fn from_url(issuer: &Issuer, url: &str) -> Option<Self> {
        Self::from_path(url.strip_prefix(issuer.as_str())?)
    }

    /// The endpoint at a path of this server, such as `/p/shop/mcp`.
    pub fn from_path(path: &str) -> Option<Self> {
        if path == "/mcp" {
            return Some(Self::Workspace);
        }
        let slug = path.strip_prefix("/p/")?.strip_suffix("/mcp")?;
        is_slug(slug).then(|| Self::Project(slug.to_owned()))
    }

    /// Its path.
    pub fn path(&self) -> String {
        match self {
            Self::Workspace => "/mcp".to_owned(),
            Self::Project(slug) => format!("/p/{slug}/mcp"),
        }
    }

    /// Its URL: the audience of its tokens.
    pub fn url(&self, issuer: &Issuer) -> String {
        issuer.join(&self.path())
    }
}

/// What a project's slug may be.
fn is_slug(slug: &str) -> bool {
    (1..=64).contains(&slug.len()) && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_resource_is_exact() {
        let issuer = Issuer::parse("https://p.example").unwrap();
        let shop = Resource::Project("shop".to_owned());
        for (url, want) in [
            ("https://p.example/mcp", Some(Resource::Workspace)),
            ("https://p.example/p/shop/mcp", Some(shop.clone())),
            ("https://p.example/mcp/", None),
            ("https://p.example/MCP", None),
            ("https://P.example/mcp", None),
            ("https://p.example", None),
            ("https://p.example/", None),
            ("http://p.example/mcp", None),
            ("https://p.example.evil.com/mcp", None),
            ("https://p.example/mcp?x=1", None),
            ("https://p.example/p//mcp", None),
            ("https://p.example/p/../mcp", None),
            ("https://p.example/p/a/b/mcp", None),
            ("https://p.example/p/Shop/mcp", None),
            ("", None),
        ] {
            assert_eq!(Resource::from_url(&issuer, url), want, "{url}");
        }
        assert_eq!(Resource::from_url(&issuer, &shop.url(&issuer)), Some(shop));
    }
}
