//! The tags that most elements have, so that a tag is a number and not a text.

use super::known::Names;

/// HTML, SVG and MathML elements by their names, in the spelling that recorders use.
static TAGS: Names<134> = Names::new([
    "a", "abbr", "address", "area", "article", "aside", "audio", "b", "base", "bdi", "bdo", "blockquote", "body", "br",
    "button", "canvas", "caption", "center", "cite", "code", "col", "colgroup", "data", "datalist", "dd", "del",
    "details", "dfn", "dialog", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption", "figure", "font", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "iframe", "img", "input",
    "ins", "kbd", "label", "legend", "li", "link", "main", "map", "mark", "math", "menu", "meta", "meter", "nav",
    "noscript", "object", "ol", "optgroup", "option", "output", "p", "param", "picture", "pre", "progress", "q", "rp",
    "rt", "ruby", "s", "samp", "script", "search", "section", "select", "slot", "small", "source", "span", "strong",
    "style", "sub", "summary", "sup", "svg", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead",
    "time", "title", "tr", "track", "tt", "u", "ul", "var", "video", "wbr", "circle", "clipPath", "defs", "desc",
    "ellipse", "g", "line", "linearGradient", "path", "polygon", "polyline", "rect", "stop", "text", "tspan", "use",
]);

/// The tag of an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag(u8);

impl Tag {
    /// A tag that stands in no list; what it is stands in the text of its node.
    pub(crate) const OTHER: Self = Self(0);

    #[inline]
    pub(crate) fn of(name: &[u8]) -> Self {
        TAGS.find(name).map_or(Self::OTHER, |place| Self(place as u8 + 1))
    }

    /// The name; `None` for another tag.
    #[inline]
    pub(crate) fn name(self) -> Option<&'static str> {
        TAGS.get(usize::from(self.0).checked_sub(1)?)
    }
}
