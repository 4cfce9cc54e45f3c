//! What the fuzz targets in `fuzz/` call: the wire formats of other products' SDKs. Only with the feature `fuzzing` and in
//! tests.
//!
//! In: any bytes. Out: nothing, or a panic that says which invariant broke.
#![allow(missing_docs)]

use bytes::Bytes;
use playhead_schemas::EpochMs;

use crate::integrations::Account;
use crate::integrations::posthog;
use crate::integrations::sentry::{self, envelope};

const NOW: EpochMs = EpochMs(1_796_037_614_000);

/// An envelope of Sentry: items are bounded and lie inside of the body.
pub fn envelope(data: &[u8]) {
    let body = Bytes::copy_from_slice(data);
    let read = envelope::Envelope::parse(&body);
    assert!(read.items.len() + read.defects.len() <= envelope::ITEMS_MAX + 1);
    let bytes: usize = read.items.iter().map(|item| item.payload.len()).sum();
    assert!(bytes <= data.len(), "items hold more than the body");
    let _ = (read.dsn_key(), read.trace_key(), read.replay_id(), read.event_id());
    let items = read.items.len();
    let mut account = Account::default();
    let found = sentry::found(read, NOW, &mut account);
    assert!(found.len() <= items, "more was found than there are items");
}

/// A body of PostHog.
pub fn posthog(data: &[u8]) {
    let body = Bytes::copy_from_slice(data);
    let body = posthog::body::of_form(&body).unwrap_or(body);
    let Ok(batch) = posthog::body::events(&body) else { return };
    posthog::found(batch, NOW, &mut Account::default());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    /// Runs a target on bodies that real SDKs sent: whole, cut, and with bytes changed.
    fn run(product: &str, target: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let (mut bodies, mut seed) = (0, 1u32);
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize
        };
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.file_name().unwrap().to_string_lossy().starts_with(product) {
                continue;
            }
            let body = std::fs::read(&path).unwrap();
            (0..body.len()).step_by(37).for_each(|cut| target(&body[..cut]));
            for _ in 0..200 {
                let mut changed = body.clone();
                for _ in 0..4 {
                    let at = random() % changed.len();
                    changed[at] = if random() & 1 == 0 { b"{}[]\",:\n0-"[random() % 10] } else { random() as u8 };
                }
                target(&changed);
            }
            target(&body);
            bodies += 1;
        }
        assert!(bodies >= 3, "only {bodies} bodies of {product}");
    }

    #[test]
    fn envelopes_take_any_bytes() {
        run("sentry", super::envelope);
    }

    #[test]
    fn bodies_of_posthog_take_any_bytes() {
        run("posthog", super::posthog);
    }
}
