//! Web vitals, from whatever event tells them: metrics of the web-vitals library in custom and plugin
//! events, Sentry's spans.

use playhead_json::Cursor;
use playhead_schemas::timeline::{Rating, Vital};

use super::session::text_field;
use crate::Options;
use crate::dom::apply::each_field;

/// Metrics of one event that are read.
const METRICS_MAX: usize = 12;

/// True for a tag or plugin by whose name its payload may hold vitals.
pub(crate) fn is_vitals(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    tag.contains("vital") || short_name(&tag).is_some()
}

/// The vitals in a payload: a metric `{name, value, rating?}`, a list of them, one under a key such as
/// `metric`, or values by name.
pub(crate) fn read(tag: &str, payload: &[u8], options: &Options) -> Vec<Vital> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(payload);
    match cursor.peek() {
        b'"' => {
            // SDKs write payloads as JSON in a string.
            if let Ok(text) = cursor.string()
                && text.text().trim_start().starts_with(['{', '['])
            {
                return read(tag, text.text().trim_start().replace("\\\"", "\"").as_bytes(), options);
            }
        }
        b'[' if cursor.array().is_ok() => {
            while found.len() < METRICS_MAX && matches!(cursor.item(), Ok(true)) {
                let Ok(item) = cursor.skip() else { break };
                if item.starts_with(b"{") {
                    found.extend(metric(tag, item, options));
                }
            }
        }
        b'{' => found.extend(metrics(tag, payload, options)),
        _ => {}
    }
    found
}

fn metrics(tag: &str, object: &[u8], options: &Options) -> Vec<Vital> {
    if let Some(one) = metric(tag, object, options) {
        return vec![one];
    }
    let mut found = Vec::new();
    let mut cursor = Cursor::new(object);
    let _ = each_field(&mut cursor, |key, cursor| {
        let name = std::str::from_utf8(key).unwrap_or_default();
        match cursor.peek() {
            b'{' => found.extend(metric(name, cursor.skip()?, options)),
            b'[' => found.extend(read(name, cursor.skip()?, options)),
            _ => {
                let value = cursor.number()?;
                found.extend(short_name(name).zip(value).and_then(|(name, value)| rated(name, value, options)));
            }
        }
        Ok(())
    });
    found.truncate(METRICS_MAX);
    found
}

/// One metric. Its name may be the tag.
fn metric(tag: &str, object: &[u8], options: &Options) -> Option<Vital> {
    let name = ["name", "metric", "metricName", "label"].iter().find_map(|key| text_field(object, key.as_bytes()));
    let name = name.as_deref().and_then(short_name).or_else(|| short_name(tag))?;
    let mut value = None;
    let mut cursor = Cursor::new(object);
    each_field(&mut cursor, |key, cursor| {
        if key == b"value" {
            value = cursor.number()?;
        } else {
            cursor.skip()?;
        }
        Ok(())
    })
    .ok()?;
    rated(name, value?, options)
}

/// A vital by one of the names that it goes by.
pub(crate) fn short_name(name: &str) -> Option<&'static str> {
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

/// A value with the rating that the options give it; nothing for a value that can't be.
pub(crate) fn rated(name: &'static str, value: f64, options: &Options) -> Option<Vital> {
    if !(0.0..1e7).contains(&value) {
        return None;
    }
    let limits = options.vitals.iter().find(|limits| limits.name == name)?;
    let rating = match value {
        v if v <= limits.good => Rating::Good,
        v if v <= limits.poor => Rating::NeedsImprovement,
        _ => Rating::Poor,
    };
    Some(Vital { name: name.to_owned(), value, rating })
}
