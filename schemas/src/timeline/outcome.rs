//! What a user action led to: requests, errors, a navigation, and how the page changed.
//!
//! A [`Change`] holds facts and no sentence. Code that decides something looks at the facts; only a renderer
//! makes words of them, so a text that the page itself shows can't be mistaken for what happened to the page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cause;
use crate::MomentId;

/// What a user action led to. Every id is a moment of the same timeline.
///
/// Transcribers of version 1 wrote the changes as sentences, in a field `dom`; such timelines read as ones
/// without changes. The moment's own line has the words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Requests that it began.
    pub requests: Vec<MomentId>,
    /// Errors and console errors that followed from it.
    pub errors: Vec<MomentId>,
    /// What changed on the page, the most informative first.
    #[serde(default)]
    pub changes: Vec<PageChange>,
    /// How many further changes are left out of `changes`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changes_omitted: u32,
    /// The navigation or load that it led to.
    pub navigation: Option<MomentId>,
    /// Set when nothing changed: how long the recording went on watching, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_ms: Option<u64>,
}

/// A change of the page, with its time and its cause where they differ from those of the action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageChange {
    /// What changed.
    #[serde(flatten)]
    pub change: Change,
    /// When, milliseconds from the replay's start; absent for a change that came with the action itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t_ms: Option<u64>,
    /// What led to it, when it wasn't the action directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

impl From<Change> for PageChange {
    /// A change that came with the action itself.
    fn from(change: Change) -> Self {
        Self { change, t_ms: None, cause: None }
    }
}

/// One difference of the page. Texts are on one line and cut to 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Something came into sight.
    Appeared {
        /// What.
        what: Subject,
    },
    /// Something that was in sight is no longer.
    Disappeared {
        /// What.
        what: Subject,
    },
    /// Something came into sight and was gone before the outcome ended.
    AppearedAndDisappeared {
        /// What.
        what: Subject,
    },
    /// A text became another one.
    Text {
        /// The text before.
        before: String,
        /// The text now.
        after: String,
        /// True when it is a status message, which assistive technology reads out.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        status: bool,
    },
    /// A field got another value that the user did not enter.
    Value {
        /// The field.
        element: Element,
        /// The value now; `on` or `off` for a box, empty when it was cleared.
        value: String,
        /// True when the recorder hid the value: it is all stars.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        masked: bool,
        /// True when the recorder says that a script set it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_script: bool,
    },
    /// A field was marked as invalid.
    Invalid {
        /// The field.
        element: Element,
        /// The message that says why, when there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// A control was enabled or disabled.
    Enabled {
        /// The control.
        element: Element,
        /// What it is now.
        enabled: bool,
    },
    /// What a control opens was expanded or collapsed.
    Expanded {
        /// The control.
        element: Element,
        /// What it is now.
        expanded: bool,
    },
    /// One of several was selected: a tab, an option, the link of the current page.
    Selected {
        /// What was selected.
        element: Element,
    },
    /// A toggle button or a box of ARIA was switched.
    Toggled {
        /// The control.
        element: Element,
        /// What it is now.
        on: bool,
    },
    /// An element says that it is loading (`aria-busy`).
    Busy {
        /// The element.
        element: Element,
    },
    /// Items were added to a list or table, or removed from it.
    ListLength {
        /// The name of the list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list: Option<String>,
        /// What its items are.
        item: ItemKind,
        /// Items that were added.
        added: u32,
        /// Items that were removed.
        removed: u32,
        /// Items that it has now.
        length: u32,
        /// The name of the removed item, when one alone was removed and none added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        removed_item: Option<String>,
        /// The names of the first added items, where none was removed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added_items: Vec<String>,
    },
    /// An item of a list was moved within it.
    Moved {
        /// The name of the list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list: Option<String>,
        /// What the item is.
        item: ItemKind,
        /// Its name.
        name: String,
        /// Its place now; the first one is 1.
        place: u32,
        /// Items of the list.
        length: u32,
    },
    /// An element was replaced by another one.
    Replaced {
        /// The element before.
        before: Element,
        /// The element now.
        after: Element,
    },
    /// Texts in many rows of one table changed.
    RowTexts {
        /// How many rows.
        rows: u32,
    },
    /// A sign of loading was shown: a spinner, a progress bar, a skeleton.
    Loading {
        /// How long it was shown, milliseconds; until the outcome ended when it did not end itself.
        ms: u64,
        /// True when it ended.
        ended: bool,
    },
    /// The page was scrolled by it.
    Scrolled {
        /// How far down the page is scrolled now, CSS pixels.
        y: i64,
    },
    /// The page moved the focus.
    FocusMoved {
        /// To where.
        element: Element,
    },
    /// Elements were added or removed of which nothing else is to be said.
    Elements {
        /// How many were added.
        added: u32,
        /// How many were removed.
        removed: u32,
    },
}

/// What came into sight or is no longer in sight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A dialog, a message or a menu.
    Overlay {
        /// Which of them.
        overlay: OverlayKind,
        /// Its name; of a message its text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// The names of the first entries of a menu or of a list of options.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<String>,
    },
    /// Another element that is opened and closed.
    Element {
        /// The element.
        element: Element,
    },
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// A whole list or table.
    List {
        /// The list.
        element: Element,
        /// What its items are.
        item: ItemKind,
        /// How many items it has; at least 2.
        length: u32,
        /// The columns of a table.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        columns: Vec<String>,
        /// The first items; the cells of the first row of a table.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<String>,
    },
}

impl Subject {
    /// The words that a person reads there: a text, or a name.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Overlay { text, .. } => text.as_deref(),
            Self::Element { element } | Self::List { element, .. } => element.name.as_deref(),
            Self::Text { text } => Some(text),
        }
    }
}

/// What opens above the page or is read out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverlayKind {
    /// A dialog, modal or not.
    Dialog,
    /// An alert: an error message, a toast.
    Alert,
    /// A status message.
    Status,
    /// A tooltip.
    Tooltip,
    /// A menu.
    Menu,
    /// A list of options that opens from a field.
    Listbox,
}

/// What the items of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A row of a table or grid.
    Row,
    /// An item of a list.
    Item,
    /// An option of a list of options.
    Option,
    /// An item of a tree.
    Treeitem,
    /// An article of a feed.
    Article,
}

/// An element that a change is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Element {
    /// Its ARIA role, explicit or implied.
    pub role: String,
    /// Its accessible name, or its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn changes_have_a_flat_json_form() {
        let dialog =
            Subject::Overlay { overlay: OverlayKind::Dialog, text: Some("Card".to_owned()), items: Vec::new() };
        let change = PageChange { t_ms: Some(7), ..Change::Appeared { what: dialog }.into() };
        let json = r#"{"change":"appeared","what":{"kind":"overlay","overlay":"dialog","text":"Card"},"t_ms":7}"#;
        assert_eq!(serde_json::to_string(&change).unwrap(), json);
        assert_eq!(serde_json::from_str::<PageChange>(json).unwrap(), change);
    }

    #[test]
    fn outcomes_of_version_1_are_still_read() {
        let json = r#"{"requests":["m2"],"errors":[],"dom":["alert \"No\" appeared"],
            "dom_causes":[{"phrase":0,"t_ms":9}],"navigation":null}"#;
        let want = Outcome { requests: vec![MomentId(2)], ..Outcome::default() };
        assert_eq!(serde_json::from_str::<Outcome>(json).unwrap(), want);
    }
}
