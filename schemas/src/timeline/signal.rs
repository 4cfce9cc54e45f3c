//! Facts about a moment as closed sets: signals, console levels, ways of entry, ratings of web vitals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

/// A pattern of behaviour that a moment shows.
#[derive(
    Clone,
    Copy,
    Debug,
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
pub enum Signal {
    /// Repeated fast clicks at one place.
    RageClick,
    /// A click after which nothing changed.
    DeadClick,
    /// A click that was answered late.
    SlowClick,
    /// An error followed from it.
    ErrorAfterAction,
    /// A request that took long.
    SlowRequest,
    /// A page that the user went back from at once.
    QuickBack,
    /// A form that was sent again.
    RepeatedSubmit,
    /// A form that was filled and left.
    FormAbandoned,
    /// A field that refused its value.
    InvalidInput,
    /// A part of the page was rebuilt repeatedly.
    LayoutThrash,
    /// A web vital that is rated poor.
    PoorVital,
    /// The page rendered by the server and the one rendered by the framework differ.
    HydrationError,
}

string_enum!(Signal);

/// The level of a console line.
#[derive(
    Clone,
    Copy,
    Debug,
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
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
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

string_enum!(Level);

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

/// A web vital: a measure of user experience (web.dev/vitals).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vital {
    /// `LCP`, `INP`, `CLS`, `FCP`, `TTFB` or `FID`.
    pub name: String,
    /// Milliseconds; for `CLS` a score without unit.
    pub value: f64,
    /// The rating of that value.
    pub rating: Rating,
}

/// How a web vital is rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Good by the thresholds of web.dev/vitals.
    Good,
    /// Between good and poor.
    NeedsImprovement,
    /// Poor.
    Poor,
}
