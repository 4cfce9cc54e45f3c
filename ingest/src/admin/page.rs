//! Pages, query strings and bodies of the administrators' routes.

use std::str::FromStr;

use axum::body::Body;
use axum::extract::Request;
use http::Uri;
use playhead_schemas::id::IdError;
use playhead_store::Page;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::query_value;
use crate::error::{ApiError, Fault};

/// The largest body of an administrator's request, in bytes.
const BODY_BYTES_MAX: usize = 256 << 10;

/// One page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PageView<T> {
    /// The rows, in the list's order.
    pub(crate) items: Vec<T>,
    /// What to give as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl<T> PageView<T> {
    pub(super) fn of<R: Into<T>, K: ToString>(page: Page<R, K>) -> Self {
        Self { items: page.items.into_iter().map(Into::into).collect(), next: page.next.map(|key| key.to_string()) }
    }
}

/// `after` and `limit` of a query string.
pub(super) fn paging<K: FromStr<Err = IdError>>(uri: &Uri) -> Result<(Option<K>, u32), ApiError> {
    let (after, limit) = limits(uri)?;
    let after = after
        .map(|text| text.parse::<K>())
        .transpose()
        .map_err(|error| Fault::invalid(format!("after is {error}"), "give the value of next of the page before"))?;
    Ok((after, limit))
}

/// The same with `after` as it was given.
pub(super) fn limits(uri: &Uri) -> Result<(Option<String>, u32), ApiError> {
    let limit = match query_value(uri, "limit") {
        None => 100,
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=1000).contains(n))
            .ok_or_else(|| Fault::invalid("limit is not a number from 1 to 1000", "leave it out for 100"))?,
    };
    Ok((query_value(uri, "after"), limit))
}

/// An id in a path.
pub(super) fn id<K: FromStr<Err = IdError>>(text: &str) -> Result<K, ApiError> {
    let parsed = text.parse::<K>();
    Ok(parsed.map_err(|error| Fault::invalid(format!("the path names {error}"), "check the id"))?)
}

/// The JSON body of a request.
pub(super) async fn body<T: DeserializeOwned>(request: Request) -> Result<T, ApiError> {
    let body: Body = request.into_body();
    let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|_| Fault::invalid("the request body is incomplete or larger than 256 KiB", "send less"))?;
    let parsed = serde_json::from_slice(&bytes);
    Ok(parsed.map_err(|error| {
        Fault::invalid(
            format!("the request body is not as described: {error}"),
            "send JSON as /v1/openapi.json describes it",
        )
    })?)
}
