//! Pages and files of the shop, as `testdata/shop` has them.

use serde_json::Value;

use super::api::DATA;

include!(concat!(env!("OUT_DIR"), "/shop.rs"));

/// The script tag of the SDK of the server at `endpoint`, with the launcher of the report widget. `more`: other attributes.
pub(in crate::commands::demo) fn sdk_tag(key: &str, endpoint: &str, more: &str) -> String {
    let more = format!("{more} data-launcher");
    filled(html("sdk").unwrap_or_default(), &[("endpoint", endpoint), ("key", key), ("more", &more)])
}

/// The page at a path; `None` when there is none. `tag` comes before its scripts.
pub(super) fn page(path: &str, tag: &str) -> Option<String> {
    let layout = |title: &str, name: &str, values: &[(&str, &str)], scripts: &[&str]| {
        let main = filled(html(name)?, values);
        let own = scripts.iter().map(|script| format!("<script type=\"module\" src=\"/js/{script}.js\"></script>"));
        let scripts = format!("{tag}{}", own.collect::<Vec<_>>().join("\n"));
        Some(filled(html("layout")?, &[("title", title), ("scripts", &scripts), ("main", &main)]))
    };
    match path {
        "/" => layout("Things for a calm house", "list", &[], &["shell", "catalogue"]),
        "/cart" => layout("Cart", "cart", &[], &["shell", "stepper", "cart"]),
        "/checkout" => layout("Checkout", "checkout", &[], &["shell", "checkout"]),
        "/delivery" => layout("Delivery", "delivery", &[], &["shell", "delivery"]),
        "/payment-frame" => html("payment-frame").map(str::to_owned),
        _ if path == "/account" || path.starts_with("/account/") => {
            layout("Account", "account", &[], &["shell", "account"])
        }
        _ => {
            if let Some(id) = path.strip_prefix("/order/").filter(|id| is_order(id)) {
                return layout(&format!("Order {id}"), "order", &[("id", id)], &["shell"]);
            }
            let product = DATA.product(path.strip_prefix("/product/")?)?;
            let owned = ["slug", "name", "price", "text", "sku", "stock", "image", "large", "room", "material"]
                .map(|key| (key, escaped(&product[key])));
            let values: Vec<(&str, &str)> = owned.iter().map(|(key, value)| (*key, value.as_str())).collect();
            let title = product["name"].as_str().unwrap_or_default();
            layout(title, "product", &values, &["shell", "stepper", "rating", "product"])
        }
    }
}

/// Media type and content of a file; `None` when there is none.
pub(super) fn file(path: &str) -> Option<(&'static str, &'static [u8])> {
    let (_, bytes) = PUBLIC.iter().find(|(name, _)| path.strip_prefix('/') == Some(name))?;
    let content_type = match path.rsplit('.').next()? {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    };
    Some((content_type, bytes))
}

fn html(name: &str) -> Option<&'static str> {
    let (_, bytes) = PAGES.iter().find(|(page, _)| page.strip_suffix(".html") == Some(name))?;
    std::str::from_utf8(bytes).ok()
}

fn is_order(id: &str) -> bool {
    id.strip_prefix("KP-").is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// `{{name}}` replaced by the value of that name, once: a value is never looked through.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let value = after
            .split_once("}}")
            .and_then(|(name, after)| Some((values.iter().find(|(known, _)| *known == name)?.1, after)));
        match value {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn escaped(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_there_with_the_sdk_before_all_scripts() {
        let tag = sdk_tag("phk_x", "http://127.0.0.1:4610", " data-mode=\"buffer\"");
        assert!(
            tag.contains("src=\"http://127.0.0.1:4610/sdk/v1/playhead.js\"") && tag.contains("buffer\" data-launcher")
        );
        for path in ["/", "/cart", "/checkout", "/delivery", "/account/orders", "/order/KP-1", "/product/wool-throw"] {
            let page = page(path, &tag).unwrap_or_default();
            let (own, first) = (page.find("/sdk/v1/playhead.js"), page.find("/js/shell.js"));
            assert!(own.is_some() && own < first && page.contains("data-key=\"phk_x\""), "{path}: {page}");
            assert!(!page.contains("{{"), "{path}: a place that nothing fills");
        }
        for path in ["/product/none", "/order/x", "/product/", "/js/none.js", "/../data.json"] {
            assert!(page(path, &tag).is_none() && file(path).is_none(), "{path}");
        }
        assert_eq!(file("/shop.css").map(|(kind, _)| kind), Some("text/css; charset=utf-8"));
    }

    #[test]
    fn values_are_put_in_once() {
        assert_eq!(filled("a {{x}} {{y}} {{z", &[("x", "{{y}}"), ("y", "1")]), "a {{y}} 1 {{z");
    }
}
