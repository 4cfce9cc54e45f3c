//! The timeline: what a transcriber makes of a replay. Its JSON form is a public contract
//! (`schemas/json/timeline.schema.json`): what is stored by an older [`TRANSCRIBER_VERSION`] can still be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod cause;
mod coverage;
mod outcome;
mod target;

pub use cause::{Cause, Confidence, Edge, Evidence};
pub use coverage::{Coverage, Doubt, Gap, GapReason, Source};
pub use outcome::{Change, Element, ItemKind, Outcome, OverlayKind, PageChange, Subject};
pub use target::{Selector, SelectorKind, Target};

use crate::{EpochMs, MomentId, WindowNo};

/// The version of the transcriber's rules. A replay transcribed by an older one is worth reprocessing.
/// Since 2, changes of the page are data ([`Change`]).
pub const TRANSCRIBER_VERSION: u32 = 2;

/// A whole replay as ordered moments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The frame: when, how long, where.
    pub replay: ReplayInfo,
    /// Everything that happened, by time; ids count up from `m1`.
    pub moments: Vec<Moment>,
    /// What went wrong, most severe first; each cites the moments that show it.
    #[serde(default)]
    pub failures: Vec<Failure>,
    /// Flaws of the input that were stepped over.
    pub defects: Vec<Defect>,
    /// What the capture has and has not.
    pub coverage: Coverage,
}

/// The frame of a replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayInfo {
    /// Time of the first event, epoch milliseconds. Every `t_ms` counts from here.
    pub started_at_ms: EpochMs,
    /// From the first event to the last, milliseconds.
    pub duration_ms: u64,
    /// How many windows (tabs) were recorded.
    pub windows: u16,
    /// The pages that were shown, in order.
    pub pages: Vec<Page>,
    /// The first size of the first window, CSS pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewport: Option<crate::upload::Size>,
}

/// A page that was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// The window that showed it.
    pub window: WindowNo,
    /// When, milliseconds from the start.
    pub t_ms: u64,
    /// Its address, secrets in the query removed.
    pub url: String,
    /// Its title when it was left, or at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// `m1`, `m2`, .. in order of time.
    pub id: MomentId,
    /// When it began, milliseconds from the replay's start.
    pub t_ms: u64,
    /// When it ended; equal to `t_ms` for a thing without length.
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
    /// What its pattern means.
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
    /// What it led to. Only user actions and loads have one.
    pub outcome: Option<Outcome>,
    /// Only for `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// Only for `console` and `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Only for `console` and `error`: the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Only for `console` and `error`: the stack, one frame a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// The moment as one line of a transcript, without id and time.
    pub text: String,
}

impl Moment {
    /// Where in the page it was done, such as `dialog "Edit order"`: what runs of moments are folded by. A row or
    /// an item is no such place when what holds it is known.
    pub fn place(&self) -> Option<&str> {
        let target = self.target.as_ref()?;
        let mut places = target.within.iter().chain(&target.around).map(String::as_str);
        let single = |place: &&str| ["row ", "item ", "treeitem "].iter().any(|kind| place.starts_with(kind));
        places.find(|place| !single(place)).or(target.within.as_deref())
    }
}

/// The kinds of moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
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
    /// Nothing was done for a while.
    Idle,
    /// An event that the application or its SDK recorded.
    #[default]
    Custom,
    /// A caption or marker that was added to the recording.
    Annotation,
}

impl MomentKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 20] = [
        Self::PageLoad,
        Self::Navigate,
        Self::Click,
        Self::DoubleClick,
        Self::ContextMenu,
        Self::Input,
        Self::Select,
        Self::Check,
        Self::Scroll,
        Self::Resize,
        Self::Drag,
        Self::Touch,
        Self::Tab,
        Self::Media,
        Self::Console,
        Self::Error,
        Self::Request,
        Self::Idle,
        Self::Custom,
        Self::Annotation,
    ];

    /// The kind as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PageLoad => "page_load",
            Self::Navigate => "navigate",
            Self::Click => "click",
            Self::DoubleClick => "double_click",
            Self::ContextMenu => "context_menu",
            Self::Input => "input",
            Self::Select => "select",
            Self::Check => "check",
            Self::Scroll => "scroll",
            Self::Resize => "resize",
            Self::Drag => "drag",
            Self::Touch => "touch",
            Self::Tab => "tab",
            Self::Media => "media",
            Self::Console => "console",
            Self::Error => "error",
            Self::Request => "request",
            Self::Idle => "idle",
            Self::Custom => "custom",
            Self::Annotation => "annotation",
        }
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
        )
    }
}

impl std::fmt::Display for MomentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for MomentKind {
    type Err = crate::id::IdError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == s)
            .ok_or(crate::id::IdError { expected: "moment kind such as click, input, request, error" })
    }
}

/// A request to a server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// The address, secrets in the query removed.
    pub url: String,
    /// The status; absent when no response came, and when the recorder saw none.
    pub status: Option<u16>,
    /// True when it got no response (refused, aborted, blocked, timed out).
    pub failed: bool,
    /// From start to end; absent when unknown.
    pub duration_ms: Option<u64>,
    /// Response body, in bytes; absent when unknown.
    pub size_bytes: Option<u64>,
    /// `fetch`, `xhr`, `document`, `script`, `image`, ..; absent when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The response's media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The head of what was sent, secrets removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<String>,
    /// The head of what came back, secrets removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
    /// Why it failed, in the browser's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What went over a socket; absent for other requests and when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<SocketMessages>,
}

