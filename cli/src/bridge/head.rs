//! What HTTP wants to know of a JSON-RPC message, as headers.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use serde_json::Value;

/// The bridge itself, as a product of `User-Agent`.
const BRIDGE: &str = concat!("playhead-mcp/", env!("CARGO_PKG_VERSION"));
/// A client's name or version, in characters.
const CLIENT_CHARS_MAX: usize = 100;

/// What `initialize` said and agreed on: it holds for the messages after it.
#[derive(Clone, Debug, Default)]
pub(super) struct Agreed {
    /// The protocol version.
    pub(super) version: Option<String>,
    /// The client, as a product of `User-Agent`.
    pub(super) client: Option<String>,
}

/// What HTTP wants to know of a message.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Head {
    /// The id of a request; a notification has none.
    pub(super) id: Option<Value>,
    pub(super) method: Option<String>,
    /// The protocol version that the message itself names, from 2026-07-28 on.
    version: Option<String>,
    /// The tool, prompt or resource that is asked for.
    name: Option<String>,
    /// The request that it cancels.
    pub(super) cancels: Option<Value>,
    /// The client that `initialize`, or the message itself from 2026-07-28 on, names: as a product of `User-Agent`.
    pub(super) client: Option<String>,
}

impl Head {
    pub(super) fn from_message(message: &Value) -> Self {
        let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let method = text("/method");
        let name = match method.as_deref() {
            Some("tools/call" | "prompts/get") => text("/params/name"),
            Some("resources/read") => text("/params/uri"),
            _ => None,
        };
        let is_cancel = method.as_deref() == Some("notifications/cancelled");
        Self {
            id: method.as_ref().and_then(|_| message.get("id").cloned()),
            version: text("/params/_meta/io.modelcontextprotocol~1protocolVersion"),
            client: product(message.pointer("/params/clientInfo"))
                .or_else(|| product(message.pointer("/params/_meta/io.modelcontextprotocol~1clientInfo"))),
            cancels: is_cancel.then(|| message.pointer("/params/requestId").cloned()).flatten(),
            name,
            method,
        }
    }

    /// The headers of the request that carries the message.
    pub(super) fn headers(&self, agreed: &Agreed) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let client = self.client.as_ref().or(agreed.client.as_ref());
        let agent = client.map_or_else(|| BRIDGE.to_owned(), |client| format!("{client} {BRIDGE}"));
        if let Ok(agent) = HeaderValue::from_str(&agent) {
            headers.insert(USER_AGENT, agent);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        let mut set = |name: &'static str, value: Option<&str>| {
            if let Some(value) = value.and_then(header_value) {
                headers.insert(name, value);
            }
        };
        set("mcp-protocol-version", self.version.as_deref().or(agreed.version.as_deref()));
        if self.version.is_some() {
            set("mcp-method", self.method.as_deref());
            set("mcp-name", self.name.as_deref());
        }
        headers
    }
}

/// A value as MCP writes it into a header: in base64 when it isn't plain text.
fn header_value(text: &str) -> Option<HeaderValue> {
    let plain =
        text.bytes().all(|b| (0x20..0x7f).contains(&b)) && text.trim() == text && !text.starts_with("=?base64?");
    let text = if plain { text.to_owned() } else { format!("=?base64?{}?=", BASE64_STANDARD.encode(text)) };
    HeaderValue::from_str(&text).ok()
}

/// An `Implementation` of MCP as a product of `User-Agent`: other characters become `-`.
fn product(info: Option<&Value>) -> Option<String> {
    let token = |key: &str| {
        let text = info?.get(key)?.as_str()?.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let token: String = text.chars().take(CLIENT_CHARS_MAX).map(|c| if fits(c) { c } else { '-' }).collect();
        Some(token).filter(|token| !token.is_empty())
    };
    let name = token("name")?;
    Some(token("version").map_or_else(|| name.clone(), |version| format!("{name}/{version}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn older() -> Agreed {
        Agreed { version: Some("2025-06-18".to_owned()), client: None }
    }

    #[test]
    fn a_modern_call_gets_its_headers_from_the_body() {
        let message = json!({
            "jsonrpc": "2.0", "id": "a", "method": "tools/call",
            "params": { "name": "gét", "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }
        });
        let headers = Head::from_message(&message).headers(&older());
        assert_eq!(headers["mcp-protocol-version"], "2026-07-28");
        assert_eq!(headers["mcp-method"], "tools/call");
        assert_eq!(headers["mcp-name"], "=?base64?Z8OpdA==?=");
    }

    #[test]
    fn an_older_call_names_the_agreed_version_alone() {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "get_bug" } });
        let headers = Head::from_message(&message).headers(&older());
        assert_eq!(headers["mcp-protocol-version"], "2025-06-18");
        assert!(!headers.contains_key("mcp-name") && !headers.contains_key("mcp-method"));
        assert!(!Head::from_message(&message).headers(&Agreed::default()).contains_key("mcp-protocol-version"));
    }

    #[test]
    fn only_requests_have_an_id_and_only_cancels_cancel() {
        let answer = json!({ "jsonrpc": "2.0", "id": 1, "result": {} });
        assert_eq!(Head::from_message(&answer), Head::default());
        let cancel = json!({ "method": "notifications/cancelled", "params": { "requestId": 7 } });
        assert_eq!(Head::from_message(&cancel).cancels, Some(json!(7)));
        assert_eq!(Head::from_message(&json!([1])), Head::default());
    }

    #[test]
    fn a_client_is_named_in_every_request() {
        let info = json!({ "name": "Claude Code", "version": "2.0.1 (x)" });
        let initialize = json!({ "id": 1, "method": "initialize", "params": { "clientInfo": info } });
        let client = Head::from_message(&initialize).client;
        assert_eq!(client.as_deref(), Some("Claude-Code/2.0.1--x-"));
        let later = Head::from_message(&json!({ "id": 2, "method": "tools/list" }));
        let agreed = Agreed { client, ..Agreed::default() };
        assert_eq!(later.headers(&agreed)[USER_AGENT], format!("Claude-Code/2.0.1--x- {BRIDGE}"));
        assert_eq!(later.headers(&Agreed::default())[USER_AGENT], BRIDGE);
        let meta = json!({ "io.modelcontextprotocol/clientInfo": { "name": "other" } });
        let modern = Head::from_message(&json!({ "id": 3, "method": "tools/list", "params": { "_meta": meta } }));
        assert_eq!(modern.headers(&agreed)[USER_AGENT], format!("other {BRIDGE}"));
        for nameless in [json!({}), json!({ "name": "" }), json!({ "name": 7 }), json!("x")] {
            assert_eq!(product(Some(&nameless)), None, "{nameless}");
        }
    }
}
