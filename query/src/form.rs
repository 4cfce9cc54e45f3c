//! The form of an answer: over MCP exactly one is sent, so that it costs its tokens once.
//!
//! Some clients show a model `structuredContent` alone, others `content` alone, so by default an answer is complete as
//! text and has no other form. Programs ask for typed JSON: by `?output=structured` in the address of an MCP endpoint,
//! or by the header `Playhead-Output: structured`.

use http::HeaderMap;
use strum::VariantNames as _;

use crate::args::shortened;
use crate::error::ToolError;

/// The header that chooses the form, where an address can't carry a query.
const HEADER: &str = "playhead-output";
/// The query parameter that chooses the form; it goes before the header.
const PARAMETER: &str = "output";

/// In which form an answer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// Text alone, for a model.
    #[default]
    Text,
    /// Typed JSON with an output schema; the text beside it is that same JSON.
    Structured,
    /// Typed JSON with text for people beside it, as REST gives it.
    Rest,
}

/// What a caller may ask an MCP endpoint for.
#[derive(Clone, Copy, Debug, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Asked {
    Text,
    Structured,
}

impl Form {
    /// The form that a request to an MCP endpoint asks for.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a form that does not exist.
    pub(crate) fn from_request(query: Option<&str>, headers: &HeaderMap) -> Result<Self, ToolError> {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let parameter = pairs.filter(|(name, _)| name == PARAMETER).map(|(_, value)| value.into_owned()).last();
        let header = || Some(String::from_utf8_lossy(headers.get(HEADER)?.as_bytes()).into_owned());
        let Some(asked) = parameter.or_else(header) else { return Ok(Self::Text) };
        match asked.trim().parse() {
            Ok(Asked::Text) => Ok(Self::Text),
            Ok(Asked::Structured) => Ok(Self::Structured),
            Err(_) => Err(ToolError::invalid(
                format!("{PARAMETER} takes one of {}, not {:?}.", Asked::VARIANTS.join(", "), shortened(&asked)),
                "Leave it out for text, or send structured for typed JSON.",
            )),
        }
    }

    /// True when the tokens of the typed JSON count, and tools are listed with output schemas.
    pub(crate) fn is_typed(self) -> bool {
        self != Self::Text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    fn asked(query: Option<&str>, header: Option<&'static str>) -> Result<Form, ToolError> {
        let mut headers = HeaderMap::new();
        headers.extend(header.map(|value| (http::HeaderName::from_static(HEADER), HeaderValue::from_static(value))));
        Form::from_request(query, &headers)
    }

    #[test]
    fn the_query_goes_before_the_header_and_text_is_the_default() {
        for (query, header, want) in [
            (None, None, Form::Text),
            (Some(""), None, Form::Text),
            (Some("x=1"), None, Form::Text),
            (Some("output=structured"), None, Form::Structured),
            (Some("x=1&output=%73tructured"), None, Form::Structured),
            (None, Some("structured"), Form::Structured),
            (Some("output=text"), Some("structured"), Form::Text),
            (Some("output=structured"), Some("text"), Form::Structured),
        ] {
            assert_eq!(asked(query, header), Ok(want), "{query:?} {header:?}");
        }
    }

    #[test]
    fn an_unknown_form_is_refused_with_the_known_ones() {
        for (query, header) in [(Some("output=json"), None), (Some("output="), None), (None, Some("xml"))] {
            let error = asked(query, header).unwrap_err();
            assert!(error.message.contains("text, structured"), "{error}");
        }
    }
}
