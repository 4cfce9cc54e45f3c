//! Ids. Rows are named by ULIDs (time-ordered in their first 48 bits) that the application makes;
//! things inside one replay by small numbers.

use std::fmt;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ulid::{Generator, Ulid};

/// A text that is not the id it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdError {
    /// What was expected, such as `bug id`.
    pub expected: &'static str,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = if self.expected.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        write!(f, "not {article} {}", self.expected)
    }
}

impl std::error::Error for IdError {}

static GENERATOR: LazyLock<Mutex<Generator>> = LazyLock::new(|| Mutex::new(Generator::new()));

/// The next id of this process: rows that are made in one millisecond keep their order.
fn next() -> Ulid {
    let mut generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    // After 2^80 ids in a millisecond, the next one takes from the millisecond after it.
    generator.generate().unwrap_or_else(|overflow| overflow.commit_overflow_increment())
}

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Ulid);

        impl $name {
            /// A new id, greater than every id that this process made before.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(next())
            }

            /// The smallest id of a millisecond: rows made at or after `at` have ids that are not smaller.
            pub fn floor_of(at: crate::EpochMs) -> Self {
                Self(Ulid::from_parts(u64::try_from(at.0).unwrap_or(0), 0))
            }

            /// When the id was made.
            pub fn made_at(self) -> crate::EpochMs {
                crate::EpochMs(i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                Ulid::from_string(s).map(Self).map_err(|_| IdError { expected: $what })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": concat!("A ", $what, ": a ULID of 26 characters."),
                    "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
                })
            }
        }
    };
}

ulid_id!(
    /// A tenant.
    WorkspaceId, "workspace id");
ulid_id!(
    /// An application inside a workspace; every other row belongs to one.
    ProjectId, "project id");
ulid_id!(
    /// A bug report.
    BugId, "bug id");
ulid_id!(
    /// A comment on a bug.
    CommentId, "comment id");
ulid_id!(
    /// An entry of a bug's activity.
    ActivityId, "activity id");
ulid_id!(
    /// A replay, as the catalog names it. An SDK names it by its [`ReplayKey`].
    ReplayId, "replay id");
ulid_id!(
    /// A picture that the SDK captured.
    ScreenshotId, "screenshot id");
ulid_id!(
    /// A file that came with a bug.
    AttachmentId, "attachment id");
ulid_id!(
    /// A read token.
    TokenId, "token id");
ulid_id!(
    /// A write-only ingest key.
    KeyId, "ingest key id");
ulid_id!(
    /// A person with an account.
    MemberId, "member id");
ulid_id!(
    /// A named AI agent of a workspace.
    AgentId, "agent id");
ulid_id!(
    /// What a member allowed a client over OAuth.
    GrantId, "grant id");
ulid_id!(
    /// An invitation to become a member.
    InvitationId, "invitation id");
ulid_id!(
    /// A signed-in browser.
    SessionId, "session id");
ulid_id!(
    /// A job of the worker.
    JobId, "job id");

/// The name that an SDK gives its replay: 1 to 64 characters of `A-Z a-z 0-9 _ -`, unique in its project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ReplayKey(#[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))] String);

impl ReplayKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReplayKey {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        let fits =
            (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if fits { Ok(Self(s.to_owned())) } else { Err(IdError { expected: "replay key (1 to 64 of A-Z a-z 0-9 _ -)" }) }
    }
}

impl fmt::Display for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReplayKey {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! small_id {
    ($(#[$doc:meta])* $name:ident, $int:ty, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                s.strip_prefix($prefix)
                    .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|digits| digits.parse().ok())
                    .map(Self)
                    .ok_or(IdError { expected: $what })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": $what,
                    "pattern": concat!("^", $prefix, "[0-9]+$")
                })
            }
        }
    };
}

small_id!(
    /// A moment of one replay, `m1` onwards in order of time. The same bytes give the same ids.
    MomentId, u32, "m", "moment id such as m17");
small_id!(
    /// A window (tab) of one replay, `w1` onwards in order of first event.
    WindowNo, u16, "w", "window id such as w1");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_text() {
        let id = BugId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("m17".parse(), Ok(MomentId(17)));
        for bad in ["", "m", "17", "m-1", "m1x", "m99999999999"] {
            assert!(bad.parse::<MomentId>().is_err(), "{bad}");
        }
        assert!("0".parse::<BugId>().is_err());
    }

    #[test]
    fn ids_of_one_process_rise() {
        let ids: Vec<BugId> = (0..10_000).map(|_| BugId::new()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn replay_keys_are_bounded() {
        assert!("9c2f-A_1".parse::<ReplayKey>().is_ok());
        for bad in ["", "a/b", "..", "a b", &"x".repeat(65), "é"] {
            assert!(bad.parse::<ReplayKey>().is_err(), "{bad}");
        }
    }
}
