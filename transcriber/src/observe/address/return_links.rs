//! Return addresses: pages write the address that is shown into links to sign in, to settings or to another
//! language, so that the user can be sent back (`/login?next=%2Fcart`).
//!
//! Such a link is trusted once it has held an address that was shown, and only for what it holds next.

use std::borrow::Cow;

use crate::dom::apply::Changes;
use crate::dom::{AttrName, Mirror};
use crate::scrub::clean_url;

/// The names that such parameters have in common frameworks, in lower case and without `-` and `_`.
const NAMES: [&str; 16] = [
    "returnto",
    "returnurl",
    "returnpath",
    "return",
    "redirect",
    "redirectto",
    "redirecturl",
    "redirecturi",
    "next",
    "continue",
    "destination",
    "dest",
    "back",
    "backurl",
    "callbackurl",
    "camefrom",
];
/// Links of one mutation that are read.
const READ_MAX: usize = 64;

/// The return address of a changed link, when the one before was shown (`was_shown`).
pub(super) fn changed_return_address(
    mirror: &Mirror,
    changes: &Changes,
    was_shown: impl Fn(&str) -> bool,
) -> Option<String> {
    changes
        .attrs
        .iter()
        .filter(|(nx, attr, _)| *attr == AttrName::Href && mirror.tag(*nx) == "a")
        .take(READ_MAX)
        .find_map(|(nx, attr, before)| {
            let now = return_address(mirror.attr(*nx, *attr)?)?;
            was_shown(&return_address(mirror.slice((*before)?))?).then_some(now)
        })
}

/// The return address in a link, cleaned.
fn return_address(href: &str) -> Option<String> {
    let origin = super::url_parts::origin(href)?;
    let (start, query) = href.split_once('?')?;
    let (_, value) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| is_name(name))?;
    // A router that keeps its address in the fragment tells it without the page's own.
    let (page, routed) = start.split_once("#/").map_or((start, false), |(page, _)| (page, true));
    let full: Cow<'_, str> = match () {
        () if super::url_parts::origin(&value) == Some(origin) => value,
        () if !value.starts_with('/') || value.starts_with("//") => return None,
        () if routed => format!("{page}#{value}").into(),
        () => format!("{origin}{value}").into(),
    };
    Some(clean_url(&full))
}

fn is_name(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
    NAMES.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::return_address;

    #[test]
    fn return_addresses_of_many_frameworks() {
        let table = [
            ("http://a.test/login?next=%2Fcart%3Fpage%3D2", Some("http://a.test/cart?page=2")),
            ("http://a.test/login?x=1&Return_To=/cart", Some("http://a.test/cart")),
            ("http://a.test/s/?redirect_uri=http%3A%2F%2Fa.test%2Fcart", Some("http://a.test/cart")),
            (
                "http://a.test/app/#/settings?returnTo=%2Fruns%2F7%3Fq%3Da%252Bb",
                Some("http://a.test/app/#/runs/7?q=a%2Bb"),
            ),
            ("http://a.test/list?next=20", None),
            ("http://a.test/login?next=http%3A%2F%2Fb.test%2Fcart", None),
            ("http://a.test/login?next=%2F%2Fb.test%2Fcart", None),
            ("http://a.test/login?to=%2Fcart", None),
            ("/login?next=%2Fcart", None),
            ("http://a.test/login", None),
        ];
        for (href, wanted) in table {
            assert_eq!(return_address(href).as_deref(), wanted, "{href}");
        }
    }
}
