//! What events say.

use playhead_schemas::timeline::NavigationKind;

use crate::console::RawConsole;
use crate::network::RawRequest;

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    /// The page is at this address, which may be relative.
    Navigated(String),
    /// The user came to the page by means of the browser.
    Came(NavigationKind),
    /// The window was hidden or shown.
    Visibility {
        /// False when it was shown.
        is_hidden: bool,
    },
    /// The recorder was paused.
    Paused,
    /// The recorder goes on.
    Resumed,
    /// Web vitals were measured.
    Vitals(Vec<Measurement>),
    /// An application wrote an event of its own, or an SDK one that a reader should see.
    Custom {
        /// At most 80 characters.
        tag: String,
        /// What it carries, without secrets, at most 300 characters.
        text: Option<String>,
    },
    /// A request was sent.
    Request(Box<RawRequest>),
    /// A line was written to the console.
    Line(Box<RawConsole>),
    /// A custom event has no tag, or breaks off.
    Unreadable,
}

/// The value of a web vital.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measurement {
    /// `LCP`, `INP`, `CLS`, `FCP`, `TTFB` or `FID`.
    pub(crate) name: &'static str,
    /// Milliseconds; of `CLS` a score.
    pub(crate) value: f64,
}
