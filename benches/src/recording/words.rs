//! Texts: words, class names, addresses and numbers as applications have them.

use crate::Rng;

/// Where the recorded application lives.
pub(super) const ORIGIN: &str = "https://app.example.com";

const WORDS: &[&str] = &[
    "order", "shipment", "invoice", "customer", "overdue", "kettle", "walnut", "linen", "delivery", "window", "garden",
    "report", "quarter", "margin", "supplier", "draft", "approved", "pending", "northern", "harbour", "ceramic",
    "lamp", "shelf", "basket", "refund", "partial", "weekly", "summary", "account", "balance", "notes", "the", "and",
    "with", "for", "from", "under", "after", "before", "without", "small", "large", "blue", "green", "copper", "oak",
    "Zürich", "café", "naïve", "東京", "two", "seven", "twelve", "new",
];

const CLASSES: &[&str] = &[
    "flex",
    "grid",
    "items-center",
    "justify-between",
    "gap-2",
    "gap-4",
    "px-4",
    "py-2",
    "mt-1",
    "mb-3",
    "rounded-md",
    "border",
    "border-gray-200",
    "bg-white",
    "shadow-sm",
    "text-sm",
    "text-gray-700",
    "font-medium",
    "truncate",
    "hover:bg-gray-50",
    "focus:ring-2",
    "transition-colors",
    "w-full",
    "min-w-0",
    "relative",
    "overflow-hidden",
];

/// A few words.
pub(super) fn words(rng: &mut Rng, count: std::ops::Range<u64>) -> String {
    let count = rng.within(count);
    let words: Vec<&str> = (0..count).map(|_| rng.pick(WORDS)).collect();
    words.join(" ")
}

/// A name with a capital.
pub(super) fn title(rng: &mut Rng) -> String {
    let text = words(rng, 2..5);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The class attribute of a part: a module's name with its hash, then utilities.
pub(super) fn class(rng: &mut Rng, part: &str) -> String {
    let mut class = format!("{part}_{}", hash(rng, 5));
    for _ in 0..rng.within(0..7) {
        class.push(' ');
        class.push_str(rng.pick(CLASSES));
    }
    class
}

/// Letters and digits as build tools make them.
pub(super) fn hash(rng: &mut Rng, len: usize) -> String {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..len).map(|_| char::from(DIGITS[rng.index(DIGITS.len())])).collect()
}

/// A price as it is shown.
pub(super) fn price(rng: &mut Rng) -> String {
    format!("£{}.{:02}", rng.within(3..900), rng.within(0..100))
}

/// The path of an icon.
pub(super) fn icon_path(rng: &mut Rng) -> String {
    let mut path = format!("M{} {}", rng.within(0..24), rng.within(0..24));
    for _ in 0..rng.within(4..14) {
        let (a, b, c) = (rng.within(0..240), rng.within(0..240), rng.within(0..240));
        path.push_str(&format!("c{}.{} {}.{}-{}.{}", a / 10, a % 10, b / 10, b % 10, c / 10, c % 10));
    }
    path.push('Z');
    path
}

/// A rule of a style sheet.
pub(super) fn css_rule(rng: &mut Rng) -> String {
    format!(
        ".css-{} {{ display: flex; padding: {}px {}px; color: rgb({}, {}, {}); border-radius: {}px; \
         font: {}px / 1.5 \"Inter\", system-ui, sans-serif; transition: background-color 0.2s ease-in-out; }}",
        hash(rng, 6),
        rng.within(0..24),
        rng.within(0..24),
        rng.within(0..256),
        rng.within(0..256),
        rng.within(0..256),
        rng.within(0..9),
        rng.within(11..20),
    )
}

/// The body of an answer of the application's server.
pub(super) fn json_body(rng: &mut Rng, rows: u64) -> String {
    let row = |rng: &mut Rng| {
        format!(
            "{{\"id\":{},\"title\":\"{}\",\"price\":{{\"amount\":{},\"currency\":\"GBP\"}},\"tags\":[\"{}\",\"{}\"],\
             \"updatedAt\":\"2026-11-{:02}T{:02}:{:02}:00Z\",\"stock\":{}}}",
            rng.within(1000..99_999),
            title(rng),
            rng.within(100..90_000),
            words(rng, 1..2),
            words(rng, 1..2),
            rng.within(1..29),
            rng.within(0..24),
            rng.within(0..60),
            rng.within(0..400),
        )
    };
    let rows: Vec<String> = (0..rows).map(|_| row(rng)).collect();
    format!("{{\"items\":[{}],\"next\":\"{}\"}}", rows.join(","), hash(rng, 20))
}
