//! Elements that tell the user something by their class alone, as pages written on a server and many libraries do.
//!
//! In: the mirror and an element. Out: whether its class says that it is the message of a fault or of a success. Never
//! here: elements with a role, what a style sheet hides.

use super::name::is_masked;
use super::{AttrName, Mirror, NodeIndex};

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something went wrong.
    Fault,
    /// Something went well, or is to be known.
    Notice,
}

/// Nodes of a message that are looked at for fields.
const NODES_MAX: usize = 200;
/// Letters of the shortest message: shorter texts are marks and counters.
const LETTERS_MIN: usize = 6;

/// The tone of an element whose class says that it is a message; `None` for all others.
pub(crate) fn tone(mirror: &Mirror, nx: NodeIndex) -> Option<Tone> {
    // The cheaper test first: every element of a page is asked.
    if !mirror.node(nx).has_message_mark {
        return None;
    }
    let class = mirror.attr(nx, AttrName::Class).filter(|_| is_told_in(mirror.tag(nx)))?;
    let (mut fault, mut notice) = (false, false);
    for word in class.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_ascii_lowercase();
        match word.as_str() {
            "btn" | "button" | "icon" | "badge" | "link" | "tab" | "dot" | "border" | "bg" | "boundary" | "col"
            | "row" | "close" | "template" => return None,
            "danger" | "failure" | "warning" | "alert" => fault = true,
            "success" | "flash" | "messagelist" | "confirmation" => notice = true,
            word => fault |= word.starts_with("error") || word.ends_with("error") || word.ends_with("errors"),
        }
    }
    match (fault, notice) {
        (_, true) => Some(Tone::Notice),
        (true, false) => Some(Tone::Fault),
        (false, false) => None,
    }
}

/// True for a tag that holds messages: no control, picture, cell or part of the page.
fn is_told_in(tag: &str) -> bool {
    matches!(
        tag,
        "div"
            | "p"
            | "span"
            | "ul"
            | "ol"
            | "li"
            | "small"
            | "strong"
            | "em"
            | "b"
            | "section"
            | "aside"
            | "label"
            | "dd"
            | "output"
            | "h2"
            | "h3"
            | "h4"
    )
}

/// True for an element that holds fields: it is marked, and no message.
pub(crate) fn holds_fields(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.subtree(nx).take(NODES_MAX).any(|inner| matches!(mirror.tag(inner), "input" | "select" | "textarea"))
}

/// True for a text that is long enough to be a message.
pub(crate) fn tells(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    is_masked(text) || letters >= LETTERS_MIN || letters >= 2 && text.contains(' ')
}
