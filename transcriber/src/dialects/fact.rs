//! What events say.

use playhead_schemas::timeline::{NavigationKind, SocketMessages};

use crate::console::RawConsole;
use crate::network::RawRequest;
use crate::recorded::Belonging;

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
    /// What the user did as an error's breadcrumbs tell it: worth telling where no recording shows the page.
    Unseen {
        /// At most 80 characters.
        tag: String,
        /// Without secrets, at most 300 characters; of a navigation the address.
        text: String,
    },
    /// A request was sent.
    Request(Box<RawRequest>),
    /// A line was written to the console.
    Line(Box<RawConsole>),
    /// Playhead's recorder began on a page.
    Page {
        /// The release of the application.
        release: Option<String>,
    },
    /// How a page was reached.
    Reached(Box<Reached>),
    /// A key that acts was pressed.
    Key(Box<Press>),
    /// The user pressed on a disabled control, which gets no click.
    DisabledClick {
        /// CSS pixels.
        x: f64,
        /// CSS pixels.
        y: f64,
        /// The control.
        on: Box<Subject>,
    },
    /// A masked field has another value.
    Pseudonym {
        /// The rrweb id of the field.
        node: u32,
        /// Equal for equal values inside one session.
        same: String,
    },
    /// Something that changes no document.
    Noted {
        /// What it was.
        note: Box<RecorderNote>,
        /// The element that it is about.
        on: Box<Subject>,
        /// The action that it belongs to.
        by: Option<Belonging>,
    },
    /// A socket that a request opened went on.
    Socket(SocketState),
    /// What a line of the console can't hold of the error that it tells.
    ErrorDetails(Box<ErrorDetails>),
    /// A part of the page could not be loaded.
    NotLoaded {
        /// Its address, without secrets.
        url: String,
        /// The name of the element that asked for it.
        tag: String,
    },
    /// A custom event has no tag, or breaks off.
    Unreadable,
}

/// How a page was reached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reached {
    /// `None` when it is not known.
    pub(crate) way: Option<Way>,
    /// The address of a change without a load, which may be relative; `None` for a page that was loaded.
    pub(crate) address: Option<String>,
    /// The action that led there.
    pub(crate) by: Option<Belonging>,
}

/// Who led to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The user, by means of the browser.
    Browser(NavigationKind),
    /// The page before it in the same window: a link, a form, a script.
    Page,
    /// A page of another window.
    OtherWindow,
}

/// The element that an event is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Subject {
    /// Its rrweb id.
    pub(crate) node: Option<u32>,
    /// As the browser calls it.
    pub(crate) named: Named,
}

/// The accessible name and the role that the browser itself computed, where it tells them. At most 100 characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Named {
    pub(crate) name: Option<String>,
    pub(crate) role: Option<String>,
}

/// A key that acts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Press {
    /// Where the focus was.
    pub(crate) on: Subject,
    /// As the DOM's KeyboardEvent names it, at most 20 characters.
    pub(crate) key: String,
    /// The modifiers that were held, such as `Control+Shift`; empty for none.
    pub(crate) modifiers: String,
}

/// What a recorder tells that changes no document. Texts are single lines without secrets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RecorderNote {
    Download {
        url: String,
        /// Of the file's name, where the address lacks it.
        extension: Option<String>,
        by_script: bool,
    },
    NewTab {
        url: String,
        /// The browser refused it.
        blocked: bool,
        by_script: bool,
    },
    FileChooser(Chooser),
    Popover {
        is_open: bool,
    },
    /// The print dialog.
    Print {
        is_open: bool,
    },
    Clipboard(Clipboard),
    /// The main thread was busy for so long.
    LongTask {
        ms: u64,
    },
    SocketMessage {
        /// False when the page sent it.
        is_received: bool,
        text: String,
    },
    /// A bug report was sent.
    Report {
        title: String,
    },
    /// The page said who uses it.
    User {
        /// `None`: nobody is signed in.
        id: Option<String>,
    },
    /// The page said something about itself, as JSON text.
    Metadata(String),
    /// The clock was set back by so much; the recorder goes on with the old time.
    ClockSetBack {
        ms: u64,
    },
    /// Something was recorded and is lost.
    Lost {
        reason: String,
        /// How often on this page.
        count: u64,
    },
}

impl RecorderNote {
    /// Its texts, all of which a page may have written.
    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let (one, other) = match self {
            Self::Download { url, extension, .. } => (Some(url), extension.as_mut()),
            Self::NewTab { url, .. } => (Some(url), None),
            Self::SocketMessage { text, .. } | Self::Report { title: text } | Self::Metadata(text) => {
                (Some(text), None)
            }
            Self::Lost { reason, .. } => (Some(reason), None),
            Self::User { id } => (id.as_mut(), None),
            Self::FileChooser(Chooser::Chosen { types, .. }) => (Some(types), None),
            Self::FileChooser(_)
            | Self::Popover { .. }
            | Self::Print { .. }
            | Self::Clipboard(_)
            | Self::LongTask { .. }
            | Self::ClockSetBack { .. } => (None, None),
        };
        one.into_iter().chain(other)
    }
}

/// What became of a file chooser.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Chooser {
    Opened,
    Chosen {
        files: u64,
        /// Media types, apart by commas.
        types: String,
        bytes: Option<u64>,
    },
    Cancelled,
}

/// What was done with the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clipboard {
    Copy,
    Cut,
    Paste,
}

/// How a socket stands. The request that opened it has this number on its page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SocketState {
    pub(crate) request: u32,
    /// So far.
    pub(crate) messages: Option<SocketMessages>,
    pub(crate) is_closed: bool,
    pub(crate) is_failed: bool,
    /// The code of a connection that was not closed properly.
    pub(crate) unclean_code: Option<u16>,
}

/// What is known of an error beside its line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ErrorDetails {
    pub(crate) message: String,
    /// The components that it happened in, the innermost first.
    pub(crate) components: Vec<String>,
    /// What the page said about it, as JSON text.
    pub(crate) context: Option<String>,
}

/// The value of a web vital.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measurement {
    /// `LCP`, `INP`, `CLS`, `FCP`, `TTFB` or `FID`.
    pub(crate) name: &'static str,
    /// Milliseconds; of `CLS` a score.
    pub(crate) value: f64,
}
