//! The parameters of query strings, as a document lists them: what it doesn't list is refused.

use std::collections::HashMap;
use std::sync::Arc;

use aide::openapi::{OpenApi, Parameter, ReferenceOr};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use playhead_schemas::text::one_line;

use crate::params::Params;
use crate::problem::{ApiError, Problem};

/// Characters of a name that an error gives back.
const NAME_CHARS_MAX: usize = 60;

/// The parameters of each operation of a document. Cheap to clone.
#[derive(Clone, Debug)]
pub struct QueryParameters(Arc<HashMap<String, Methods>>);

/// The parameters of one path, by method in small letters.
type Methods = HashMap<&'static str, Vec<String>>;

impl QueryParameters {
    pub(super) fn of_document(document: &OpenApi) -> Self {
        let paths = document.paths.iter().flat_map(|paths| paths.iter());
        let operations = |item: &ReferenceOr<_>| item.as_item().map(methods_of).unwrap_or_default();
        Self(Arc::new(paths.map(|(path, item)| (path.clone(), operations(item))).collect()))
    }

    /// Those of a route; `None` when the document doesn't have it.
    fn of_route(&self, method: &Method, route: &str) -> Option<&[String]> {
        // A route that answers GET answers HEAD.
        let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
        self.0.get(route)?.iter().find(|(name, _)| method.as_str().eq_ignore_ascii_case(name)).map(|(_, all)| &all[..])
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let Some(known) = self.of_route(request.method(), route) else { return Ok(()) };
        let Some(params) = Params::of_uri(request.uri()) else {
            return Err(Problem::invalid("the query has more than 100 parameters", "send fewer"));
        };
        let Some(unknown) = params.names().find(|name| known.iter().all(|known| known != name)) else { return Ok(()) };
        let message = format!("unknown query parameter {:?}", one_line(unknown, NAME_CHARS_MAX));
        Err(match known {
            [] => Problem::invalid(message, "leave it out: this route takes no query parameters"),
            known => Problem::invalid(message, format!("leave it out, or send one of {}", known.join(", "))),
        })
    }
}

/// Refuses parameters that the operation doesn't document, so that a misspelled condition is never ignored.
pub async fn refuse_unknown_parameters(State(known): State<QueryParameters>, request: Request, next: Next) -> Response {
    match known.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => ApiError::from(problem).into_response(),
    }
}

fn methods_of(item: &aide::openapi::PathItem) -> Methods {
    let all = [
        ("get", &item.get),
        ("put", &item.put),
        ("post", &item.post),
        ("delete", &item.delete),
        ("patch", &item.patch),
    ];
    let with_parameters = all.into_iter().filter_map(|(method, operation)| {
        let parameters = operation.as_ref()?.parameters.iter();
        Some((method, parameters.filter_map(query_name).collect()))
    });
    with_parameters.collect()
}

fn query_name(parameter: &ReferenceOr<Parameter>) -> Option<String> {
    match parameter.as_item()? {
        Parameter::Query { parameter_data, .. } => Some(parameter_data.name.clone()),
        _ => None,
    }
}
