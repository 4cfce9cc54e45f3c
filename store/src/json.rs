//! JSON columns.

use serde::Serialize;

use crate::{Result, StoreError};

/// A value as the text of a JSON column.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::engine("write JSON", e))
}
