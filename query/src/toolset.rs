//! Which tools a connection has: sets that it asks for, and whether it may write at all.
//!
//! In: the address and the headers of a request. Out: a filter, which both the list of tools and each call pass. It only
//! ever takes away: what a token and a role may do is decided in `access`.

use http::HeaderMap;
use playhead_access::Action;
use playhead_web::input::nearest;

use crate::args::shortened;
use crate::error::ToolError;
use crate::registry::Entry;
use crate::tool::Effect;

/// The query parameter that chooses sets, and the header where an address can't carry a query.
const SETS: (&str, &str) = ("toolsets", "playhead-toolsets");
/// The same for leaving out every tool that writes.
const READ_ONLY: (&str, &str) = ("read_only", "playhead-read-only");
/// The word for every set.
const ALL: &str = "all";
/// Every word that the parameter takes.
const WORDS: [&str; 6] = ["read", "triage", "agent", "regression", "admin", ALL];

/// A set of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolset {
    /// Reads bugs and replays.
    Read,
    /// Files, changes and comments bugs.
    Triage,
    /// Works on tasks meant for agents.
    Agent,
    /// Keeps regression suites.
    Regression,
    /// Manages projects.
    Admin,
}

impl Toolset {
    pub(crate) const ALL: [Self; 5] = [Self::Read, Self::Triage, Self::Agent, Self::Regression, Self::Admin];

    /// The set of the tools that do this.
    pub(crate) fn of(action: Action) -> Self {
        match action {
            Action::ReadBugs | Action::ReadCookies | Action::ReadRecordings => Self::Read,
            Action::WriteBugs => Self::Triage,
            Action::DoTasks => Self::Agent,
            Action::WriteRegressions => Self::Regression,
            Action::ManageProject | Action::ReadAudit => Self::Admin,
        }
    }

    /// The word that names it.
    pub(crate) fn as_str(self) -> &'static str {
        WORDS[self as usize]
    }

    /// What its tools do, as the page about the tools says it.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Read => "read bugs, replays, comments and activity",
            Self::Triage => "file, change and comment bugs",
            Self::Agent => "take tasks meant for agents; no tools yet",
            Self::Regression => "keep regression suites; no tools yet",
            Self::Admin => "read the audit log",
        }
    }
}

/// The tools that a connection asked for; the default takes none away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ToolFilter {
    /// `None` takes every set.
    sets: Option<Vec<Toolset>>,
    read_only: bool,
}

impl ToolFilter {
    /// The filter that a request asks for. What stands in the address goes before a header.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a set that does not exist, or a word that is neither true nor false.
    pub(crate) fn from_request(query: Option<&str>, headers: &HeaderMap) -> Result<Self, ToolError> {
        let sets = asked(query, headers, SETS).map(|text| sets(&text)).transpose()?.flatten();
        let read_only = asked(query, headers, READ_ONLY).map(|text| truth(&text)).transpose()?.unwrap_or(false);
        Ok(Self { sets, read_only })
    }

    /// Whether the connection has a tool.
    ///
    /// # Errors
    /// `FORBIDDEN` with what took it away.
    pub(crate) fn check(&self, entry: &Entry) -> Result<(), ToolError> {
        let forbidden = |message: String, action: &str| {
            Err(ToolError::new(playhead_schemas::ErrorCode::Forbidden, message, action))
        };
        if self.read_only && entry.effect != Effect::Reads {
            let message = format!("This connection is read only, and {} writes.", entry.name());
            return forbidden(message, "Ask the user for a connection without read_only.");
        }
        if self.sets.as_ref().is_some_and(|sets| !sets.contains(&entry.toolset())) {
            let set = entry.toolset().as_str();
            let message = format!("{} belongs to the toolset {set}, which this connection left out.", entry.name());
            return forbidden(message, "Ask the user for a connection with that toolset.");
        }
        Ok(())
    }
}

fn asked(query: Option<&str>, headers: &HeaderMap, (parameter, header): (&str, &str)) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let given = pairs.filter(|(name, _)| name == parameter).map(|(_, value)| value.into_owned()).last();
    given.or_else(|| Some(String::from_utf8_lossy(headers.get(header)?.as_bytes()).into_owned()))
}

/// Sets with commas between them; `None` for all of them.
fn sets(text: &str) -> Result<Option<Vec<Toolset>>, ToolError> {
    let mut sets = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if word.eq_ignore_ascii_case(ALL) {
            return Ok(None);
        }
        match Toolset::ALL.into_iter().find(|set| word.eq_ignore_ascii_case(set.as_str())) {
            Some(set) => sets.push(set),
            None => return Err(unknown_set(word)),
        }
    }
    if sets.is_empty() { Err(unknown_set(text)) } else { Ok(Some(sets)) }
}

fn unknown_set(word: &str) -> ToolError {
    let guess = nearest(word, &WORDS).map(|word| format!("; did you mean {word}?")).unwrap_or_else(|| ".".to_owned());
    let message = format!("{} takes some of {}, not {:?}{guess}", SETS.0, WORDS.join(", "), shortened(word));
    ToolError::invalid(message, "Send such words with commas between them, or leave it out for all tools.")
}

fn truth(text: &str) -> Result<bool, ToolError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ToolError::invalid(
            format!("{} takes true or false, not {:?}.", READ_ONLY.0, shortened(text)),
            "Send true for a connection whose tools write nothing.",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    fn filter(query: &str, header: Option<&'static str>) -> Result<ToolFilter, ToolError> {
        let mut headers = HeaderMap::new();
        headers.extend(header.map(|value| (http::HeaderName::from_static(SETS.1), HeaderValue::from_static(value))));
        ToolFilter::from_request(Some(query), &headers)
    }

    #[test]
    fn sets_are_read_from_the_address_then_from_the_header() {
        let of = |sets: &[Toolset], read_only| ToolFilter { sets: Some(sets.to_vec()), read_only };
        let none = ToolFilter::default();
        for (query, header, want) in [
            ("", None, none.clone()),
            ("toolsets=all", Some("read"), none.clone()),
            ("toolsets=read,%20Triage", None, of(&[Toolset::Read, Toolset::Triage], false)),
            ("x=1", Some("admin"), of(&[Toolset::Admin], false)),
            ("read_only=true&toolsets=read", None, of(&[Toolset::Read], true)),
            ("read_only", None, ToolFilter { sets: None, read_only: true }),
            ("read_only=0", None, none),
        ] {
            assert_eq!(filter(query, header), Ok(want), "{query} {header:?}");
        }
    }

    #[test]
    fn unknown_words_are_refused_with_the_nearest_one() {
        let error = filter("toolsets=read,triag", None).unwrap_err();
        assert!(error.message.ends_with("not \"triag\"; did you mean triage?"), "{error}");
        for query in ["toolsets=", "toolsets=x", "read_only=maybe"] {
            assert!(filter(query, None).unwrap_err().message.contains("takes"), "{query}");
        }
        assert_eq!(Toolset::ALL.map(Toolset::as_str), WORDS[..5]);
    }
}
