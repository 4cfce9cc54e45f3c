//! What the shop's own scripts ask for. Answers and faults are those of `testdata/shop/server.mjs`.

use std::sync::LazyLock;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Things on a wishlist, and of one thing in a cart.
const WISHLIST_MAX: usize = 50;
const QUANTITY_MAX: i64 = 99;
/// Planted: a search for a material reads every product's text again.
const SLOW_SEARCH: Duration = Duration::from_secs(3);
/// How long an order takes.
const CHECKOUT: Duration = Duration::from_millis(250);

/// Products, coupons, orders, addresses.
pub(super) static DATA: LazyLock<Data> = LazyLock::new(|| Data(serde_json::from_str(JSON).unwrap_or_default()));
const JSON: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/shop/data.json"));

pub(super) struct Data(Value);

impl Data {
    fn products(&self) -> &[Value] {
        self.0["products"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The product of that name in addresses.
    pub(super) fn product(&self, slug: &str) -> Option<&Value> {
        self.products().iter().find(|product| product["slug"] == slug)
    }
}

/// What one visitor did.
#[derive(Debug)]
pub(super) struct Visit {
    cart: Vec<(String, i64)>,
    addresses: Value,
    wishlist: Value,
    orders: u32,
    failures: u32,
}

impl Default for Visit {
    fn default() -> Self {
        let (addresses, wishlist) = (DATA.0["addresses"].clone(), DATA.0["wishlist"].clone());
        Self { cart: Vec::new(), addresses, wishlist, orders: 0, failures: 0 }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    /// What it takes beside the network.
    pub(super) after: Duration,
}

fn ok(body: Value) -> Answer {
    with(StatusCode::OK, body)
}

fn with(status: StatusCode, body: Value) -> Answer {
    Answer { status, body, after: Duration::ZERO }
}

/// Answers a request to `/api` and this path.
pub(super) fn answer(visit: &mut Visit, method: &Method, path: &str, query: &str, body: &Value) -> Answer {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        (_, ["products"]) => ok(DATA.0["products"].clone()),
        (_, ["products", slug]) => DATA.product(slug).map_or_else(|| not_found("not_found"), |one| ok(one.clone())),
        (_, ["search"]) => search(query),
        ("GET", ["cart"]) => ok(visit.view()),
        ("POST", ["cart", "items"]) => visit.add(body),
        (method, ["cart", "items", slug]) => visit.change(method, slug, body),
        (_, ["coupons", code]) => {
            let coupon = &DATA.0["coupons"][code.to_ascii_uppercase()];
            if coupon.is_null() { not_found("no_such_coupon") } else { ok(coupon.clone()) }
        }
        (_, ["payments", "tokens"]) => with(StatusCode::CREATED, json!({ "token": "tok_demo_4242" })),
        ("POST", ["checkout"]) => visit.check_out(body),
        (_, ["account", "orders"]) => ok(DATA.0["orders"].clone()),
        (_, ["account", "addresses"]) => ok(visit.addresses.clone()),
        ("PATCH", ["account", "addresses", id]) => visit.rename(id, body),
        ("GET", ["account", "wishlist"]) => {
            let wished = visit.wishlist.as_array().into_iter().flatten().filter_map(Value::as_str);
            ok(wished.filter_map(|slug| DATA.product(slug).cloned()).collect())
        }
        ("PUT", ["account", "wishlist"]) => {
            let order = body["order"].as_array().into_iter().flatten();
            let known = order.filter(|slug| slug.as_str().is_some_and(|slug| DATA.product(slug).is_some()));
            visit.wishlist = known.take(WISHLIST_MAX).cloned().collect();
            ok(json!({ "order": visit.wishlist }))
        }
        (_, ["account", "settings"]) => ok(json!({ "saved": true })),
        (_, ["reviews"]) => with(StatusCode::CREATED, json!({ "accepted": true })),
        (_, ["newsletter"]) => with(StatusCode::ACCEPTED, json!({ "accepted": true })),
        (_, ["delivery"]) => ok(json!({ "postcode": parameter(query, "postcode"), "days": 2, "price": 4.5 })),
        (_, ["events"]) => with(StatusCode::NO_CONTENT, Value::Null),
        _ => not_found("not_found"),
    }
}

fn not_found(error: &str) -> Answer {
    with(StatusCode::NOT_FOUND, json!({ "error": error }))
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let address = reqwest::Url::parse(&format!("http://shop.test/?{query}")).ok()?;
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn search(query: &str) -> Answer {
    let wanted = parameter(query, "q").unwrap_or_default().to_lowercase();
    let wanted = wanted.trim();
    let max = parameter(query, "max").and_then(|max| max.parse().ok()).unwrap_or(f64::INFINITY);
    let text = |product: &Value, key: &str| product[key].as_str().unwrap_or_default().to_lowercase();
    let is_found = |product: &&Value| {
        let all = ["name", "material", "room"].map(|key| text(product, key)).join(" ");
        product["price"].as_f64().is_some_and(|price| price <= max) && all.contains(wanted)
    };
    let found: Vec<&Value> = DATA.products().iter().filter(is_found).collect();
    let is_slow = !wanted.is_empty() && DATA.products().iter().any(|product| text(product, "material") == wanted);
    let answer = ok(json!({ "query": wanted, "total": found.len(), "results": found }));
    Answer { after: if is_slow { SLOW_SEARCH } else { Duration::ZERO }, ..answer }
}

impl Visit {
    /// The cart as the pages show it.
    fn view(&self) -> Value {
        let mut items = Vec::new();
        let (mut count, mut subtotal) = (0, 0.0);
        for (slug, quantity) in &self.cart {
            let Some(product) = DATA.product(slug) else { continue };
            let sum = product["price"].as_f64().unwrap_or_default() * *quantity as f64;
            (count, subtotal) = (count + quantity, subtotal + sum);
            items.push(json!({
                "slug": slug, "name": product["name"], "image": product["image"], "price": product["price"],
                "quantity": quantity, "sum": sum, "room": product["room"],
            }));
        }
        json!({ "items": items, "count": count, "subtotal": subtotal })
    }

    fn add(&mut self, body: &Value) -> Answer {
        let slug = body["slug"].as_str().unwrap_or_default();
        if DATA.product(slug).is_none() {
            return with(StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": "unknown_product" }));
        }
        let quantity = body["quantity"].as_i64().unwrap_or(1).clamp(1, QUANTITY_MAX);
        match self.cart.iter_mut().find(|(known, _)| known == slug) {
            Some((_, had)) => *had = (*had + quantity).min(QUANTITY_MAX),
            None => self.cart.push((slug.to_owned(), quantity)),
        }
        with(StatusCode::CREATED, self.view())
    }

    fn change(&mut self, method: &str, slug: &str, body: &Value) -> Answer {
        let Some(at) = self.cart.iter().position(|(known, _)| known == slug) else {
            let message = format!("No item {slug} in this cart");
            return with(StatusCode::NOT_FOUND, json!({ "error": "item_not_in_cart", "message": message }));
        };
        match method {
            "DELETE" => drop(self.cart.remove(at)),
            "PATCH" => self.cart[at].1 = body["quantity"].as_i64().unwrap_or(1).clamp(1, QUANTITY_MAX),
            _ => {}
        }
        ok(self.view())
    }

    fn check_out(&mut self, body: &Value) -> Answer {
        let answer = if body["delivery"] == "saturday" {
            // Planted: no rate exists for Saturday delivery.
            self.failures += 1;
            let (message, id) = ("No rate for zone 'GB-SAT'", format!("req-{:06}", self.failures));
            let body = json!({ "error": "shipping_quote_failed", "message": message, "request_id": id });
            with(StatusCode::INTERNAL_SERVER_ERROR, body)
        } else {
            let total = self.view()["subtotal"].take();
            self.cart.clear();
            self.orders += 1;
            let id = format!("KP-{}", 20_459 + self.orders);
            with(StatusCode::CREATED, json!({ "id": id, "total": total, "email": body["email"] }))
        };
        Answer { after: CHECKOUT, ..answer }
    }

    fn rename(&mut self, id: &str, body: &Value) -> Answer {
        let own = self.addresses.as_array_mut().into_iter().flatten().find(|address| address["id"] == id);
        let Some(address) = own else { return ok(Value::Null) };
        if let Some(label) = body["label"].as_str() {
            address["label"] = json!(label.chars().take(80).collect::<String>());
        }
        ok(address.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(visit: &mut Visit, method: &str, path: &str, body: Value) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let answer = answer(visit, &method, path, query, &body);
        (answer.status.as_u16(), answer.body)
    }

    #[test]
    fn a_visit_can_fill_and_pay_a_cart() {
        let mut visit = Visit::default();
        let visit = &mut visit;
        assert_eq!(ask(visit, "GET", "/products", Value::Null).1.as_array().map(Vec::len), Some(12));
        let kettle = json!({ "slug": "enamel-kettle", "quantity": 2 });
        let (status, cart) = ask(visit, "POST", "/cart/items", kettle);
        assert_eq!((status, &cart["count"], &cart["subtotal"]), (201, &json!(2), &json!(76.0)));
        assert_eq!(ask(visit, "PATCH", "/cart/items/enamel-kettle", json!({ "quantity": 3 })).1["count"], 3);
        assert_eq!(ask(visit, "PATCH", "/cart/items/wool-throw", json!({})).0, 404);
        assert_eq!(ask(visit, "GET", "/coupons/spring25", Value::Null).1["rules"], Value::Null, "planted");
        assert_eq!(ask(visit, "POST", "/checkout", json!({ "delivery": "saturday" })).0, 500, "planted");
        let (status, order) = ask(visit, "POST", "/checkout", json!({ "delivery": "express" }));
        assert_eq!((status, &order["id"]), (201, &json!("KP-20460")));
        assert_eq!(ask(visit, "GET", "/cart", Value::Null).1["count"], 0);
    }

    #[test]
    fn searches_find_and_some_are_slow() {
        for (query, total, is_slow) in [("q=kettle", 1, false), ("q=linen", 1, true), ("q=&max=20", 1, false)] {
            let answer = search(query);
            assert_eq!(
                (answer.body["total"].as_u64(), answer.after > Duration::ZERO),
                (Some(total), is_slow),
                "{query}"
            );
        }
    }

    #[test]
    fn nonsense_is_answered() {
        let mut visit = Visit::default();
        for (method, path, status) in [
            ("GET", "/none", 404),
            ("POST", "/cart/items", 422),
            ("PUT", "/account/wishlist", 200),
            ("PATCH", "/account/addresses/none", 200),
            ("GET", "/search?q=%zz", 200),
            ("GET", "", 404),
        ] {
            assert_eq!(ask(&mut visit, method, path, json!({ "order": 7 })).0, status, "{path}");
        }
    }
}
