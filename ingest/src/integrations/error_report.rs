//! An error as a page saw it, whichever SDK reports it.

use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::upload::{PageContext, Reporter, SystemInfo};
use playhead_schemas::{EpochMs, ReplayKey};
use serde_json::{Map, Value};

use super::exception::Exception;
use crate::form::Part;

/// Bytes of an SDK's id that the store is given: it refuses names of more than 200.
pub(super) const ID_BYTES_MAX: usize = 120;

/// Whose SDK it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    Sentry,
    PostHog,
}

impl Product {
    /// In ids, tags and logs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sentry => "sentry",
            Self::PostHog => "posthog",
        }
    }

    /// An id of this product's, told apart from those of others. The same for the same id, however long that is.
    pub(crate) fn id(self, id: &str) -> String {
        format!("{}:{}", self.name(), prefix(id, ID_BYTES_MAX))
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Sentry => "Sentry",
            Self::PostHog => "PostHog",
        }
    }
}

/// How grave an SDK says that an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Debug,
    Info,
    Warning,
    Error,
    Fatal,
}

impl Severity {
    pub(crate) fn of_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "fatal" | "critical" => Self::Fatal,
            "warning" | "warn" => Self::Warning,
            "info" | "log" => Self::Info,
            "debug" => Self::Debug,
            _ => Self::Error,
        }
    }

    /// The console's word.
    pub(crate) fn console_level(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warn",
            Self::Error | Self::Fatal => "error",
        }
    }
}

/// An event with an exception, or with a message alone.
#[derive(Debug)]
pub(crate) struct ErrorReport {
    pub(crate) context: Context,
    pub(crate) severity: Severity,
    /// What was thrown, then what caused it.
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) message: Option<String>,
    /// What the application says that events of one kind have in common.
    pub(crate) own_fingerprint: Vec<String>,
    pub(crate) crumbs: Vec<Value>,
}

/// What errors and feedback have in common.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) product: Product,
    /// The SDK's id of the event.
    pub(crate) id: String,
    pub(crate) at: EpochMs,
    pub(crate) replay: Option<ReplayKey>,
    pub(crate) page: PageContext,
    pub(crate) reporter: Reporter,
    pub(crate) system: SystemInfo,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) files: Vec<Part>,
}

impl ErrorReport {
    /// What was thrown, if anything was.
    pub(crate) fn thrown(&self) -> Option<&Exception> {
        self.exceptions.first()
    }

    /// One line.
    pub(crate) fn title(&self) -> String {
        let title = match (self.thrown(), &self.message) {
            (Some(thrown), _) => thrown.title(),
            (None, Some(message)) => message.clone(),
            (None, None) => String::new(),
        };
        let title = one_line(&title, 300);
        if title.is_empty() { format!("An error without a message ({})", self.context.product.title()) } else { title }
    }

    /// True when nothing in the page caught it.
    pub(crate) fn is_uncaught(&self) -> bool {
        self.thrown().is_some_and(|thrown| thrown.handled == Some(false))
    }

    /// True when it says that something is broken; false for a mere message.
    pub(crate) fn is_error(&self) -> bool {
        self.severity >= Severity::Error || !self.exceptions.is_empty()
    }
}
