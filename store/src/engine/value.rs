//! Values of the catalog: parameters of statements, and columns of rows.

use playhead_schemas::{
    ActivityId, Actor, AgentId, AttachmentId, BugId, CommentId, EpochMs, GrantId, InvitationId, JobId, KeyId, MemberId,
    MomentId, ProjectId, ReplayId, ScreenshotId, SegmentNo, SessionId, TokenId, WorkspaceId,
};
use serde::de::DeserializeOwned;
use ulid::Ulid;

use crate::{Result, StoreError};

/// A value of a column or a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// An id; read back as text.
    Id(Ulid),
    /// Parameters of `= ANY($n::text[])`.
    Ids(Vec<Ulid>),
    /// Parameters of `= ANY($n::text[])`.
    Texts(Vec<String>),
    /// Parameters of `= ANY($n::bigint[])`.
    Ints(Vec<i64>),
}

/// A list of values of mixed types, for parameters and rows.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::engine::Value::from($value)),*] };
}
pub(crate) use values;

/// A row of a result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The value of column `i`, counted from 0.
    pub(crate) fn get<T: FromValue>(&self, i: usize) -> Result<T> {
        let value = self.0.get(i).unwrap_or(&Value::Null);
        T::from_value(value).ok_or_else(|| unreadable(i, std::any::type_name::<T>()))
    }

    /// The JSON text of column `i`, parsed.
    pub(crate) fn json<T: DeserializeOwned>(&self, i: usize) -> Result<T> {
        match self.0.get(i) {
            Some(Value::Text(text)) => serde_json::from_str(text).map_err(|e| StoreError::engine("read JSON", e)),
            _ => Err(unreadable(i, std::any::type_name::<T>())),
        }
    }

    /// The text of column `i`, parsed by [`FromStr`](std::str::FromStr).
    pub(crate) fn parsed<T: std::str::FromStr>(&self, i: usize) -> Result<T> {
        match self.0.get(i) {
            Some(Value::Text(text)) => text.parse().map_err(|_| unreadable(i, std::any::type_name::<T>())),
            _ => Err(unreadable(i, std::any::type_name::<T>())),
        }
    }
}

fn unreadable(column: usize, wanted: &'static str) -> StoreError {
    StoreError::engine("read a row", format!("column {column} is not a {wanted}"))
}

/// Types that a column can be read as.
pub(crate) trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(b) => Some(*b),
            // SQLite has no booleans.
            Value::Int(n @ (0 | 1)) => Some(*n == 1),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.clone()) } else { None }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { Some(bytes.clone()) } else { None }
    }
}

impl FromValue for Ulid {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Id(id) => Some(*id),
            Value::Text(text) => Ulid::from_string(text).ok(),
            _ => None,
        }
    }
}

impl FromValue for EpochMs {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(Self)
    }
}

impl FromValue for Actor {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { text.parse().ok() } else { None }
    }
}

impl From<Actor> for Value {
    fn from(actor: Actor) -> Self {
        Self::Text(actor.to_string())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

impl From<EpochMs> for Value {
    fn from(at: EpochMs) -> Self {
        Self::Int(at.0)
    }
}

impl From<u64> for Value {
    // Counts and sizes never come near i64::MAX; a hostile value is stored as i64::MAX.
    fn from(n: u64) -> Self {
        Self::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from_simple {
    ($($from:ty => $variant:ident),+) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self { Self::$variant(value.into()) }
        })+
    };
}
from_simple!(
    bool => Bool, i64 => Int, u32 => Int, u16 => Int, String => Text, Vec<u8> => Bytes, Ulid => Id,
    Vec<Ulid> => Ids, Vec<String> => Texts, Vec<i64> => Ints
);

macro_rules! from_int {
    ($($int:ty),+) => {
        $(impl FromValue for $int {
            fn from_value(value: &Value) -> Option<Self> {
                if let Value::Int(n) = value { Self::try_from(*n).ok() } else { None }
            }
        })+
    };
}
from_int!(i64, u64, u32, u16);

macro_rules! from_newtype {
    ($($id:ident),+) => {
        $(impl From<$id> for Value {
            fn from(id: $id) -> Self { id.0.into() }
        }
        impl FromValue for $id {
            fn from_value(value: &Value) -> Option<Self> { FromValue::from_value(value).map($id) }
        })+
    };
}
from_newtype!(
    WorkspaceId,
    ProjectId,
    ActivityId,
    BugId,
    CommentId,
    ReplayId,
    ScreenshotId,
    AttachmentId,
    TokenId,
    KeyId,
    JobId,
    MomentId,
    SegmentNo,
    MemberId,
    AgentId,
    GrantId,
    InvitationId,
    SessionId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_as_text() {
        for id in [Ulid::from(1u128), Ulid::from(u128::MAX), Ulid::generate()] {
            assert_eq!(Row(vec![id.to_string().into()]).get::<Ulid>(0).ok(), Some(id));
        }
        for bad in ["", "zz", "01J", &"!".repeat(26)] {
            assert!(Row(vec![bad.into()]).get::<Ulid>(0).is_err(), "{bad}");
        }
    }

    #[test]
    fn wrong_types_are_errors_not_guesses() {
        let row = Row(vec![Value::Int(-1), Value::Null, Value::from("x")]);
        assert!(row.get::<u32>(0).is_err());
        assert_eq!(row.get::<Option<String>>(1).ok(), Some(None));
        assert!(row.get::<i64>(2).is_err());
        assert!(row.get::<i64>(9).is_err());
    }
}
