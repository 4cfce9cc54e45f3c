//! The token by which a form is known to come from a page of this server, in the same browser.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

/// What the forms of a browser carry, made of its cookie: who can't read the cookie can't make it.
pub(crate) fn token(cookie: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"playhead form\0");
    hash.update(cookie.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// The hidden field.
pub(crate) fn csrf_field(token: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(token); }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_belongs_to_its_cookie() {
        assert_ne!(token("a"), token("b"));
        assert_eq!(token("a"), token("a"));
    }
}
