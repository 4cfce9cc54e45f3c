//! The tags that most elements have, numbered so that a tag is one byte.

use super::name_table::NameTable;

/// How many tags have a number.
const KNOWN: usize = 134;

/// HTML, SVG and MathML elements by their names, in the spelling that recorders use.
static TAGS: NameTable<KNOWN> = NameTable::new([
    "a",
    "abbr",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "bdi",
    "bdo",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "mark",
    "math",
    "menu",
    "meta",
    "meter",
    "nav",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "param",
    "picture",
    "pre",
    "progress",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "script",
    "search",
    "section",
    "select",
    "slot",
    "small",
    "source",
    "span",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "path",
    "polygon",
    "polyline",
    "rect",
    "stop",
    "text",
    "tspan",
    "use",
]);

/// The tag of an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag(u8);

impl Tag {
    /// How many tags there are, [`NONE`](Self::NONE) and [`OTHER`](Self::OTHER) among them.
    pub(crate) const COUNT: usize = KNOWN + 2;
    /// The tag of a node without one.
    pub(crate) const NONE: Self = Self(0);

    /// A tag that is not in the list; its name is in the text of its node.
    pub(crate) const OTHER: Self = Self(1);

    #[inline]
    pub(crate) fn of(name: &[u8]) -> Self {
        TAGS.find(name).map_or(Self::OTHER, |place| Self(place as u8 + 2))
    }

    /// Its number, less than [`COUNT`](Self::COUNT).
    #[inline]
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The name; `None` for another tag.
    #[inline]
    pub(crate) fn name(self) -> Option<&'static str> {
        TAGS.get(usize::from(self.0).checked_sub(2)?)
    }
}

/// Several tags.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tags([u64; 4]);

impl Tags {
    /// Every tag there is.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) const ALL: Self = Self([u64::MAX; 4]);

    /// The tags of these names.
    pub(crate) fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut tags = Self::default();
        for Tag(place) in names.into_iter().map(|name| Tag::of(name.as_bytes())) {
            tags.0[usize::from(place / 64)] |= 1 << (place % 64);
        }
        tags
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Tag> {
        (0..Tag::COUNT as u8).map(Tag).filter(move |tag| self.has(*tag))
    }

    /// True for a tag of one of the names, and for every tag that is not in the list when one of the names is not.
    #[inline]
    pub(crate) fn has(&self, Tag(place): Tag) -> bool {
        self.0[usize::from(place / 64)] >> (place % 64) & 1 == 1
    }
}
