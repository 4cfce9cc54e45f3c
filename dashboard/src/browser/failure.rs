//! Requests that can't be answered as asked: a page that says why and what to do next.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::html;
use playhead_schemas::ErrorCode;
use playhead_store::StoreError;
use playhead_web::error_chain;

use super::layout::Page;
use super::respond::html;

/// What a handler of pages answers.
pub(crate) type Reply = Result<Response, Failure>;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The browser is redirected, to sign in for example.
    Elsewhere(Box<Response>),
    /// The request can't be served as it is.
    Refused {
        status: StatusCode,
        title: &'static str,
        /// What to do.
        advice: String,
    },
    /// The store failed.
    Store(StoreError),
}

impl Failure {
    pub(crate) fn refused(status: StatusCode, title: &'static str, advice: impl Into<String>) -> Self {
        Self::Refused { status, title, advice: advice.into() }
    }

    pub(crate) fn not_found() -> Self {
        Self::refused(
            StatusCode::NOT_FOUND,
            "Page not found",
            "There is no page at this address. Check it for mistakes, or start from your account.",
        )
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error.code() {
            ErrorCode::NotFound => Self::refused(
                StatusCode::NOT_FOUND,
                "Not found",
                "It may have been deleted. Go back and reload the page.",
            ),
            ErrorCode::Conflict => Self::refused(
                StatusCode::CONFLICT,
                "This was changed in the meantime",
                "Go back and reload the page to see how it is now, then try again.",
            ),
            _ => Self::Store(error),
        }
    }
}

impl From<Response> for Failure {
    fn from(response: Response) -> Self {
        Self::Elsewhere(Box::new(response))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, title, advice) = match self {
            Self::Elsewhere(response) => return *response,
            Self::Refused { status, title, advice } => (status, title, advice),
            Self::Store(error) => {
                tracing::error!(cause = error_chain(&error), "a page failed");
                let advice = "Try again in a moment. If it fails again, the cause is in the server's log.".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "The server could not answer", advice)
            }
        };
        html(
            status,
            &Page::new(title).body(html! { p { (advice) } p { a.button href="/account" { "Go to your account" } } }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_not_a_failure_of_the_server() {
        for (error, status) in [
            (StoreError::NotFound("token"), StatusCode::NOT_FOUND),
            (StoreError::Conflict("the token is revoked".to_owned()), StatusCode::CONFLICT),
            (StoreError::Closed, StatusCode::INTERNAL_SERVER_ERROR),
        ] {
            assert_eq!(Failure::from(error).into_response().status(), status);
        }
    }
}
