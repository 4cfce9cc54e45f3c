//! What handlers read from requests: pages, ids, query strings, bodies.
//!
//! The extractors only take their part of the request; handlers read it after they know that the sender may do what it
//! asks for, so a refusal comes before any word about the request's form.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::{add_parameters, set_body};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use http::Uri;
use http::request::Parts;
use playhead_schemas::id::IdError;
use playhead_web::openapi::{json_body, query_parameter};
use playhead_web::{ApiError, Params, Problem, input};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::types::Page;

/// The largest body of a request, in bytes: the longest comment, however its characters are written.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Rows of a page, unless the request asks for another number, and at most.
const PAGE_ROWS: u32 = 100;
const PAGE_ROWS_MAX: u32 = 1000;

/// A page of the store's rows as the API shows it.
pub(crate) fn page<T: From<R>, R, K: ToString>(page: playhead_store::Page<R, K>) -> Page<T> {
    Page { items: page.items.into_iter().map(Into::into).collect(), next: page.next.map(|key| key.to_string()) }
}

/// The parameters of the query string. Operations document those that they read.
#[derive(Clone, Debug)]
pub(crate) struct Query(Uri);

impl Query {
    pub(crate) fn read(&self) -> Result<Params, Problem> {
        Params::of_uri(&self.0).ok_or_else(|| Problem::invalid("the query has more than 100 parameters", "send fewer"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(head.uri.clone()))
    }
}

impl OperationInput for Query {}

/// `after` and `limit` of the query string; `K` is the key of the list's rows.
#[derive(Clone, Debug)]
pub(crate) struct Paging<K> {
    query: Query,
    key: PhantomData<fn() -> K>,
}

impl<K: FromStr<Err = IdError>> Paging<K> {
    /// The last row of the page before, and the most rows of this one.
    pub(crate) fn read(&self) -> Result<(Option<K>, u32), Problem> {
        paging(&self.query.read()?, str::parse)
    }
}

/// The same of parameters; `parse` reads the key.
pub(crate) fn paging<K, E: Display>(
    params: &Params,
    parse: impl FnOnce(&str) -> Result<K, E>,
) -> Result<(Option<K>, u32), Problem> {
    let limit =
        match params.first("limit") {
            None => PAGE_ROWS,
            Some(text) => text.parse().ok().filter(|n| (1..=PAGE_ROWS_MAX).contains(n)).ok_or_else(|| {
                Problem::invalid("limit must be a whole number from 1 to 1000", "leave it out for 100")
            })?,
        };
    let after = params.first("after").map(parse).transpose();
    let after = after
        .map_err(|error| Problem::invalid(format!("after is {error}"), "give the value of next of the page before"))?;
    Ok((after, limit))
}

impl<K, S: Send + Sync> FromRequestParts<S> for Paging<K> {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self { query: Query::from_request_parts(head, state).await?, key: PhantomData })
    }
}

impl<K> OperationInput for Paging<K> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schemas = &mut context.schema;
        let after = query_parameter::<String>(schemas, "after", "The value of next of the page before.");
        let limit = query_parameter::<u32>(schemas, "limit", "Rows of a page, 1 to 1000; 100 when it is left out.");
        add_parameters(context, operation, [after, limit]);
    }
}

/// The id in a path. Operations document its name.
#[derive(Clone, Debug)]
pub(crate) struct PathId<K> {
    text: String,
    key: PhantomData<fn() -> K>,
}

impl<K: FromStr<Err = IdError>> PathId<K> {
    pub(crate) fn read(&self) -> Result<K, Problem> {
        self.text.parse().map_err(|error| Problem::invalid(format!("the path names {error}"), "check the id"))
    }
}

impl<K, S: Send + Sync> FromRequestParts<S> for PathId<K> {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let PathText(text) = PathText::from_request_parts(head, state).await?;
        Ok(Self { text, key: PhantomData })
    }
}

impl<K> OperationInput for PathId<K> {}

/// What a path names by a text, such as an id or a slug.
#[derive(Clone, Debug)]
pub(crate) struct PathText(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(head, state).await;
        let Path(text) = path.map_err(|_| Problem::invalid("the path is not UTF-8", "check the id"))?;
        Ok(Self(text))
    }
}

impl OperationInput for PathText {}

/// The JSON body of a request, at most 1 MiB.
#[derive(Debug)]
pub(crate) struct JsonBody<T> {
    body: axum::body::Body,
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + JsonSchema> JsonBody<T> {
    pub(crate) async fn read(self) -> Result<T, Problem> {
        let bytes = axum::body::to_bytes(self.body, BODY_BYTES_MAX)
            .await
            .map_err(|_| Problem::invalid("the request body is incomplete or larger than 1 MiB", "send less"))?;
        input::from_slice(&bytes).map_err(|error| {
            Problem::invalid(error.message("the request body"), "send JSON as /api/v1/openapi.json describes it")
        })
    }
}

impl<T, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Ok(Self { body: request.into_body(), value: PhantomData })
    }
}

impl<T: JsonSchema> OperationInput for JsonBody<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schema = context.schema.subschema_for::<T>();
        set_body(context, operation, json_body(schema));
    }
}
