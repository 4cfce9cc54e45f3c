//! How to connect an assistant: configuration that can be pasted as it is.

use std::path::Path;

/// A server and what lets an assistant in.
#[derive(Clone, Copy)]
pub(crate) struct Access<'a> {
    /// Where clients reach the server.
    pub(crate) public_url: &'a str,
    /// The token in clear text, for the person who asked for it.
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
        let (url_json, bearer) = (quoted(&url)?, quoted(&format!("Bearer {token}"))?);
        let program = quoted(&std::env::current_exe()?.display().to_string())?;
        let data = quoted(&std::path::absolute(self.data)?.display().to_string())?;
        let secret = quoted(token)?;
        Ok(format!(
            r#"Token (it reads every project): {token}

Claude Code:
claude mcp add --transport http playhead {url} --header "Authorization: Bearer {token}"

Cursor (.cursor/mcp.json):
{{
  "mcpServers": {{
    "playhead": {{ "url": {url_json}, "headers": {{ "Authorization": {bearer} }} }}
  }}
}}

VS Code (.vscode/mcp.json):
{{
  "servers": {{
    "playhead": {{ "type": "http", "url": {url_json}, "headers": {{ "Authorization": {bearer} }} }}
  }}
}}

Any other client, over Streamable HTTP:
{url}
Authorization: Bearer {token}

Any other client, over stdio:
{{
  "mcpServers": {{
    "playhead": {{ "command": {program}, "args": ["mcp", "--data", {data}], "env": {{ "PLAYHEAD_TOKEN": {secret} }} }}
  }}
}}

Then ask it, for example: Which bugs does Playhead have? Explain the checkout one and propose a fix."#
        ))
    }
}

/// A text as JSON.
fn quoted(text: &str) -> anyhow::Result<String> {
    Ok(serde_json::to_string(text)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_block_can_be_pasted() {
        let access = Access { public_url: "http://127.0.0.1:4600", token: "pht_x", data: Path::new("a \"b\"") };
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
        let data = blocks[2]["mcpServers"]["playhead"]["args"][2].as_str().unwrap();
        assert!(data.ends_with("/a \"b\""), "{data}");
        assert!(text.contains("claude mcp add --transport http playhead http://127.0.0.1:4600/mcp --header"));
    }
}
