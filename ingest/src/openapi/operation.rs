//! What the document says of one route.

use playhead_schemas::ErrorCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes a type's schema, by reference where it has a name.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of `T`, for the tables.
pub(crate) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    /// Everybody.
    None,
    /// An ingest key, in one of three places.
    IngestKey,
    /// A bearer token with the scope `admin`, or the server's local secret.
    Admin,
}

/// A parameter of a path or a query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    /// `path` or `query`.
    pub(crate) place: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schema: SchemaOf,
}

/// A request body in one media type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    pub(crate) media_type: &'static str,
    pub(crate) schema: SchemaOf,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) about: &'static str,
    pub(crate) auth: Auth,
    pub(crate) params: &'static [Param],
    pub(crate) bodies: &'static [Body],
    /// The status of success, what it means, and its body.
    pub(crate) success: (u16, &'static str, SchemaOf),
    /// Every code that it may answer.
    pub(crate) codes: &'static [ErrorCode],
}
