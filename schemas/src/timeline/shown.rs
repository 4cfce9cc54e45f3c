//! What a page shows once it is there: its heading, what it tells the user, the fields that it refuses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Element, OverlayKind};

/// One thing that a page shows. Texts are on one line; messages are cut to 200 characters, others to 80.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "shown", rename_all = "snake_case")]
pub enum Shown {
    /// A heading of the page.
    Heading {
        /// Its text.
        text: String,
    },
    /// The item of a menu that is marked as the current page, where there is no heading.
    Current {
        /// The item.
        element: Element,
    },
    /// The first words of a page without a heading, or a short text under its heading.
    Text {
        /// The words.
        text: String,
    },
    /// A picture on a page that has few words or none.
    Picture {
        /// Its alternative text, or the name of its file.
        name: String,
    },
    /// A text that counts something: `14 matching runs`.
    Count {
        /// The text.
        text: String,
    },
    /// A value with its label.
    Value {
        /// The label.
        label: String,
        /// The value.
        value: String,
    },
    /// An option or a radio button that is chosen already.
    Choice {
        /// The list or the radio button.
        element: Element,
        /// The option; `on` for a radio button.
        value: String,
    },
    /// A table.
    Table {
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its columns.
        columns: Vec<String>,
        /// The cells of its first row that have texts.
        row: Vec<String>,
    },
    /// A list: of a short one all items, of a long one the first.
    List {
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its items, at most five.
        items: Vec<String>,
        /// How many items it has.
        length: u32,
    },
    /// An alert, a status message or an open dialog.
    Message {
        /// Which of them.
        overlay: OverlayKind,
        /// Its text; the name of a dialog. All stars where the recorder hid it.
        text: String,
    },
    /// A field that is marked as invalid.
    Invalid {
        /// The field.
        element: Element,
        /// The message that says why, when there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
}

impl Shown {
    /// True for what tells the user how something went: messages and refused fields.
    pub fn is_message(&self) -> bool {
        matches!(self, Self::Message { .. } | Self::Invalid { .. })
    }

    /// True for counts and labelled values.
    pub fn is_figure(&self) -> bool {
        matches!(self, Self::Count { .. } | Self::Value { .. })
    }
}
