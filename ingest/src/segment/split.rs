//! Which streams a request carries.

use bytes::Bytes;
use playhead_cpu::CpuPool;
use playhead_json::unescape_nested;
use playhead_schemas::Stream;

use crate::form::{self, Form, Part, Piece, ignored_names};
use playhead_web::{ApiError, Problem};

/// Characters of a window's name.
const WINDOW_CHARS_MAX: usize = 64;

/// A request, with its streams told apart.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    /// Each stream once, in the order in which streams are stored.
    pub(crate) streams: Vec<(Stream, Raw)>,
    /// The window that the segment was recorded in.
    pub(crate) window: Option<String>,
    /// True when the request says that this is the last segment.
    pub(crate) is_final: bool,
    /// Names that meant nothing.
    pub(crate) ignored: Vec<String>,
}

/// The bytes of one stream as they came.
#[derive(Debug)]
pub(crate) enum Raw {
    /// JSON text that the scanner has already walked over.
    Checked(Bytes),
    /// A JSON string with its quotes: its text is the payload.
    Quoted(Bytes),
    /// Bytes of a multipart part, perhaps compressed.
    Part(Bytes),
    /// The request names the stream more than once.
    Twice,
}

impl Upload {
    fn add(&mut self, stream: Stream, raw: Raw) {
        match self.streams.iter_mut().find(|(known, _)| *known == stream) {
            Some((_, earlier)) => *earlier = Raw::Twice,
            None => self.streams.push((stream, raw)),
        }
    }
}

/// Tells the streams of a body apart.
pub(crate) async fn split(cpu: &CpuPool, form: Form, body: Bytes, depth_max: u32) -> Result<Upload, ApiError> {
    // A final segment without streams, such as a beacon that only says goodbye.
    if body.is_empty() && form == Form::Json {
        return Ok(Upload::default());
    }
    let mut upload = match form {
        Form::Json => {
            let pieces = cpu.run_sized(body.len(), move || form::members(&body, depth_max)).await??;
            of_pieces(pieces)?
        }
        Form::Multipart(header) => of_parts(form::parts(body, header).await?)?,
    };
    upload.streams.sort_by_key(|(stream, _)| *stream);
    Ok(upload)
}

fn of_pieces(pieces: Vec<Piece>) -> Result<Upload, Problem> {
    let mut upload = Upload::default();
    let mut unknown = Vec::new();
    for piece in &pieces {
        let json = &piece.json;
        match (piece.name.as_str(), &json[..]) {
            (_, b"null") => {}
            ("window", text) if text.starts_with(b"\"") => {
                upload.window = window(&unescape_nested(text))?;
            }
            ("window", _) => return Err(not_a("window", "a string")),
            ("final", b"true") => upload.is_final = true,
            ("final", b"false") => {}
            ("final", _) => return Err(not_a("final", "true or false")),
            (name, text) => match name.parse() {
                Ok(stream) if text.starts_with(b"\"") => {
                    upload.add(stream, Raw::Quoted(json.clone()));
                }
                Ok(stream) => upload.add(stream, Raw::Checked(json.clone())),
                Err(_) => unknown.push(name),
            },
        }
    }
    upload.ignored = ignored_names(unknown);
    Ok(upload)
}

fn of_parts(parts: Vec<Part>) -> Result<Upload, Problem> {
    let mut upload = Upload::default();
    let mut unknown = Vec::new();
    for part in &parts {
        match part.name.as_str() {
            "window" => upload.window = window(&part.bytes)?,
            "final" => upload.is_final |= flag(&String::from_utf8_lossy(&part.bytes))?,
            name => match name.parse() {
                Ok(stream) => upload.add(stream, Raw::Part(part.bytes.clone())),
                Err(_) => unknown.push(name),
            },
        }
    }
    upload.ignored = ignored_names(unknown);
    Ok(upload)
}

/// A flag of a query parameter or a part: `1`, `true`, `0`, `false` or nothing.
pub(crate) fn flag(text: &str) -> Result<bool, Problem> {
    match text.trim() {
        "1" | "true" => Ok(true),
        "" | "0" | "false" => Ok(false),
        _ => Err(not_a("final", "1, true, 0 or false")),
    }
}

/// A window's name; nothing when it is empty.
pub(crate) fn window(text: &[u8]) -> Result<Option<String>, Problem> {
    let text = std::str::from_utf8(text).map_err(|_| not_a("window", "UTF-8"))?;
    let name = playhead_schemas::text::one_line(text, usize::MAX);
    if name.chars().count() > WINDOW_CHARS_MAX {
        return Err(Problem::invalid(
            format!("window has more than {WINDOW_CHARS_MAX} characters"),
            "send a short name, such as the tab's id in sessionStorage",
        ));
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

fn not_a(field: &str, what: &str) -> Problem {
    Problem::invalid(format!("{field} is not {what}"), "correct it; /v1/openapi.json describes it")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn json(body: &'static str) -> Result<Upload, Problem> {
        of_pieces(form::members(&Bytes::from_static(body.as_bytes()), 8)?)
    }

    #[test]
    fn a_json_body_is_told_apart() {
        let upload =
            json(r#"{"network":{"log":{}},"rrweb":"[]","console":null,"window":"w-1","final":true,"x":1}"#).unwrap();
        assert!(matches!(&upload.streams[0], (Stream::Network, Raw::Checked(b)) if &b[..] == b"{\"log\":{}}"));
        assert!(matches!(&upload.streams[1], (Stream::Rrweb, Raw::Quoted(b)) if &b[..] == b"\"[]\""));
        assert_eq!(upload.streams.len(), 2);
        assert_eq!(upload.window.as_deref(), Some("w-1"));
        assert!(upload.is_final);
        assert_eq!(upload.ignored, ["x"]);
    }

    #[test]
    fn a_stream_that_comes_twice_is_neither() {
        let upload = json(r#"{"rrweb":[1],"rrweb":[2]}"#).unwrap();
        assert!(matches!(upload.streams[..], [(Stream::Rrweb, Raw::Twice)]));
    }

    #[test]
    fn wrong_types_are_named() {
        for (body, want) in
            [(r#"{"final":"yes"}"#, "final is not true or false"), (r#"{"window":7}"#, "window is not a string")]
        {
            assert_eq!(json(body).unwrap_err().message, want);
        }
        assert!(window(&[b'w'; 65]).is_err());
        assert_eq!(window(b" \n").unwrap(), None);
        assert!(flag("maybe").is_err());
    }
}
