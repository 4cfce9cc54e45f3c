//! Who calls, where, in which form it wants answers, and with what program.

use std::sync::Arc;

use http::HeaderMap;
use http::header::USER_AGENT;
use playhead_access::{Endpoint, Principal};

use crate::form::Form;
use crate::toolset::ToolFilter;
use crate::untrusted;

/// Who calls, where the call came in, and the form of its answer. Put into each request by the gate; a stdio server has
/// one caller for all requests.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Arc<Principal>,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) form: Form,
    /// The tools that the connection asked for.
    pub(crate) filter: ToolFilter,
}

impl Caller {
    pub(crate) fn new(principal: Principal, endpoint: Endpoint, form: Form) -> Self {
        Self { principal: Arc::new(principal), endpoint: Arc::new(endpoint), form, filter: ToolFilter::default() }
    }
}

/// The caller's program as it names itself: bounded, on one line, for the audit log alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct McpClient {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
}

impl McpClient {
    const CHARS_MAX: usize = 100;

    pub(crate) fn new(name: &str, version: &str) -> Self {
        let part = |text: &str| Some(untrusted::line(text, Self::CHARS_MAX)).filter(|text| !text.is_empty());
        Self { name: part(name), version: part(version) }
    }

    /// From the first product of `User-Agent`, such as `claude-code/2.0.1 (cli)`.
    pub(crate) fn from_user_agent(headers: &HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let product = agent.split_whitespace().next().unwrap_or_default();
        let (name, version) = product.split_once('/').unwrap_or((product, ""));
        Self::new(name, version)
    }

    /// Name and version on one line.
    pub(crate) fn label(&self) -> Option<String> {
        let name = self.name.as_ref()?;
        Some(self.version.as_ref().map_or_else(|| name.clone(), |version| format!("{name} {version}")))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn programs_are_named_by_their_user_agent() {
        for (agent, want) in [
            ("claude-code/2.0.1 (cli)", Some("claude-code 2.0.1")),
            ("curl", Some("curl")),
            ("", None),
            ("a/b/c", Some("a b/c")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_static(agent));
            assert_eq!(McpClient::from_user_agent(&headers).label().as_deref(), want, "{agent}");
        }
        assert_eq!(McpClient::from_user_agent(&HeaderMap::new()), McpClient::default());
        assert!(McpClient::new(&"x".repeat(5000), "1\n\u{202e}2").label().is_some_and(|label| label.len() < 120));
    }
}
