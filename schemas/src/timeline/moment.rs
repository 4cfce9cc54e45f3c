//! Moments: what happened in a replay, each with its time, kind and fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cause, Doubt, Entry, Level, Outcome, Request, Shown, Signal, Span, Target, Vital};
use crate::string_enum::string_enum;
use crate::{MomentId, WindowNo};

/// One thing that happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// `m1`, `m2`, .. in order of time.
    pub id: MomentId,
    /// When it began, milliseconds from the replay's start.
    pub t_ms: u64,
    /// When it ended; equal to `t_ms` for what has no duration.
    pub end_ms: u64,
    /// Where it happened.
    pub window: WindowNo,
    /// What it was.
    pub kind: MomentKind,
    /// How many equal events were folded into it; at least 1.
    pub count: u32,
    /// What it was done to.
    pub target: Option<Target>,
    /// The value that was entered or chosen, or what a custom event carried. Masked values stay masked.
    pub value: Option<String>,
    /// True when the recorder hid the value or the target's text.
    pub masked: bool,
    /// The page's address at that time.
    pub url: Option<String>,
    /// The patterns of behaviour that it shows.
    pub signals: Vec<Signal>,
    /// The moment that began this one, as a person would say it: one of `causes`, though not always the surest.
    pub caused_by: Option<MomentId>,
    /// What led to this one, with the evidence for it, the surest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// The moments that this one led to: those whose `causes` name it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub led_to: Vec<MomentId>,
    /// Only for `input`: how the value came into the field, as far as the recording tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// The first moment with the same hidden value, where the recording proves that it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<MomentId>,
    /// Only for `custom`: the web vital that it reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vital: Option<Vital>,
    /// Why what it says may be incomplete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// What it led to. Only user actions, loads and navigations have one.
    pub outcome: Option<Outcome>,
    /// Only for `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// Only for a `request` that failed: the same request sent again without the user's doing, which was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried_as: Option<MomentId>,
    /// Only for `console` and `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Only for `console` and `error`: the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// For `console` and `error`: the stack, one frame a line. For `request`: the calls that sent it, the innermost first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Only for `console` and `error`: the errors that it was made of, its cause first, then that one's cause, or the
    /// errors that it sums up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner_errors: Vec<InnerError>,
    /// Only for `console` and `error`: the components of a framework in which it happened, the innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub component_stack: Vec<String>,
    /// Only for `page_load`: the release of the application, as the page says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Only for `page_load` and `navigate`: how the user came there other than through the page, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub navigation: Option<NavigationKind>,
    /// Only for `page_load` and `navigate`: what the page showed once it was there. After `navigate`, what it showed
    /// that it did not show before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// How it was done, beyond its kind, in words such as ` and press Enter` or ` onto item "Lamp"`. Only while a replay is
    /// transcribed: `text` has it.
    #[serde(skip)]
    pub note: Option<String>,
    /// The moment as one line of a transcript, without id and time.
    pub text: String,
    /// The long parts of `text` that a name may stand for where they come again: a message, a quoted text, a selector,
    /// an address. In order; one that lies inside an earlier one is a part of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Span>,
}

/// An error inside another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InnerError {
    /// Its text, secrets removed.
    pub message: String,
    /// The place in a script that it comes from, such as `https://shop.test/form.js:88:20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// How a user came to a page by means of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NavigationKind {
    /// The page was loaded again.
    Reload,
    /// Back or forward in the history.
    BackForward,
    /// An address that was typed, or a bookmark.
    Address,
}

impl Moment {
    /// True for what gave a field a value: typing, a choice, a box that was set by a click.
    pub fn sets_value(&self) -> bool {
        self.kind.sets_value() || matches!(self.kind, MomentKind::Click | MomentKind::Touch) && self.value.is_some()
    }

    /// Where in the page it was done, such as `dialog "Edit order"`. Runs of moments are folded by this place. A row
    /// or an item counts only when what holds it is unknown.
    pub fn place(&self) -> Option<&str> {
        let target = self.target.as_ref()?;
        let mut places = target.within.iter().chain(&target.around).map(String::as_str);
        let single = |place: &&str| ["row ", "item ", "treeitem "].iter().any(|kind| place.starts_with(kind));
        places.find(|place| !single(place)).or(target.within.as_deref())
    }
}

/// The kinds of moments.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MomentKind {
    /// A document was loaded.
    PageLoad,
    /// The address changed without a load, or by going back.
    Navigate,
    /// One or more clicks on one target.
    Click,
    /// A double click.
    DoubleClick,
    /// A context menu was asked for.
    ContextMenu,
    /// Text was entered.
    Input,
    /// An option was chosen.
    Select,
    /// A box or radio was set or cleared.
    Check,
    /// The page or a part of it was scrolled.
    Scroll,
    /// The window changed its size.
    Resize,
    /// Something was dragged.
    Drag,
    /// A tap or a gesture on a touch screen.
    Touch,
    /// The window was hidden, shown, opened or closed.
    Tab,
    /// Audio or video was played, paused or moved.
    Media,
    /// A line in the console.
    Console,
    /// An uncaught error or rejection.
    Error,
    /// A request to a server.
    Request,
    /// The page showed a dialog or an alert that no action led to.
    Notice,
    /// No action for a while.
    Idle,
    /// An event that the application or its SDK recorded.
    #[default]
    Custom,
    /// A caption or marker that was added to the recording.
    Annotation,
    /// A key that acts was pressed: Enter, Escape, Tab, an arrow, a shortcut. Only recorders that tell keys have them.
    Key,
    /// A field got a value that nobody typed and no action led to: a script's or a tool's, or filled in by the browser.
    ValueSet,
    /// Something outside of the page: a download, a new tab, a file chooser, a popover, the print dialog, the clipboard.
    Browser,
}

impl MomentKind {
    /// True when the window showed a page, or another one.
    pub fn is_page(self) -> bool {
        matches!(self, Self::PageLoad | Self::Navigate)
    }

    /// True for what a person entered or chose in a field.
    pub fn sets_value(self) -> bool {
        matches!(self, Self::Input | Self::Select | Self::Check)
    }

    /// True for what a person did on purpose to something on the page.
    pub fn is_action(self) -> bool {
        matches!(
            self,
            Self::Click
                | Self::DoubleClick
                | Self::ContextMenu
                | Self::Input
                | Self::Select
                | Self::Check
                | Self::Drag
                | Self::Touch
                | Self::Key
        )
    }
}

string_enum!(MomentKind, "moment kind such as click, input, request, error");
