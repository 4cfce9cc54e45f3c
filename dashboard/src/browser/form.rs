//! Forms that only this server's own pages can send.

use axum::extract::{FromRequest, Request};
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, StatusCode};
use playhead_web::Params;

use super::csrf::token;
use super::failure::Failure;
use super::visitor::Visitor;
use crate::app::App;

/// A form that came from a page of this server, in the same browser. Nothing reads a form otherwise.
#[derive(Debug)]
pub(crate) struct CsrfForm {
    pub(crate) fields: Params,
    /// Who is signed in, if anybody.
    pub(crate) visitor: Option<Visitor>,
}

impl FromRequest<App> for CsrfForm {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        let foreign = || {
            let advice =
                format!("Nothing was changed. Open {}, reload the page and submit the form again.", app.issuer());
            Failure::refused(StatusCode::FORBIDDEN, "The form could not be verified", advice)
        };
        if !is_own(&headers, app.issuer().origin()) || !is_form(&headers) {
            return Err(foreign());
        }
        let body = axum::body::Bytes::from_request(request, app).await.map_err(|_| foreign())?;
        let fields = Params::parse(&body).ok_or_else(foreign)?;
        let visitor = Visitor::of(app, &headers).await?;
        let bound_to = match &visitor {
            Some(visitor) => Some(visitor.csrf.clone()),
            None => app.cookies.form(&headers).map(token),
        };
        if bound_to.is_none_or(|token| token != fields.field("csrf")) {
            return Err(foreign());
        }
        Ok(Self { fields, visitor })
    }
}

/// What browsers say of where a request came from, when they say it.
fn is_own(headers: &HeaderMap, origin: &str) -> bool {
    let says = |name: &str, own: &[&str]| headers.get(name).is_none_or(|v| v.to_str().is_ok_and(|v| own.contains(&v)));
    says(ORIGIN.as_str(), &[origin]) && says("sec-fetch-site", &["same-origin", "none"])
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn other_sites_are_told_from_this_one() {
        for (name, value, want) in [
            ("accept", "*/*", true),
            ("origin", "https://p.example", true),
            ("origin", "https://p.example.evil.com", false),
            ("origin", "null", false),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(is_own(&headers, "https://p.example"), want, "{name}: {value}");
        }
    }
}
