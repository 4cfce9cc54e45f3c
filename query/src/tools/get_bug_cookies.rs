//! `get_bug_cookies`: the cookies that came with a bug. They can be credentials: a scope of their own.

use playhead_access::Action;
use playhead_schemas::BugId;
use playhead_schemas::upload;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::MaxTokens;
use crate::call::Call;
use crate::cursor::{Cursor, Pager};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetBugCookies;

/// Characters of one value; browsers keep 4,096 bytes for name and value.
const VALUE_CHARS_MAX: usize = 4_096;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
    cursor: Option<Cursor>,
    max_tokens: Option<MaxTokens>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: Some(self.bug_id), ..NamedRows::default() }
    }

    fn max_tokens(&self) -> Option<MaxTokens> {
        self.max_tokens
    }
}

/// The cookies of a bug, and how many of them earlier pages gave.
pub(crate) struct Cookies {
    all: Vec<upload::Cookie>,
    begin: usize,
    pager: Pager,
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
    const DESCRIPTION: &'static str = "Gives the cookies of the reported page. They may be live credentials.";
    const ACTION: Action = Action::ReadCookies;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Cookies;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Cookies, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let pager = call.pager(Self::NAME, &bug.id).await?;
        let begin = pager.open(input.cursor.as_ref())?.unwrap_or(0);
        Ok(Cookies { all: call.store().cookies(bug.id).await?, begin, pager })
    }

    fn render(data: &Cookies, budget: TokenBudget) -> Output {
        let (mut meter, mut shown) = (Meter::new(budget), Vec::new());
        for cookie in data.all.iter().skip(data.begin) {
            let mut cookie = cleaned(cookie);
            if !meter.admit(&line(&cookie), &cookie) {
                if !shown.is_empty() {
                    break;
                }
                // The first cookie is always shown, if only in part, so that each page makes progress.
                cookie = Cookie { value: format!("{}…", meter.admit_prefix(&cookie.value)), ..short(cookie) };
            }
            shown.push(cookie);
        }
        let end = data.begin + shown.len();
        let next_cursor = (end < data.all.len()).then(|| data.pager.seal(&end));
        Output { total: data.all.len(), next_cursor, untrusted: shown }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let mut text = format!("{} of {} cookies.\n", self.untrusted.len(), self.total);
        if !self.untrusted.is_empty() {
            let lines: String = self.untrusted.iter().map(line).collect();
            text.push_str(&untrusted::block(Source::Report, &lines));
        }
        if let Some(cursor) = &self.next_cursor {
            text.push_str(&format!("There are more: get_bug_cookies with cursor \"{cursor}\".\n"));
        }
        text
    }
}

fn cleaned(cookie: &upload::Cookie) -> Cookie {
    Cookie {
        name: untrusted::line(&cookie.name, 200),
        value: untrusted::line(&cookie.value, VALUE_CHARS_MAX),
        domain: cookie.domain.as_ref().map(|domain| untrusted::line(domain, 200)),
        path: cookie.path.as_ref().map(|path| untrusted::line(path, 200)),
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
