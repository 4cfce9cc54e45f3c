//! Parts of addresses, as far as pages are told apart by them.

/// Shorter words of a path name nothing.
const WORD_CHARS_MIN: usize = 3;

/// Scheme, host and port of a web address.
pub(crate) fn origin(url: &str) -> Option<&str> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let start = url.len() - host.len();
    Some(&url[..start + host.find(['/', '?', '#']).unwrap_or(host.len())])
}

/// An address without its query; the fragment of a router's address is its path.
pub(super) fn path(url: &str) -> &str {
    let from = url.find("#/").unwrap_or_default();
    let end = url[from..].find('?').map_or(url.len(), |at| from + at);
    let path = if from == 0 { url[..end].split('#').next().unwrap_or_default() } else { &url[..end] };
    path.trim_end_matches('/')
}

/// The words of a path or a name, in lower case. The host is none of a path.
pub(super) fn path_words(text: &str) -> Vec<String> {
    let text = origin(text).map_or(text, |origin| &text[origin.len()..]);
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= WORD_CHARS_MIN);
    words.map(str::to_lowercase).collect()
}

pub(super) fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}
