//! `get_bug_cookies`: the cookies that came with a bug. They can be credentials: a scope of their own.

use playhead_schemas::{BugId, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{MaxTokens, Text};
use crate::call::Call;
use crate::error::ToolError;
use crate::tool::{Answer, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetBugCookies;

/// Characters of one value; browsers keep 4,096 bytes for name and value.
const VALUE_CHARS_MAX: usize = 4_096;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
    /// The next_cursor of the page before.
    cursor: Option<Text<512>>,
    max_tokens: Option<MaxTokens>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    untrusted: Vec<Cookie>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Cookie {
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl Tool for GetBugCookies {
    const NAME: &'static str = "get_bug_cookies";
    const TITLE: &'static str = "Read a bug's cookies";
    const DESCRIPTION: &'static str =
        "Gives the cookies of the reported page, as the reporting SDK sent them. They may be live credentials.";
    const SCOPE: Scope = Scope::CookiesRead;
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Answer<Output>, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let cursor = input.cursor.as_ref().map(|cursor| cursor.0.as_str());
        let begin: usize = call.open(Self::NAME, &bug.id, cursor)?.unwrap_or(0);
        let cookies = call.store().cookies(bug.id).await?;
        let mut meter = call.meter(input.max_tokens);
        let (mut lines, mut shown) = (String::new(), Vec::new());
        for cookie in cookies.iter().skip(begin) {
            let mut cookie = Cookie {
                name: untrusted::line(&cookie.name, 200),
                value: untrusted::line(&cookie.value, VALUE_CHARS_MAX),
                domain: cookie.domain.as_ref().map(|domain| untrusted::line(domain, 200)),
                path: cookie.path.as_ref().map(|path| untrusted::line(path, 200)),
            };
            if !meter.admit(&line(&cookie), &serde_json::to_string(&cookie).unwrap_or_default()) {
                if !shown.is_empty() {
                    break;
                }
                // The first one is there whatever its size, so that each page gets further.
                cookie = Cookie { value: format!("{}…", meter.admit_prefix(&cookie.value)), ..short(cookie) };
            }
            lines.push_str(&line(&cookie));
            shown.push(cookie);
        }
        let end = begin + shown.len();
        let next_cursor = (end < cookies.len()).then(|| call.seal(Self::NAME, &bug.id, &end));
        let mut text = format!("{} of {} cookies.\n", shown.len(), cookies.len());
        if !shown.is_empty() {
            text.push_str(&untrusted::block(Source::Report, &lines));
        }
        if let Some(cursor) = &next_cursor {
            text.push_str(&format!("There are more: get_bug_cookies with cursor \"{cursor}\".\n"));
        }
        Ok(Answer::new(text, Output { total: cookies.len(), next_cursor, untrusted: shown }))
    }
}

fn short(cookie: Cookie) -> Cookie {
    Cookie { name: untrusted::line(&cookie.name, 60), value: String::new(), domain: None, path: None }
}

fn line(cookie: &Cookie) -> String {
    let mut line = format!("{}={}", cookie.name, cookie.value);
    for (name, value) in [("domain", &cookie.domain), ("path", &cookie.path)] {
        line.extend(value.iter().map(|value| format!("; {name}={value}")));
    }
    line.push('\n');
    line
}
