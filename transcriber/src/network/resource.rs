//! The kind of resource that a request fetched, in one vocabulary: `document`, `iframe`, `script`, `stylesheet`,
//! `image`, `font`, `media`, `fetch`, `xhr`, `websocket`, `eventsource`, `ping`, `manifest`, `other`.

use playhead_schemas::text::lower;

/// The kind that a browser, a HAR writer or the Resource Timing API named; `url` decides where the name
/// is that of an element (`link`, `css`) which fetches several kinds.
pub(crate) fn from_name(name: &str, url: &str) -> Option<String> {
    let kind = match &*lower(name) {
        "" => return None,
        "document" | "navigation" | "main_frame" => "document",
        "iframe" | "frame" | "sub_frame" | "subdocument" => "iframe",
        "script" => "script",
        "stylesheet" | "style" => "stylesheet",
        "img" | "image" | "imageset" | "icon" | "input" => "image",
        "font" => "font",
        "media" | "audio" | "video" | "track" => "media",
        "fetch" | "empty" => "fetch",
        "xhr" | "xmlhttprequest" => "xhr",
        "websocket" => "websocket",
        "eventsource" => "eventsource",
        "ping" | "beacon" => "ping",
        "manifest" => "manifest",
        "link" | "css" | "other" | "early-hint" | "preload" | "resource" => by_extension(url).unwrap_or("other"),
        other if other.len() <= 30 && other.bytes().all(|b| b.is_ascii_graphic()) => return Some(other.to_owned()),
        _ => "other",
    };
    Some(kind.to_owned())
}

/// The kind that a media type implies, when it implies one.
pub(crate) fn from_mime(mime: &str) -> Option<&'static str> {
    let kind = match mime.split_once('/')? {
        ("image", _) => "image",
        ("font", _) => "font",
        ("audio" | "video", _) => "media",
        ("text", "html") => "document",
        ("text", "css") => "stylesheet",
        ("text", "event-stream") => "eventsource",
        (_, subtype) if subtype.contains("javascript") || subtype.contains("ecmascript") => "script",
        (_, subtype) if subtype.contains("font") => "font",
        (_, subtype) if subtype.contains("json") => "fetch",
        _ => return None,
    };
    Some(kind)
}

/// True for connections that stay open, whose duration does not say that they are slow.
pub(crate) fn stays_open(kind: Option<&str>) -> bool {
    matches!(kind, Some("websocket" | "eventsource"))
}

fn by_extension(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "css" => "stylesheet",
        "js" | "mjs" => "script",
        "woff" | "woff2" | "ttf" | "otf" | "eot" => "font",
        "png" | "jpg" | "jpeg" | "gif" | "svg" | "webp" | "avif" | "ico" | "bmp" => "image",
        "mp4" | "webm" | "mp3" | "ogg" | "wav" => "media",
        "webmanifest" => "manifest",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded() {
        for (name, url, want) in [
            ("XHR", "/a", Some("xhr")),
            ("xmlhttprequest", "/a", Some("xhr")),
            ("link", "https://a.test/x.css?v=1", Some("stylesheet")),
            ("css", "https://a.test/f.woff2", Some("font")),
            ("link", "https://a.test/", Some("other")),
            ("preflight", "/a", Some("preflight")),
            ("strange name", "/a", Some("other")),
            ("", "/a", None),
        ] {
            assert_eq!(from_name(name, url).as_deref(), want, "{name} {url}");
        }
    }
}
