//! Origins that a key may be used from.

/// True when `origin` (of an `Origin` header) is among `allowed`. An empty list allows every origin.
///
/// An entry is an origin such as `https://shop.example`, `https://*.shop.example` for every subdomain,
/// `*` for all, or `null` for pages without an origin (files, sandboxed frames).
pub fn is_allowed(origin: &str, allowed: &[String]) -> bool {
    allowed.is_empty() || allowed.iter().any(|entry| matches(origin, entry))
}

fn matches(origin: &str, entry: &str) -> bool {
    if entry == "*" || origin.eq_ignore_ascii_case(entry) {
        return true;
    }
    let Some((scheme, domain)) = entry.split_once("://*.") else { return false };
    let origin = origin.to_ascii_lowercase();
    let Some(host) = origin.strip_prefix(&format!("{}://", scheme.to_ascii_lowercase())) else {
        return false;
    };
    host.strip_suffix(&domain.to_ascii_lowercase())
        .and_then(|sub| sub.strip_suffix('.'))
        .is_some_and(|sub| !sub.is_empty() && sub.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)))
}

/// Checks an entry of an allow list.
///
/// # Errors
/// What is wrong with it.
pub fn check_entry(entry: &str) -> Result<(), &'static str> {
    if matches!(entry, "*" | "null") {
        return Ok(());
    }
    let Some((scheme, host)) = entry.split_once("://") else {
        return Err("an origin begins with a scheme, such as https://shop.example");
    };
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
        return Err("the scheme of an origin is made of letters, digits, +, - and .");
    }
    let host = host.strip_prefix("*.").unwrap_or(host);
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if host.is_empty() || host.len() > 260 || !host.bytes().all(fits) {
        return Err("an origin ends after its host and port: no path, no slash");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_match_exactly_or_by_subdomain() {
        let allowed = ["https://shop.example".to_owned(), "http://*.test:8080".to_owned()];
        for (origin, want) in [
            ("https://shop.example", true),
            ("HTTPS://Shop.Example", true),
            ("http://shop.example", false),
            ("https://shop.example.evil", false),
            ("https://evilshop.example", false),
            ("https://a.shop.example", false),
            ("http://a.b.test:8080", true),
            ("http://test:8080", false),
            ("http://.test:8080", false),
            ("http://evil/a.test:8080", false),
            ("http://evil.example#.a.test:8080", false),
            ("http://evil.example?.a.test:8080", false),
            ("http://evil.example\\.a.test:8080", false),
            ("http://evil.example%2f.a.test:8080", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(origin, &allowed), want, "{origin}");
        }
        assert!(is_allowed("https://any.example", &[]));
        assert!(is_allowed("null", &["*".to_owned()]));
    }

    #[test]
    fn entries_are_origins() {
        for good in ["*", "null", "https://a.example", "https://*.a.example", "http://[::1]:80"] {
            assert_eq!(check_entry(good), Ok(()), "{good}");
        }
        for bad in ["", "a.example", "https://", "https://a.example/", "https://a b", "://a"] {
            assert!(check_entry(bad).is_err(), "{bad}");
        }
    }
}
