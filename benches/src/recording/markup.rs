//! Nodes with their ids, and the two forms in which rrweb writes them: nested in a snapshot, one by one
//! in a mutation.

use super::write::Out;

/// Gives each node its id, in the order in which they are made.
#[derive(Debug, Default)]
pub(super) struct Ids(u32);

/// A node.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text { id: u32, text: String },
}

/// An element with its children.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) id: u32,
    tag: &'static str,
    attributes: Vec<(&'static str, Attribute)>,
    children: Vec<Node>,
    svg: bool,
}

/// The value of an attribute, in a node or in a mutation.
#[derive(Clone, Debug)]
pub(super) enum Attribute {
    Text(String),
    True,
    Removed,
    /// What changed of `style`.
    Style(Vec<(&'static str, String)>),
}

/// What one mutation event says.
#[derive(Debug, Default)]
pub(super) struct Mutation {
    /// Node and its new text.
    pub(super) texts: Vec<(u32, String)>,
    /// Node and its changed attributes.
    pub(super) attributes: Vec<(u32, Vec<(&'static str, Attribute)>)>,
    /// Parent and node.
    pub(super) removes: Vec<(u32, u32)>,
    /// Parent, next sibling and node.
    pub(super) adds: Vec<(u32, Option<u32>, Node)>,
}

impl Ids {
    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }

    /// How many were given.
    pub(super) fn given(&self) -> usize {
        self.0 as usize
    }

    /// The id of a node that is written elsewhere.
    pub(super) fn reserve(&mut self) -> u32 {
        self.next()
    }

    /// A new element.
    pub(super) fn element(&mut self, tag: &'static str) -> Element {
        Element { id: self.next(), tag, attributes: Vec::new(), children: Vec::new(), svg: false }
    }

    /// A new text.
    pub(super) fn text(&mut self, text: impl Into<String>) -> Node {
        Node::Text { id: self.next(), text: text.into() }
    }
}

impl Element {
    /// With an attribute.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, Attribute::Text(value.into())));
        self
    }

    /// With a state such as `checked`.
    pub(super) fn set(mut self, name: &'static str) -> Self {
        self.attributes.push((name, Attribute::True));
        self
    }

    /// As a part of a drawing.
    pub(super) fn svg(mut self) -> Self {
        self.svg = true;
        self
    }

    /// With a child.
    pub(super) fn child(mut self, node: impl Into<Node>) -> Self {
        self.children.push(node.into());
        self
    }

    /// With children.
    pub(super) fn children(mut self, nodes: impl IntoIterator<Item = Node>) -> Self {
        self.children.extend(nodes);
        self
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

impl Node {
    pub(super) fn id(&self) -> u32 {
        match self {
            Self::Element(element) => element.id,
            Self::Text { id, .. } => *id,
        }
    }

    fn children(&self) -> &[Node] {
        match self {
            Self::Element(element) => &element.children,
            Self::Text { .. } => &[],
        }
    }

    /// Writes the node with everything in it.
    pub(super) fn write_nested(&self, out: &mut Out) {
        self.write(out, |out| out.list(self.children(), |out, child| child.write_nested(out)));
    }

    fn write(&self, out: &mut Out, children: impl FnOnce(&mut Out)) {
        match self {
            Self::Element(element) => {
                out.raw("{\"type\":2,\"tagName\":");
                out.text(element.tag);
                out.raw(",\"attributes\":");
                write_attributes(out, &element.attributes);
                out.raw(",\"childNodes\":");
                children(out);
                if element.svg {
                    out.raw(",\"isSVG\":true");
                }
            }
            Self::Text { text, .. } => {
                out.raw("{\"type\":3,\"textContent\":");
                out.text(text);
            }
        }
        out.raw(&format!(",\"id\":{}}}", self.id()));
    }

    /// The node and everything in it as single additions: parents first, siblings from the last one on,
    /// so that each names a next sibling that is already there.
    fn flatten<'a>(&'a self, parent: u32, next: Option<u32>, adds: &mut Vec<(u32, Option<u32>, &'a Node)>) {
        adds.push((parent, next, self));
        let mut next = None;
        for child in self.children().iter().rev() {
            child.flatten(self.id(), next, adds);
            next = Some(child.id());
        }
    }
}

impl Mutation {
    /// Writes the value of `data`.
    pub(super) fn write(&self, out: &mut Out) {
        out.raw("{\"source\":0,\"texts\":");
        out.list(&self.texts, |out, (id, text)| {
            out.raw(&format!("{{\"id\":{id},\"value\":"));
            out.text(text);
            out.raw("}");
        });
        out.raw(",\"attributes\":");
        out.list(&self.attributes, |out, (id, changed)| {
            out.raw(&format!("{{\"id\":{id},\"attributes\":"));
            write_attributes(out, changed);
            out.raw("}");
        });
        out.raw(",\"removes\":");
        out.list(&self.removes, |out, (parent, id)| out.raw(&format!("{{\"parentId\":{parent},\"id\":{id}}}")));
        let mut adds = Vec::new();
        for (parent, next, node) in &self.adds {
            node.flatten(*parent, *next, &mut adds);
        }
        out.raw(",\"adds\":");
        out.list(adds, |out, (parent, next, node)| {
            out.raw(&format!("{{\"parentId\":{parent},\"nextId\":"));
            match next {
                Some(next) => out.number(next),
                None => out.raw("null"),
            }
            out.raw(",\"node\":");
            node.write(out, |out| out.raw("[]"));
            out.raw("}");
        });
        out.raw("}");
    }
}

fn write_attributes(out: &mut Out, attributes: &[(&'static str, Attribute)]) {
    out.object(attributes.iter().map(|(name, value)| (*name, value)), |out, value| match value {
        Attribute::Text(text) => out.text(text),
        Attribute::True => out.raw("true"),
        Attribute::Removed => out.raw("null"),
        Attribute::Style(changed) => {
            out.object(changed.iter().map(|(name, text)| (*name, text)), |out, text| out.text(text));
        }
    });
}
