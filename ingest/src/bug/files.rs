//! Files of a bug: where their bytes are, and whether they are what they should be.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use playhead_pictures::{Limits, inspect};
use playhead_schemas::ErrorCode;
use playhead_schemas::text::one_line;
use playhead_store::{NewAttachment, NewScreenshot};
use serde::Deserialize;

use crate::body::size;
use crate::config::IngestConfig;
use crate::form::Part;
use playhead_web::Problem;

/// Base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A file as it came.
#[derive(Debug)]
pub(super) struct FileIn {
    bytes: Bytes,
    name: Option<String>,
    media_type: Option<String>,
}

/// A file in JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum FileJson<'a> {
    Data(#[serde(borrow)] Cow<'a, str>),
    Named {
        #[serde(borrow)]
        data: Cow<'a, str>,
        name: Option<String>,
        media_type: Option<String>,
    },
}

impl FileIn {
    pub(super) fn of_part(part: Part) -> Self {
        Self { bytes: part.bytes, name: part.file_name, media_type: part.media_type }
    }

    pub(super) fn of_json(json: &[u8]) -> Result<Self, Problem> {
        let file = serde_json::from_slice(json).map_err(|_| {
            Problem::invalid(
                "the file is neither a string nor an object with data",
                "send base64, a data: URL, or {\"data\":..,\"name\":..,\"media_type\":..}",
            )
        })?;
        let (data, name, media_type) = match file {
            FileJson::Data(data) => (data, None, None),
            FileJson::Named { data, name, media_type } => (data, name, media_type),
        };
        let (url_type, base64) = data_url(&data)?;
        let bytes = BASE64.decode(base64.trim()).map_err(|error| {
            Problem::invalid(format!("the data is not base64: {error}"), "send base64 or a data: URL")
        })?;
        Ok(Self { bytes: bytes.into(), name, media_type: media_type.or(url_type) })
    }
}

/// The media type and the base64 text of a `data:` URL; any other text is base64 itself.
fn data_url(data: &str) -> Result<(Option<String>, &str), Problem> {
    let Some(rest) = data.strip_prefix("data:") else { return Ok((None, data)) };
    let (head, body) = rest.split_once(',').unwrap_or((rest, ""));
    let Some(media_type) = head.strip_suffix(";base64") else {
        return Err(Problem::invalid(
            "the data: URL is not base64",
            "send data:TYPE;base64,.. as canvas.toDataURL() gives it",
        ));
    };
    let essence = media_type.split(';').next().unwrap_or_default();
    Ok((Some(essence.to_owned()), body))
}

/// A file of which its sender does not say whether it is a screenshot.
pub(crate) enum BugFile {
    Screenshot(NewScreenshot),
    Attachment(NewAttachment),
}

/// Tells by its bytes what a file is: media types that SDKs give are wrong as often as not.
///
/// # Errors
/// When it can be neither.
pub(crate) fn told_by_bytes(part: Part, config: &IngestConfig) -> Result<BugFile, Problem> {
    let file = |part: &Part| FileIn {
        bytes: part.bytes.clone(),
        name: part.file_name.clone(),
        media_type: part.media_type.clone(),
    };
    match screenshot(file(&part), config) {
        Ok(screenshot) => Ok(BugFile::Screenshot(screenshot)),
        Err(_) => attachment(file(&part), config).map(BugFile::Attachment),
    }
}

/// A picture whose bytes say that it is one.
pub(super) fn screenshot(file: FileIn, config: &IngestConfig) -> Result<NewScreenshot, Problem> {
    let limits = Limits { bytes_max: config.image_bytes_max, pixels_max: config.image_pixels_max };
    let seen = inspect(&file.bytes, &limits).map_err(|error| {
        Problem::new(error.code(), error.to_string(), "send a PNG, JPEG or WebP picture within the limits")
    })?;
    Ok(NewScreenshot {
        media_type: seen.format.media_type().to_owned(),
        width: seen.width,
        height: seen.height,
        bytes: owned(file.bytes),
    })
}

/// Any other file.
pub(super) fn attachment(file: FileIn, config: &IngestConfig) -> Result<NewAttachment, Problem> {
    let max = config.attachment_bytes_max;
    if file.bytes.len() as u64 > max {
        return Err(Problem::new(
            ErrorCode::PayloadTooLarge,
            format!("the file is larger than {}", size(max)),
            "send a smaller file",
        ));
    }
    if file.bytes.is_empty() {
        return Err(Problem::invalid("the file is empty", "send its bytes"));
    }
    let media_type = file.media_type.filter(|text| is_media_type(text));
    Ok(NewAttachment {
        file_name: file_name(file.name.as_deref().unwrap_or_default()),
        media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        bytes: owned(file.bytes),
    })
}

/// A slice of a request would keep the whole request in memory.
fn owned(bytes: Bytes) -> Bytes {
    Bytes::copy_from_slice(&bytes)
}

/// The last segment of a path, without characters that a file system or a header minds.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*')).collect();
    let name = one_line(&plain, 200);
    let name = name.trim_start_matches('.').trim();
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

fn is_media_type(text: &str) -> bool {
    let token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    text.len() <= 127 && text.split_once('/').is_some_and(|(kind, name)| token(kind) && token(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bytes_come_in_every_form() {
        for json in [
            r#""aGVsbG8=""#,
            r#""aGVsbG8""#,
            r#""data:text/plain;base64,aGVsbG8=""#,
            r#""data:text/plain;charset=utf-8;base64,aGVsbG8=""#,
            r#"{"data":"aGVsbG8=","name":"a.txt","size":5}"#,
        ] {
            assert_eq!(&FileIn::of_json(json.as_bytes()).unwrap().bytes[..], b"hello", "{json}");
        }
        for json in ["7", "{}", r#""%%%""#, r#""data:text/plain,hello""#] {
            assert!(FileIn::of_json(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn names_and_types_are_tamed() {
        for (name, want) in [
            ("C:\\temp\\a.log", "a.log"),
            ("../../etc/passwd", "passwd"),
            ("..", "file"),
            ("", "file"),
            ("a\r\nb\".txt", "a b.txt"),
        ] {
            assert_eq!(file_name(name), want, "{name}");
        }
        assert!(is_media_type("image/svg+xml"));
        for bad in ["", "image", "a/b; c", "a/b\r\nX: y", "/", "a//b"] {
            assert!(!is_media_type(bad), "{bad}");
        }
    }
}
