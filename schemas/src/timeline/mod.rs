//! The timeline: what a transcriber makes of a replay. Its JSON form is a public contract
//! (`schemas/json/timeline.schema.json`): what is stored by an older [`TRANSCRIBER_VERSION`] can still be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod cause;
mod contrast;
mod coverage;
mod defect;
mod failure;
mod moment;
mod outcome;
mod request;
mod shown;
mod signal;
mod span;
mod target;

pub use cause::{Cause, Confidence, Edge, Evidence};
pub use contrast::{Contrast, ContrastKind, Difference, DifferencePart, Try};
pub use coverage::{Coverage, Doubt, Gap, GapReason, Source};
pub use defect::{Defect, DefectCode};
pub use failure::{Failure, FailureKind};
pub use moment::{InnerError, Moment, MomentKind, NavigationKind};
pub use outcome::{Change, Element, ItemKind, Outcome, OverlayKind, PageChange, Subject};
pub use request::{AnswerError, Request, SocketMessages, Unanswered};
pub use shown::Shown;
pub use signal::{Entry, Level, Rating, Signal, Vital};
pub use span::Span;
pub use target::{Selector, SelectorKind, Target};

use crate::{EpochMs, WindowNo};

/// The version of the transcriber's rules. A replay transcribed by an older one is worth reprocessing.
/// Since 2, changes of the page are data ([`Change`]); since 3, lines tell their nameable units ([`Moment::units`]); since
/// 4, secrets are hidden for the whole session, and requests say how they ended; since 5, pages tell what they show
/// ([`Moment::shows`]), and failures what went well beside them ([`Failure::contrast`]).
pub const TRANSCRIBER_VERSION: u32 = 6;

/// A whole replay as ordered moments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// When, how long, on which pages.
    pub replay: ReplayInfo,
    /// Everything that happened, by time; ids count up from `m1`.
    pub moments: Vec<Moment>,
    /// What went wrong, most severe first; each cites the moments that show it.
    #[serde(default)]
    pub failures: Vec<Failure>,
    /// Flaws of the input that were skipped.
    pub defects: Vec<Defect>,
    /// What the capture has and has not.
    pub coverage: Coverage,
}

/// Facts about a replay as a whole.
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
