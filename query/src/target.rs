//! What a request's body will run.

use std::borrow::Cow;

use serde::Deserialize;

/// The method and the tool of a JSON-RPC request, as far as its body can be read. A body that can't be is refused by
/// the protocol layer, and a call is checked once more before it runs: this is for the HTTP answer's sake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// Such as `tools/call`.
    pub(crate) method: Option<String>,
    /// The tool, for a call.
    pub(crate) tool: Option<String>,
}

#[derive(Deserialize)]
struct Message<'b> {
    #[serde(borrow, default)]
    method: Option<Cow<'b, str>>,
    #[serde(borrow, default)]
    params: Option<Params<'b>>,
}

#[derive(Deserialize)]
struct Params<'b> {
    #[serde(borrow, default)]
    name: Option<Cow<'b, str>>,
}

impl Target {
    pub(crate) fn from_body(body: &[u8]) -> Self {
        let Ok(message) = serde_json::from_slice::<Message<'_>>(body) else { return Self::default() };
        let method = message.method.map(Cow::into_owned);
        let is_call = method.as_deref() == Some("tools/call");
        let name = message.params.and_then(|params| params.name).filter(|_| is_call);
        Self { method, tool: name.map(Cow::into_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_is_the_one_of_the_body() {
        let target = |method: &str, tool: Option<&str>| Target {
            method: Some(method.to_owned()),
            tool: tool.map(str::to_owned),
        };
        for (body, want) in [
            (
                r#"{"method":"tools/call","params":{"name":"get_bug","arguments":{"name":"x"}}}"#,
                target("tools/call", Some("get_bug")),
            ),
            (r#"{"params":{"name":"get\u005fbug"},"method":"tools/call"}"#, target("tools/call", Some("get_bug"))),
            (r#"{"method":"tools/list","params":{"name":"get_bug"}}"#, target("tools/list", None)),
            (r#"{"method":"tools/call"}"#, target("tools/call", None)),
            (r#"{"method":"tools/call","params":{"name":"a","name":"b"}}"#, Target::default()),
            (r#"[{"method":"tools/call","params":{"name":"a"}}]"#, Target::default()),
            (r#"{"method":1}"#, Target::default()),
            ("", Target::default()),
            ("{", Target::default()),
        ] {
            assert_eq!(Target::from_body(body.as_bytes()), want, "{body}");
        }
    }
}
