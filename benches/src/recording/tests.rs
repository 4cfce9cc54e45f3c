#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use playhead_schemas::{MomentKind, SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, transcribe};
use serde_json::Value;

use super::*;

fn small(seed: u64) -> Size {
    Size { bytes: 1_000_000, nodes: 600, seed }
}

#[test]
fn the_same_size_and_seed_give_the_same_bytes() {
    let first = generate(&small(3));
    assert_eq!(first, generate(&small(3)));
    assert_ne!(first, generate(&small(4)));
    assert!((1_000_000..1_200_000).contains(&first.len()), "{}", first.len());
}

#[test]
fn the_first_snapshot_has_about_as_many_nodes_as_were_asked_for() {
    let events: Vec<Value> = serde_json::from_slice(&generate(&Size::of_bytes(1))).unwrap();
    let nodes = serde_json::to_string(&events[1]).unwrap().matches("\"id\":").count();
    assert!((3000..3050).contains(&nodes), "{nodes}");
}

#[test]
fn a_generated_recording_transcribes_without_defects() {
    let bytes = generate(&small(1));
    let events: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
    let segment = SegmentInput { n: SegmentNo(0), stream: Stream::Rrweb, window: None, bytes: &bytes };
    let timeline = transcribe(&[segment], &Options::default()).timeline;
    assert_eq!(timeline.defects, []);
    assert_eq!(timeline.coverage.events, events.len() as u64);
    assert_eq!(timeline.coverage.events_skipped, 0);
    for kind in [MomentKind::Click, MomentKind::Input, MomentKind::Scroll, MomentKind::Request, MomentKind::Console] {
        assert!(timeline.moments.iter().any(|moment| moment.kind == kind), "{kind:?}");
    }
}

/// Every node, by its id: its parent.
#[derive(Default)]
struct Mirror(HashMap<u64, u64>);

impl Mirror {
    fn add(&mut self, node: &Value, parent: u64) {
        let id = node["id"].as_u64().unwrap();
        assert!(self.0.insert(id, parent).is_none(), "node {id} is there twice");
        for child in node["childNodes"].as_array().into_iter().flatten() {
            self.add(child, id);
        }
    }

    fn remove(&mut self, id: u64) {
        self.0.remove(&id).unwrap();
        let children: Vec<u64> = self.0.iter().filter(|(_, parent)| **parent == id).map(|(id, _)| *id).collect();
        children.into_iter().for_each(|child| self.remove(child));
    }

    fn mutate(&mut self, data: &Value) {
        let list = |name: &str| data[name].as_array().unwrap();
        for change in list("texts").iter().chain(list("attributes")) {
            assert!(self.0.contains_key(&change["id"].as_u64().unwrap()));
        }
        for remove in list("removes") {
            let id = remove["id"].as_u64().unwrap();
            assert_eq!(self.0.get(&id).copied(), remove["parentId"].as_u64(), "node {id}");
            self.remove(id);
        }
        for add in list("adds") {
            let parent = add["parentId"].as_u64().unwrap();
            assert!(self.0.contains_key(&parent));
            if let Some(next) = add["nextId"].as_u64() {
                assert_eq!(self.0.get(&next), Some(&parent));
            }
            self.add(&add["node"], parent);
        }
    }
}

#[test]
fn every_event_names_nodes_that_are_there_and_time_goes_forward() {
    let events: Vec<Value> = serde_json::from_slice(&generate(&small(2))).unwrap();
    let (mut mirror, mut now) = (Mirror::default(), 0);
    for event in &events {
        let (data, at) = (&event["data"], event["timestamp"].as_i64().unwrap());
        assert!(at >= now);
        now = at;
        match (event["type"].as_u64(), data["source"].as_u64()) {
            (Some(2), _) => mirror.add(&data["node"], 0),
            (Some(3), Some(0)) => mirror.mutate(data),
            (Some(3), Some(1)) => {
                let positions = data["positions"].as_array().unwrap();
                assert!(positions.iter().all(|p| mirror.0.contains_key(&p["id"].as_u64().unwrap())));
            }
            (Some(3), Some(_)) => assert!(mirror.0.contains_key(&data["id"].as_u64().unwrap()), "{event}"),
            (Some(4..=6), _) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(mirror.0.len() > 200);
}
