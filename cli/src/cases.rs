//! The recorded cases of `testdata`, in the binary, and how an SDK would upload them.

use std::collections::BTreeMap;

use anyhow::Context;
use playhead_json::{Cursor, Items, Members};
use playhead_schemas::{Stream, limits};
use serde_json::Value;

use crate::recording::unpack;

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// How much time one uploaded segment covers, in milliseconds: what SDKs send at once.
const SEGMENT_MS: i64 = 10_000;

/// A recorded session of the demo shop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// The name of its folder.
    pub(crate) name: &'static str,
    /// rrweb events.
    events: &'static [u8],
    /// The body of its bug report, without pictures.
    context: &'static [u8],
    /// Console entries.
    console: Option<&'static [u8]>,
    /// HAR.
    network: Option<&'static [u8]>,
    /// A PNG of the page.
    pub(crate) screenshot: Option<&'static [u8]>,
}

/// One segment: for some streams, a JSON array of records.
pub(crate) type Segment = BTreeMap<Stream, Vec<u8>>;

impl Case {
    /// What the user reported: title, description, page and the rest of a bug's body.
    pub(crate) fn context(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(self.context).with_context(|| format!("case {}: context.json", self.name))
    }

    /// The recording as an SDK sends it during the session: a segment for each few seconds, with what each stream had in
    /// that time.
    pub(crate) fn segments(&self) -> anyhow::Result<Vec<Segment>> {
        let mut by_time: BTreeMap<i64, Segment> = BTreeMap::new();
        let streams =
            [(Stream::Rrweb, Some(self.events)), (Stream::Console, self.console), (Stream::Network, self.network)];
        for (stream, packed) in streams {
            let Some(packed) = packed else { continue };
            let json = unpack(packed.to_vec(), limits::REPLAY_BYTES_MAX)
                .with_context(|| format!("case {}: {stream}", self.name))?;
            for (slot, record) in records(stream, &json) {
                let array = by_time.entry(slot).or_default().entry(stream).or_insert_with(|| vec![b'[']);
                if array.len() > 1 {
                    array.push(b',');
                }
                array.extend_from_slice(record);
            }
        }
        for array in by_time.values_mut().flat_map(BTreeMap::values_mut) {
            array.push(b']');
        }
        Ok(by_time.into_values().collect())
    }
}

/// The records of a stream, each with the number of its time slot. A record without a time belongs to the slot of the one before it.
fn records(stream: Stream, json: &[u8]) -> Vec<(i64, &[u8])> {
    let member = |object, key| Members::of(Cursor::new(object)).find(key);
    let list = match stream {
        Stream::Network => member(json, "log").and_then(|log| member(log, "entries")),
        Stream::Rrweb | Stream::Console => Some(json),
    };
    let mut slot = 0;
    list.and_then(|list| Items::of(Cursor::new(list)))
        .into_iter()
        .flatten()
        .map(|record| {
            if let Some(ms) = time_ms(stream, record) {
                slot = ms.div_euclid(SEGMENT_MS);
            }
            (slot, record)
        })
        .collect()
}

fn time_ms(stream: Stream, record: &[u8]) -> Option<i64> {
    let text = |name| Members::of(Cursor::new(record)).find(name).and_then(|text| std::str::from_utf8(text).ok());
    match stream {
        Stream::Rrweb | Stream::Console => text("timestamp")?.parse::<f64>().ok().map(|ms| ms as i64),
        Stream::Network => {
            let started = text("startedDateTime")?.trim_matches('"');
            let format = &time::format_description::well_known::Rfc3339;
            let time = time::OffsetDateTime::parse(started, format).ok()?;
            i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_case_is_cut_by_time_and_nothing_is_lost() {
        assert!(CASES.len() >= 8, "{} cases", CASES.len());
        for case in CASES {
            assert!(case.context().unwrap()["title"].is_string(), "{}", case.name);
            let segments = case.segments().unwrap();
            assert!(segments.len() > 1, "{}", case.name);
            let count = |stream: Stream| -> usize {
                let arrays = segments.iter().filter_map(|segment| segment.get(&stream));
                arrays.map(|json| serde_json::from_slice::<Vec<Value>>(json).unwrap().len()).sum()
            };
            let whole = unpack(case.events.to_vec(), limits::REPLAY_BYTES_MAX).unwrap();
            assert_eq!(count(Stream::Rrweb), serde_json::from_slice::<Vec<Value>>(&whole).unwrap().len());
            assert_eq!(count(Stream::Network) > 0, case.network.is_some(), "{}", case.name);
            assert_eq!(count(Stream::Console) > 0, case.console.is_some(), "{}", case.name);
        }
    }

    #[test]
    fn a_record_goes_into_the_slot_of_its_time() {
        let har = br#"{"log":{"entries":[{"startedDateTime":"1970-01-01T00:00:25.000Z"},{"x":1}]}}"#;
        let slots: Vec<i64> = records(Stream::Network, har).iter().map(|(slot, _)| *slot).collect();
        assert_eq!(slots, [2, 2]);
        let events = br#"[{"timestamp":9999},{"type":3,"timestamp":10000.5}]"#;
        let slots: Vec<i64> = records(Stream::Rrweb, events).iter().map(|(slot, _)| *slot).collect();
        assert_eq!(slots, [0, 1]);
    }
}
