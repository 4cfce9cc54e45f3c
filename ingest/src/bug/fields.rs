//! The fields of a bug, each read and checked by itself.

use playhead_schemas::limits;
use playhead_schemas::text::{one_line, visible};
use playhead_schemas::upload::{Cookie, PageContext, Priority, Reporter, Size, SystemInfo};
use playhead_schemas::{ErrorCode, ReplayKey};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use playhead_web::{Problem, input};

/// Characters of a client id.
const CLIENT_ID_CHARS_MAX: usize = 128;
/// Characters of the short texts of reporter, page and system; URLs are the longest.
const SHORT_CHARS_MAX: usize = 4096;
/// Bytes of all cookies together, as JSON.
const COOKIES_BYTES_MAX: usize = 256 << 10;

/// Everything of a bug but its files.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) reporter: Reporter,
    pub(super) page: PageContext,
    pub(super) system: SystemInfo,
    pub(super) metadata: Map<String, Value>,
    pub(super) tags: Vec<String>,
    pub(super) priority: Priority,
    pub(super) cookies: Vec<Cookie>,
    pub(super) replay: Option<ReplayKey>,
    pub(super) client_id: Option<String>,
}

/// The field's name, and why it is not valid.
type Rejected = (&'static str, Problem);

impl Fields {
    /// Reads one field; `None` when the name is none of ours.
    pub(super) fn read(&mut self, name: &str, json: &[u8]) -> Option<Result<(), Rejected>> {
        let field = FIELDS.iter().find(|field| **field == name)?;
        Some(self.read_known(field, json).map_err(|problem| (*field, problem)))
    }

    fn read_known(&mut self, field: &'static str, json: &[u8]) -> Result<(), Problem> {
        match field {
            "title" => self.title = title(&parse::<String>(json)?)?,
            "description" => self.description = description(&parse::<String>(json)?)?,
            "reporter" => self.reporter = reporter(parse(json)?),
            "page" => self.page = page(parse(json)?),
            "system" => self.system = system(json)?,
            "metadata" => self.metadata = metadata(json)?,
            "tags" => self.tags = tags(parse(json)?)?,
            "priority" => self.priority = parse(json)?,
            "cookies" => self.cookies = cookies(json)?,
            "replay" => self.replay = Some(parse(json)?),
            _ => self.client_id = client_id(&parse::<String>(json)?)?,
        }
        Ok(())
    }

    /// The title, or the head of the description; `None` when there are no words at all.
    pub(super) fn title_or_first_line(&self) -> Option<String> {
        let first_line = || {
            let description = self.description.as_deref()?;
            description.lines().map(|line| one_line(line, 120)).find(|line| !line.is_empty())
        };
        self.title.clone().or_else(first_line)
    }
}

/// The names of the fields, as JSON has them.
const FIELDS: &[&str] = &[
    "title",
    "description",
    "reporter",
    "page",
    "system",
    "metadata",
    "tags",
    "priority",
    "cookies",
    "replay",
    "client_id",
];

fn parse<T: DeserializeOwned + JsonSchema>(json: &[u8]) -> Result<T, Problem> {
    input::from_slice(json)
        .map_err(|error| Problem::invalid(error.message("it"), "send the field as /v1/openapi.json describes it"))
}

fn title(text: &str) -> Result<Option<String>, Problem> {
    let title = one_line(text, usize::MAX);
    if title.chars().count() > limits::TITLE_CHARS_MAX {
        return Err(too_large(format!("it has more than {} characters", limits::TITLE_CHARS_MAX)));
    }
    Ok(Some(title).filter(|title| !title.is_empty()))
}

fn description(text: &str) -> Result<Option<String>, Problem> {
    if text.chars().count() > limits::DESCRIPTION_CHARS_MAX {
        let max = limits::DESCRIPTION_CHARS_MAX;
        return Err(too_large(format!("it has more than {max} characters")));
    }
    let text = visible(text).trim().to_owned();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn client_id(text: &str) -> Result<Option<String>, Problem> {
    if text.chars().count() > CLIENT_ID_CHARS_MAX {
        return Err(too_large(format!("it has more than {CLIENT_ID_CHARS_MAX} characters")));
    }
    let id = one_line(text, CLIENT_ID_CHARS_MAX);
    Ok(Some(id).filter(|id| !id.is_empty()))
}

fn short(text: &mut Option<String>) {
    if let Some(inner) = text {
        *inner = one_line(inner, SHORT_CHARS_MAX);
    }
}

fn reporter(mut reporter: Reporter) -> Reporter {
    for text in [&mut reporter.name, &mut reporter.email, &mut reporter.id] {
        short(text);
    }
    reporter
}

fn page(mut page: PageContext) -> PageContext {
    for text in [&mut page.url, &mut page.title, &mut page.referrer] {
        short(text);
    }
    page
}

fn system(json: &[u8]) -> Result<SystemInfo, Problem> {
    if json.len() > limits::METADATA_BYTES_MAX {
        return Err(too_large(format!("it is larger than {} KiB", limits::METADATA_BYTES_MAX >> 10)));
    }
    let mut system: SystemInfo = parse(json)?;
    let texts =
        [&mut system.user_agent, &mut system.browser, &mut system.os, &mut system.language, &mut system.timezone];
    for text in texts {
        short(text);
    }
    system.viewport = system.viewport.filter(|size: &Size| size.width > 0 || size.height > 0);
    Ok(system)
}

fn metadata(json: &[u8]) -> Result<Map<String, Value>, Problem> {
    if json.len() > limits::METADATA_BYTES_MAX {
        return Err(too_large(format!("it is larger than {} KiB", limits::METADATA_BYTES_MAX >> 10)));
    }
    parse(json)
}

fn tags(given: Vec<String>) -> Result<Vec<String>, Problem> {
    let mut tags: Vec<String> = Vec::new();
    for tag in given {
        let tag = one_line(&tag, usize::MAX);
        if tag.chars().count() > limits::TAG_CHARS_MAX {
            return Err(too_large(format!("a tag has more than {} characters", limits::TAG_CHARS_MAX)));
        }
        if tag.is_empty() || tags.contains(&tag) {
            continue;
        }
        if tags.len() == limits::TAGS_MAX {
            return Err(too_large(format!("there are more than {} tags", limits::TAGS_MAX)));
        }
        tags.push(tag);
    }
    Ok(tags)
}

/// Cookies in one of the forms that clients have at hand.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "neither a list of objects with name and value nor the text of document.cookie")]
enum CookiesIn {
    List(Vec<Cookie>),
    /// `document.cookie`.
    Text(String),
}

fn cookies(json: &[u8]) -> Result<Vec<Cookie>, Problem> {
    if json.len() > COOKIES_BYTES_MAX {
        return Err(too_large(format!("they are larger than {} KiB", COOKIES_BYTES_MAX >> 10)));
    }
    let cookies = match parse(json) {
        Ok(CookiesIn::List(list)) => list,
        Ok(CookiesIn::Text(text)) => text.split(';').filter_map(cookie).collect(),
        Err(problem) => return Err(problem),
    };
    if cookies.len() > limits::COOKIES_MAX {
        return Err(too_large(format!("there are more than {} cookies", limits::COOKIES_MAX)));
    }
    Ok(cookies)
}

fn cookie(pair: &str) -> Option<Cookie> {
    let (name, value) = pair.trim().split_once('=')?;
    Some(Cookie { name: name.to_owned(), value: value.to_owned(), domain: None, path: None })
}

fn too_large(message: String) -> Problem {
    Problem::new(ErrorCode::PayloadTooLarge, message, "send less; the rest of the bug is kept")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(name: &str, json: &str) -> (Fields, Option<Result<(), String>>) {
        let mut fields = Fields::default();
        let result = fields.read(name, json.as_bytes());
        (fields, result.map(|r| r.map_err(|(_, problem)| problem.message)))
    }

    #[test]
    fn fields_are_cleaned() {
        let (fields, _) = read("title", "\" Pay\\n now\\u200b \"");
        assert_eq!(fields.title.as_deref(), Some("Pay now"));
        let (fields, _) = read("tags", r#"["a"," a ","","b"]"#);
        assert_eq!(fields.tags, ["a", "b"]);
        let (fields, _) = read("cookies", r#""sid=1; theme=dark=2;;x""#);
        let pairs: Vec<_> = fields.cookies.iter().map(|c| (&*c.name, &*c.value)).collect();
        assert_eq!(pairs, [("sid", "1"), ("theme", "dark=2")]);
        let (fields, _) = read("description", "\"\\n\\n  Broken\\nsince noon\"");
        assert_eq!(fields.title_or_first_line().as_deref(), Some("Broken"));
        assert_eq!(Fields::default().title_or_first_line(), None);
    }

    #[test]
    fn what_is_not_valid_is_named() {
        let long = |n: usize| format!("\"{}\"", "é".repeat(n));
        for (name, json, want) in [
            ("title", long(301), "it has more than 300 characters"),
            ("description", long(50_001), "it has more than 50000 characters"),
            ("client_id", long(129), "it has more than 128 characters"),
            ("tags", format!("[{}]", long(65)), "a tag has more than 64 characters"),
            ("metadata", format!("{{\"a\":{}}}", long(40_000)), "it is larger than 64 KiB"),
        ] {
            assert_eq!(read(name, &json).1, Some(Err(want.to_owned())), "{name}");
        }
        for (name, json, want) in [
            ("title", "7", "it must be text, not 7"),
            ("priority", "\"asap\"", "it must be one of none, low, medium, high, critical, urgent, not \"asap\""),
            ("page", "7", "it must be an object, not 7"),
            ("system", r#"{"viewport":{"width":-1,"height":1}}"#, "viewport.width must be a whole number from 0 "),
            ("cookies", r#"[{"name":1}]"#, "it: neither a list of objects with name and value nor the text "),
            ("replay", "\"a/b\"", "it: not a "),
        ] {
            let message = read(name, json).1.unwrap().unwrap_err();
            assert!(message.starts_with(want), "{name}: {message}");
        }
        assert_eq!(read("titel", "7").1, None);
    }
}
