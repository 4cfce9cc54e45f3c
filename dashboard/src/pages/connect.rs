//! Configuration of MCP clients for an endpoint, ready to paste.

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::browser::copyable;

/// The configuration of common clients for the endpoint `url`. With a token, each of them sends it; without one, the
/// client asks the member for access on the consent page.
pub(super) fn snippets(url: &str, token: Option<&str>) -> Markup {
    let command = claude_code(url, token);
    html! {
        dl {
            dt { "Claude Code" }
            dd { (copyable("command for Claude Code", &command)) }
            dt { "Cursor" br; code { ".cursor/mcp.json" } }
            dd { (copyable("configuration for Cursor", &pretty(&json!({"mcpServers": {"playhead": server(url, token)}})))) }
            dt { "VS Code" br; code { ".vscode/mcp.json" } }
            dd { (copyable("configuration for VS Code", &pretty(&vs_code(url, token)))) }
        }
    }
}

fn claude_code(url: &str, token: Option<&str>) -> String {
    let header = token.map(|token| format!(" --header \"Authorization: Bearer {token}\"")).unwrap_or_default();
    format!("claude mcp add --transport http playhead {url}{header}")
}

fn vs_code(url: &str, token: Option<&str>) -> Value {
    let mut server = server(url, token);
    server["type"] = json!("http");
    json!({"servers": {"playhead": server}})
}

fn server(url: &str, token: Option<&str>) -> Value {
    match token {
        Some(token) => json!({"url": url, "headers": {"Authorization": format!("Bearer {token}")}}),
        None => json!({"url": url}),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_where_there_is_one() {
        let url = "https://play.example/mcp";
        assert_eq!(claude_code(url, None), "claude mcp add --transport http playhead https://play.example/mcp");
        assert!(claude_code(url, Some("pht_x")).ends_with("/mcp --header \"Authorization: Bearer pht_x\""));
        let want = json!({"servers": {"playhead": {"type": "http", "url": url, "headers": {"Authorization": "Bearer pht_x"}}}});
        assert_eq!(vs_code(url, Some("pht_x")), want);
        assert_eq!(server(url, None), json!({"url": url}));
    }
}
