//! Web vitals, as the web-vitals library and its wrappers write them: metrics in custom events and plugin events.

use playhead_json::{Cursor, Members};

use super::event::{Custom, Dialect, Plugin, member, text_member};
use super::fact::{Fact, Measurement};
use crate::defects::Defects;

pub(super) struct WebVitals;

impl Dialect for WebVitals {
    fn custom(&self, event: &Custom<'_>) -> Option<Vec<Fact>> {
        facts(&event.tag, event.payload)
    }

    fn plugin(&self, event: &Plugin<'_>, _: &mut Defects) -> Option<Vec<Fact>> {
        facts(&event.name, event.payload)
    }
}

/// Metrics of one event that are read.
const METRICS_MAX: usize = 12;
/// A measurement that is higher is wrong: milliseconds, almost three hours.
const VALUE_MAX: f64 = 1e7;

/// The fact that vitals were measured; `None` when the name is that of something else, or the payload holds none.
fn facts(name: &str, payload: &[u8]) -> Option<Vec<Fact>> {
    let lower = name.to_ascii_lowercase();
    if !lower.contains("vital") && short_name(&lower).is_none() {
        return None;
    }
    let found = read(name, payload);
    (!found.is_empty()).then(|| vec![Fact::Vitals(found)])
}

/// The vitals in a payload: a metric `{name, value, rating?}`, a list of them, one under a key such as
/// `metric`, or values by name.
pub(super) fn read(tag: &str, payload: &[u8]) -> Vec<Measurement> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(payload);
    match cursor.peek() {
        b'"' => {
            // SDKs write payloads as JSON in a string.
            if let Ok(text) = cursor.string()
                && text.text().trim_start().starts_with(['{', '['])
            {
                return read(tag, text.text().trim_start().replace("\\\"", "\"").as_bytes());
            }
        }
        b'[' if cursor.array().is_ok() => {
            while found.len() < METRICS_MAX && matches!(cursor.item(), Ok(true)) {
                let Ok(item) = cursor.skip() else { break };
                if item.starts_with(b"{") {
                    found.extend(metric(tag, item));
                }
            }
        }
        b'{' => found.extend(metrics(tag, payload)),
        _ => {}
    }
    found
}

fn metrics(tag: &str, object: &[u8]) -> Vec<Measurement> {
    if let Some(one) = metric(tag, object) {
        return vec![one];
    }
    let mut found = Vec::new();
    for (key, value) in Members::of(Cursor::new(object)) {
        let name = std::str::from_utf8(key).unwrap_or_default();
        match value.first() {
            Some(b'{') => found.extend(metric(name, value)),
            Some(b'[') => found.extend(read(name, value)),
            _ => {
                let value = Cursor::new(value).number().ok().flatten();
                found.extend(short_name(name).zip(value).and_then(|(name, value)| measurement(name, value)));
            }
        }
    }
    found.truncate(METRICS_MAX);
    found
}

/// One metric. Its name may be the tag.
fn metric(tag: &str, object: &[u8]) -> Option<Measurement> {
    let name = ["name", "metric", "metricName", "label"].iter().find_map(|key| text_member(object, key));
    let name = name.as_deref().and_then(short_name).or_else(|| short_name(tag))?;
    let value = Cursor::new(member(object, "value")?).number().ok()?;
    measurement(name, value?)
}

/// A vital by one of the names that it goes by.
pub(super) fn short_name(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &[&str]); 6] = [
        ("LCP", &["lcp", "largest-contentful-paint", "largestcontentfulpaint"]),
        ("INP", &["inp", "interaction-to-next-paint", "interactiontonextpaint"]),
        ("CLS", &["cls", "cumulative-layout-shift", "cumulativelayoutshift"]),
        ("FCP", &["fcp", "first-contentful-paint", "firstcontentfulpaint"]),
        ("TTFB", &["ttfb", "time-to-first-byte", "timetofirstbyte"]),
        ("FID", &["fid", "first-input-delay", "firstinputdelay"]),
    ];
    NAMES.iter().find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name))).map(|(short, _)| *short)
}

/// A value that a browser can have measured; `None` for others.
fn measurement(name: &'static str, value: f64) -> Option<Measurement> {
    (0.0..VALUE_MAX).contains(&value).then_some(Measurement { name, value })
}
