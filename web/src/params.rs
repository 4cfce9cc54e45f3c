//! Parameters of query strings and forms.

use http::Uri;
use url::form_urlencoded;

/// Parameters of one request.
const PAIRS_MAX: usize = 100;

/// The parameters of a query string or of a form, percent-decoded, in their order.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

/// A parameter came twice: two programs would read two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated;

impl Params {
    /// Reads `application/x-www-form-urlencoded`; `None` when it holds more than 100 pairs.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(text).into_owned().take(PAIRS_MAX + 1).collect();
        (pairs.len() <= PAIRS_MAX).then_some(Self(pairs))
    }

    /// The parameters of a URI; `None` when there are more than 100.
    pub fn of_uri(uri: &Uri) -> Option<Self> {
        Self::parse(uri.query().unwrap_or_default().as_bytes())
    }

    /// The value of a parameter; an empty one counts as missing (RFC 6749, 3.1).
    ///
    /// # Errors
    /// When the parameter came twice.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Repeated),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// The first value of a parameter, which may be empty.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The first value of a field of this server's own forms; empty when it is missing.
    pub fn field(&self, name: &str) -> &str {
        self.first(name).unwrap_or_default()
    }

    /// The names of all parameters, each as often as it came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The values of a parameter that may come several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn empty_is_missing_and_twice_is_refused() {
        let params = Params::parse(b"a=1&b=&c=1&c=2&d=%26+x").unwrap();
        assert_eq!(params.one("a"), Ok(Some("1")));
        assert_eq!(params.one("b"), Ok(None));
        assert_eq!(params.one("x"), Ok(None));
        assert_eq!(params.one("c"), Err(Repeated));
        assert_eq!((params.first("b"), params.first("x")), (Some(""), None));
        assert_eq!(params.field("d"), "& x");
        assert!(Params::parse("a=1&".repeat(PAIRS_MAX + 1).as_bytes()).is_none());
    }
}
