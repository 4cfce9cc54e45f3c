//! The form of a request body: one JSON document, or multipart/form-data.
//!
//! In: headers and a decoded body. Out: named pieces of the body. Never here: what a piece means.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use playhead_json::strict::{Scanner, SyntaxError};
use playhead_json::{unescape_nested, without_bom};
use playhead_web::Problem;

/// Named pieces of one request.
pub(crate) const PIECES_MAX: usize = 256;

/// How a body is formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON object. Also for `text/plain`, which is what `sendBeacon` may send across origins.
    Json,
    /// `multipart/form-data`, with the header that names its boundary.
    Multipart(HeaderValue),
}

/// One part of a multipart body.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: Bytes,
}

/// One member of a JSON body.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) name: String,
    /// The value's JSON text; a slice of the body, not a copy.
    pub(crate) json: Bytes,
}

impl Form {
    pub(crate) fn of_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(Self::Json) };
        let text = value.to_str().unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/json" | "text/plain" | "application/octet-stream" => Ok(Self::Json),
            "multipart/form-data" => Ok(Self::Multipart(value.clone())),
            _ => Err(Problem::invalid(
                format!("Content-Type {:?} is not supported", playhead_schemas::text::one_line(text, 80)),
                "send application/json, text/plain with JSON in it, or multipart/form-data",
            )),
        }
    }
}

/// The members of the JSON object that `body` is.
pub(crate) fn members(body: &Bytes, depth_max: u32) -> Result<Vec<Piece>, Problem> {
    let text = body.slice_ref(without_bom(body));
    if let Err(error) = std::str::from_utf8(&text) {
        return Err(not_json(SyntaxError::NotUtf8 { at: error.valid_up_to() }));
    }
    let mut scanner = Scanner::new(&text, depth_max);
    let members = scanner.members(PIECES_MAX).map_err(not_json)?;
    if !scanner.at_end() {
        return Err(Problem::invalid(
            "there is something after the end of the JSON object",
            "send one JSON object and nothing else",
        ));
    }
    Ok(members
        .into_iter()
        .map(|member| {
            let quoted = &text[member.name.start - 1..=member.name.end];
            let name = String::from_utf8_lossy(&unescape_nested(quoted)).into_owned();
            Piece { name, json: text.slice(member.value) }
        })
        .collect())
}

/// The parts of the multipart body that `body` is.
pub(crate) async fn parts(body: Bytes, content_type: HeaderValue) -> Result<Vec<Part>, Problem> {
    let mut request = Request::new(Body::from(body));
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    // The body was bounded when it was read.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|error| broken(&error.body_text()))?;
    let mut parts = Vec::new();
    loop {
        let field = multipart.next_field().await.map_err(|error| broken(&error.body_text()))?;
        let Some(field) = field else { return Ok(parts) };
        if parts.len() == PIECES_MAX {
            return Err(broken(&format!("there are more than {PIECES_MAX} parts")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let media_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|error| broken(&error.body_text()))?;
        parts.push(Part { name, file_name, media_type, bytes });
    }
}

fn not_json(error: SyntaxError) -> Problem {
    Problem::invalid(
        format!("the request body is not a JSON object: {error}"),
        "send a JSON object, or multipart/form-data with a boundary",
    )
}

fn broken(what: &str) -> Problem {
    Problem::invalid(
        format!("the multipart body can't be read: {}", playhead_schemas::text::one_line(what, 200)),
        "send multipart/form-data as a browser's FormData does",
    )
}

/// Names that meant nothing, for the answer: at most 16, each at most 64 characters.
pub(crate) fn ignored_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().take(16).map(|name| playhead_schemas::text::one_line(name, 64)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn content_types() {
        for (value, want) in [
            ("application/json; charset=utf-8", Some(true)),
            ("text/plain;charset=UTF-8", Some(true)),
            ("Multipart/Form-Data; boundary=x", Some(false)),
            ("application/x-www-form-urlencoded", None),
            ("image/png", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, value.parse().unwrap());
            let form = Form::of_headers(&headers);
            assert_eq!(form.ok().map(|form| form == Form::Json), want, "{value}");
        }
        assert_eq!(Form::of_headers(&HeaderMap::new()), Ok(Form::Json));
    }

    #[test]
    fn json_members_are_slices() {
        let body = Bytes::from_static(b"\xef\xbb\xbf{\"rr\\u0077eb\":[1, 2],\"x\":null}");
        let pieces = members(&body, 8).unwrap();
        assert_eq!(pieces[0].name, "rrweb");
        assert_eq!(&pieces[0].json[..], b"[1, 2]");
        assert!(body.as_ptr_range().contains(&pieces[0].json.as_ptr()));
        assert!(members(&Bytes::from_static(b"{} {}"), 8).is_err());
        assert!(members(&Bytes::from_static(b"[1]"), 8).is_err());
    }

    #[tokio::test]
    async fn multipart_parts() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"rrweb\"; filename=\"e.gz\"\r\n\
                    Content-Type: application/gzip\r\n\r\nabc\r\n--b\r\n\
                    Content-Disposition: form-data; name=\"final\"\r\n\r\n1\r\n--b--\r\n";
        let header = HeaderValue::from_static("multipart/form-data; boundary=b");
        let found = parts(Bytes::from_static(body.as_bytes()), header.clone()).await.unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), &found[0].bytes[..]), ("rrweb", &b"abc"[..]));
        assert_eq!(found[0].file_name.as_deref(), Some("e.gz"));
        let cut = Bytes::from_static(&body.as_bytes()[..60]);
        assert!(parts(cut, header).await.is_err());
        let none = HeaderValue::from_static("multipart/form-data");
        assert!(parts(Bytes::new(), none).await.is_err());
    }
}
