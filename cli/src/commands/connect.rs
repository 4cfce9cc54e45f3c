//! How to connect an assistant: configuration that can be pasted as it is.

use std::path::Path;

use serde_json::{Value, json};

/// A server and what lets an assistant in.
#[derive(Clone, Copy)]
pub(crate) struct Access<'a> {
    /// Where clients reach the server.
    pub(crate) public_url: &'a str,
    /// The token, in the clear: this text is for the one who asked for it.
    pub(crate) token: &'a str,
    /// The server's data folder.
    pub(crate) data: &'a Path,
}

impl Access<'_> {
    /// The MCP endpoint.
    pub(crate) fn mcp_url(&self) -> String {
        format!("{}/mcp", self.public_url)
    }

    /// The configuration of every kind of client, each under a line that names it.
    pub(crate) fn instructions(&self) -> anyhow::Result<String> {
        let (url, token) = (self.mcp_url(), self.token);
        let headers = json!({ "Authorization": format!("Bearer {token}") });
        let cursor = json!({ "mcpServers": { "playhead": { "url": url, "headers": headers } } });
        let vscode = json!({ "servers": { "playhead": { "type": "http", "url": url, "headers": headers } } });
        let program = std::env::current_exe()?.display().to_string();
        let data = std::path::absolute(self.data)?.display().to_string();
        let stdio = json!({ "mcpServers": { "playhead": {
            "command": program,
            "args": ["mcp", "--data", data],
            "env": { "PLAYHEAD_TOKEN": token },
        } } });
        Ok(format!(
            "Token (it reads every project): {token}\n\n\
             Claude Code:\n\
             claude mcp add --transport http playhead {url} --header \"Authorization: Bearer {token}\"\n\n\
             Cursor (.cursor/mcp.json):\n{}\n\n\
             VS Code (.vscode/mcp.json):\n{}\n\n\
             Any other client, over Streamable HTTP:\n{url}\nAuthorization: Bearer {token}\n\n\
             Any other client, over stdio:\n{}\n\n\
             Then ask it, for example: Which bugs does Playhead have? Explain the checkout one and propose a fix.",
            pretty(&cursor)?,
            pretty(&vscode)?,
            pretty(&stdio)?,
        ))
    }
}

fn pretty(value: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_block_can_be_pasted() {
        let access = Access { public_url: "http://127.0.0.1:4600", token: "pht_x", data: Path::new("d") };
        let text = access.instructions().unwrap();
        let blocks: Vec<Value> = text
            .split("\n\n")
            .filter_map(|block| block.split_once(":\n{").map(|(_, json)| format!("{{{json}")))
            .map(|json| serde_json::from_str(&json).unwrap())
            .collect();
        assert_eq!(blocks.len(), 3);
        assert_eq!(blocks[0]["mcpServers"]["playhead"]["url"], "http://127.0.0.1:4600/mcp");
        assert_eq!(blocks[1]["servers"]["playhead"]["headers"]["Authorization"], "Bearer pht_x");
        assert_eq!(blocks[2]["mcpServers"]["playhead"]["env"]["PLAYHEAD_TOKEN"], "pht_x");
        assert!(text.contains("claude mcp add --transport http playhead http://127.0.0.1:4600/mcp --header"));
    }
}