/// How many messages went over a web socket while the recording ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketMessages {
    /// By the page.
    pub sent: u32,
    /// By the server. Those that tell of an error are the request's `response_body`.
    pub received: u32,
}

/// How loud a console line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// `debug`, `trace`, timers, counters.
    Debug,
    /// `log` and everything unknown.
    Log,
    /// `info`.
    Info,
    /// `warn`.
    Warn,
    /// `error`, failed `assert`, uncaught errors.
    Error,
}

impl Level {
    /// The level as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Log => "log",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The level of a console method.
    pub fn of_method(method: &str) -> Self {
        match method {
            "error" | "assert" => Self::Error,
            "warn" | "warning" => Self::Warn,
            "info" => Self::Info,
            "debug" | "verbose" | "trace" | "count" | "countReset" | "time" | "timeEnd" | "timeLog" => Self::Debug,
            _ => Self::Log,
        }
    }
}

/// What the pattern of a moment means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Repeated fast clicks at one place.
    RageClick,
    /// A click that nothing answered.
    DeadClick,
    /// A click that was answered late.
    SlowClick,
    /// An error followed from it.
    ErrorAfterAction,
    /// A request that took long.
    SlowRequest,
    /// A page that was left at once.
    QuickBack,
    /// A form that was sent again.
    RepeatedSubmit,
    /// A form that was filled and left.
    FormAbandoned,
    /// A field that refused its value.
    InvalidInput,
    /// A part of the page was built anew again and again, or flipped back and forth.
    LayoutThrash,
    /// A web vital in the range that its makers call poor.
    PoorVital,
    /// The page that a server drew and the one that the framework drew differ.
    HydrationError,
}

impl Signal {
    /// The signal as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RageClick => "rage_click",
            Self::DeadClick => "dead_click",
            Self::SlowClick => "slow_click",
            Self::ErrorAfterAction => "error_after_action",
            Self::SlowRequest => "slow_request",
            Self::QuickBack => "quick_back",
            Self::RepeatedSubmit => "repeated_submit",
            Self::FormAbandoned => "form_abandoned",
            Self::InvalidInput => "invalid_input",
            Self::LayoutThrash => "layout_thrash",
            Self::PoorVital => "poor_vital",
            Self::HydrationError => "hydration_error",
        }
    }
}

/// How a value came into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Key by key.
    Typed,
    /// Many characters in one go, by a user: pasted, dropped, dictated, or filled in by the browser or a password
    /// manager. A recording can't tell these apart.
    AtOnce,
    /// Both.
    Mixed,
}

/// A measure of how a page felt (web.dev/vitals).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vital {
    /// `LCP`, `INP`, `CLS`, `FCP`, `TTFB` or `FID`.
    pub name: String,
    /// Milliseconds; for `CLS` a score without unit.
    pub value: f64,
    /// How its makers rate that value.
    pub rating: Rating,
}

/// How a web vital is rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// As it should be.
    Good,
    /// Between.
    NeedsImprovement,
    /// As nobody wants it.
    Poor,
}

/// One thing that went wrong, with its evidence. Ordered by [`FailureKind`], then by time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// What kind of trouble.
    pub kind: FailureKind,
    /// One line that states it.
    pub title: String,
    /// The moment that shows it.
    pub moment: MomentId,
    /// The user action that led to it.
    pub action: Option<MomentId>,
    /// Other moments that belong to it, in order: requests, repeats, messages.
    pub related: Vec<MomentId>,
    /// How often it happened.
    pub count: u32,
}

/// Kinds of trouble, the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// An uncaught error or rejection.
    UncaughtError,
    /// A response of 400 or more.
    HttpError,
    /// A request without response.
    RequestFailed,
    /// A field or form that refused its value.
    FormRefused,
    /// A click that nothing answered.
    DeadClick,
    /// Repeated fast clicks at one place.
    RageClick,
    /// A line of level error in the console.
    ConsoleError,
    /// A request of 2 s or more.
    SlowRequest,
}

/// A flaw of the input that was stepped over: data, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Defect {
    /// What kind of flaw.
    pub code: DefectCode,
    /// How often.
    pub count: u32,
    /// The first case, in words.
    pub detail: String,
}

/// Kinds of flaws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DefectCode {
    /// A payload that could not be decompressed to its end.
    BadCompression,
    /// A payload or line that is not JSON.
    BadJson,
    /// An event that is not of a known shape.
    BadEvent,
    /// An event type or source that is not known.
    UnknownEvent,
    /// An event without a usable time.
    BadTimestamp,
    /// Events that came in another order than their times.
    OutOfOrder,
    /// Changes before the first full snapshot.
    NoSnapshot,
    /// A change of a node that is not there.
    UnknownNode,
    /// A node under itself or under a node that can't hold it.
    BadTree,
    /// A segment number that never came.
    MissingSegment,
    /// An escape of half a character.
    LoneSurrogate,
    /// A limit was reached; what is past it was left out.
    LimitReached,
    /// A field of an event that could not be decoded.
    BadField,
}
