//! The OpenAPI 3.1 document, made from the route table and the types of the answers.
//!
//! In: [`Operation`]s, which stand beside their handlers in the route tables. Out: the document.
//! Never here: a path or a code that no route has.

mod document;
mod operation;

pub(crate) use document::document_text;
pub(crate) use operation::{Auth, Body, Operation, Param, SchemaOf, schema_of};
