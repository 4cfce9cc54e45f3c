//! Whether a caller over REST wants the text of an answer alone.

use http::HeaderMap;
use http::header::ACCEPT;

/// A media type of the text of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextType {
    Markdown,
    Plain,
}

impl TextType {
    /// The text type that a request accepts before any JSON; `None` when typed JSON is wanted, which is the default.
    /// Weights (`;q=`) are not looked at: callers name what they want first.
    pub(crate) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut ranges =
            values.flat_map(|value| value.split(',')).map(|range| range.split(';').next().unwrap_or(range));
        ranges.find_map(|range| match range.trim().to_ascii_lowercase().as_str() {
            "text/markdown" => Some(Some(Self::Markdown)),
            "text/plain" => Some(Some(Self::Plain)),
            "application/json" | "application/*" | "*/*" => Some(None),
            _ => None,
        })?
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Plain => "text/plain; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_type_that_is_served_is_the_one() {
        for (accept, want) in [
            ("", None),
            ("*/*", None),
            ("text/markdown", Some(TextType::Markdown)),
            ("Text/Plain;q=0.5, application/json", Some(TextType::Plain)),
            ("application/json, text/markdown", None),
            ("image/png, text/markdown", Some(TextType::Markdown)),
            ("text/html, */*", None),
            ("text/html", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(TextType::accepted(&headers), want, "{accept}");
        }
        assert_eq!(TextType::accepted(&HeaderMap::new()), None);
    }
}
