//! OpenAPI 3.1 documents of routes that are documented at their handlers.
//!
//! In: [`ApiRouter`](aide::axum::ApiRouter)s, whose operations `aide` reads from the signatures of the handlers and
//! from the function beside each of them. Out: an axum router and the document that describes it. Never here: a path
//! or an operation; those are the surfaces'.

mod answer;
mod document;
mod operation;
mod query_parameters;
mod tool;

pub use answer::{Accepted, Answer, Created};
pub use document::{DocumentText, OpenApiDocument};
pub use operation::{body, json_body, path, query, query_parameter, query_parameter_of, refusal, refusals};
pub use query_parameters::{QueryParameters, refuse_unknown_parameters};
pub use tool::ToolDescription;
