//! What a moment was done to, and how to find it again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a moment was done to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The ARIA role, explicit or implied by the element (HTML-AAM 1.0); `generic` when it has none.
    pub role: String,
    /// The accessible name (accname 1.2); absent when it has none.
    pub name: Option<String>,
    /// The element's tag name, lower case.
    pub tag: String,
    /// The best CSS selector that was found.
    pub selector: String,
    /// How many elements of the DOM `selector` matched at that instant.
    pub matches: u32,
    /// The ways to find it, the most lasting first, each with what it matched at that instant; `selector` is the
    /// first of them that is CSS and finds it alone. Empty when `selector` is the only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Selector>,
    /// The visible text, when it differs from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where in the page it stands, such as `dialog "Edit order"` or `row "Order 178"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// What stands around `within`, from the inside out, such as `table "Orders"`, `form "Checkout"`; the heading
    /// that it stands under last. At most 3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub around: Vec<String>,
    /// The open dialog that it is outside of, by its name, when it is what is around or behind one: a backdrop. Empty for
    /// a dialog without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_of: Option<String>,
    /// True for a control that was disabled then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Its opening tag with the attributes that tell what it is: `<button class="btn" type="submit">`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markup: Option<String>,
    /// The framework component that drew it, when an attribute or a custom element around it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The source file that drew it, with its line where known, when an attribute tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One way to find an element again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Selector {
    /// What it goes by.
    pub kind: SelectorKind,
    /// CSS for `test_id`, `id`, `attribute` and `css`; `role=button[name="Pay"]`, `label="Email"` and
    /// `text="Pay"` for the others. Through frames and shadow roots: `host >>> inner`.
    pub selector: String,
    /// How many elements it matched at that instant.
    pub matches: u32,
}

/// What a selector goes by, the most lasting first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelectorKind {
    /// An attribute that is there for tests.
    TestId,
    /// An id that a person gave.
    Id,
    /// Role and accessible name.
    Role,
    /// The label of a field.
    Label,
    /// The visible text.
    Text,
    /// Another attribute.
    Attribute,
    /// A path.
    Css,
}
