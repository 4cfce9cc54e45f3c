//! Recordings written by hand: what happens as calls, each at the time that the tape has reached.

use playhead_schemas::timeline::{DefectCode, Moment, MomentKind, Timeline};
use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, Transcription, render, transcribe};
use serde_json::{Value, json};

use crate::doc::Doc;

/// The epoch time of a tape's first event, milliseconds.
pub(crate) const START: i64 = 1_700_000_000_000;
/// The address of the page that [`Tape::of`] loads.
pub(crate) const PAGE: &str = "http://shop.test/";

/// How the page changed by an action, in words.
pub(crate) fn changes(moment: &Moment) -> Vec<String> {
    let changes = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
    changes.map(|change| render::change_words(&change.change)).collect()
}

/// A recording in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    pub(crate) events: Vec<Value>,
    /// Milliseconds from the start.
    pub(crate) now: i64,
    /// The `windowId` of the events to come.
    pub(crate) window: Option<String>,
    console: Vec<Value>,
    requests: Vec<Value>,
}

impl Tape {
    /// A tape that begins with the load of a document.
    pub(crate) fn of(doc: &Doc) -> Self {
        let mut tape = Self::default();
        tape.load(PAGE, doc);
        tape.wait(2000);
        tape
    }

    pub(crate) fn wait(&mut self, ms: i64) -> &mut Self {
        self.now += ms;
        self
    }

    /// An event of any type.
    pub(crate) fn event(&mut self, kind: i32, data: Value) -> &mut Self {
        let mut event = json!({ "type": kind, "data": data, "timestamp": START + self.now });
        if let Some(window) = &self.window {
            event["windowId"] = json!(window);
        }
        self.events.push(event);
        self
    }

    /// An incremental event.
    pub(crate) fn change(&mut self, source: i32, mut data: Value) -> &mut Self {
        data["source"] = json!(source);
        self.event(3, data)
    }

    pub(crate) fn meta(&mut self, href: &str) -> &mut Self {
        self.event(4, json!({ "href": href, "width": 1280, "height": 800 }))
    }

    pub(crate) fn snapshot(&mut self, doc: &Doc) -> &mut Self {
        self.event(2, json!({ "node": doc.node(), "initialOffset": { "top": 0, "left": 0 } }))
    }

    /// A document is loaded.
    pub(crate) fn load(&mut self, href: &str, doc: &Doc) -> &mut Self {
        self.event(0, json!({})).meta(href).snapshot(doc)
    }

    /// A MouseInteraction: 0 up, 1 down, 2 click, 3 context menu, 4 double click, 5 focus, 6 blur, 7 touch
    /// start, 9 touch end.
    pub(crate) fn mouse(&mut self, kind: i32, id: u32) -> &mut Self {
        self.mouse_at(kind, id, 10.0, 10.0)
    }

    pub(crate) fn mouse_at(&mut self, kind: i32, id: u32, x: f64, y: f64) -> &mut Self {
        self.change(2, json!({ "type": kind, "id": id, "x": x, "y": y, "pointerType": 0 }))
    }

    /// A click as a mouse makes it.
    pub(crate) fn click(&mut self, id: u32) -> &mut Self {
        self.mouse(1, id).wait(60).mouse(0, id).mouse(2, id)
    }

    /// A tap as a finger makes it.
    pub(crate) fn tap(&mut self, id: u32) -> &mut Self {
        self.mouse(7, id).wait(50).mouse(9, id).wait(3);
        self.change(2, json!({ "type": 2, "id": id, "x": 10, "y": 10, "pointerType": 2 }))
    }

    pub(crate) fn focus(&mut self, id: u32) -> &mut Self {
        self.change(2, json!({ "type": 5, "id": id }))
    }

    /// An Input event of a field.
    pub(crate) fn input(&mut self, id: u32, text: &str) -> &mut Self {
        self.change(5, json!({ "id": id, "text": text, "isChecked": false }))
    }

    /// An Input event of a box or radio.
    pub(crate) fn checked(&mut self, id: u32, on: bool) -> &mut Self {
        self.change(5, json!({ "id": id, "text": "on", "isChecked": on }))
    }

    /// Focus and typing, a character each 80 ms.
    pub(crate) fn typed(&mut self, id: u32, text: &str) -> &mut Self {
        self.focus(id).wait(200);
        let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        for end in ends {
            self.input(id, &text[..end]).wait(80);
        }
        self
    }

    pub(crate) fn adds(&mut self, adds: Vec<Value>) -> &mut Self {
        self.mutation(json!({ "adds": adds }))
    }

    /// A mutation; lists that are not given are empty.
    pub(crate) fn mutation(&mut self, given: Value) -> &mut Self {
        let mut data = json!({ "texts": [], "attributes": [], "removes": [], "adds": [] });
        for (name, list) in given.as_object().expect("an object of lists") {
            data[name] = list.clone();
        }
        self.change(0, data)
    }

    pub(crate) fn attributes(&mut self, id: u32, attributes: Value) -> &mut Self {
        self.mutation(json!({ "attributes": [{ "id": id, "attributes": attributes }] }))
    }

    /// A console line of the payload.
    pub(crate) fn console(&mut self, level: &str, message: &str) -> &mut Self {
        let kind = if level == "exception" { "exception" } else { "console" };
        let line = json!({ "timestamp": START + self.now, "level": level, "kind": kind, "message": message });
        self.console.push(line);
        self
    }

    /// A request of the HAR payload that begins now.
    pub(crate) fn request(&mut self, method: &str, url: &str, status: u16, ms: u32) -> &mut Self {
        let at = START + self.now;
        self.requests.push(json!({
            "startedDateTime": at, "time": ms, "_resourceType": "fetch",
            "request": { "method": method, "url": url, "headers": [] },
            "response": { "status": status, "headers": [], "content": { "mimeType": "application/json" } },
        }));
        self
    }

    /// A request of a kind, with the page that it says it was sent from.
    pub(crate) fn fetched(&mut self, resource: &str, url: &str, referer: Option<&str>) -> &mut Self {
        self.request("GET", url, 200, 20);
        let entry = self.requests.last_mut().expect("one was added");
        entry["_resourceType"] = json!(resource);
        if let Some(referer) = referer {
            entry["request"]["headers"] = json!([{ "name": "Referer", "value": referer }]);
        }
        self
    }

    /// A call with JSON bodies.
    pub(crate) fn call(&mut self, method: &str, url: &str, status: u16, sent: &str, received: &str) -> &mut Self {
        self.request(method, url, status, 20);
        let entry = self.last_request();
        entry["request"]["postData"] = json!({ "mimeType": "application/json", "text": sent });
        entry["response"]["content"]["text"] = json!(received);
        self
    }

    /// The last request, to be changed.
    pub(crate) fn last_request(&mut self) -> &mut Value {
        self.requests.last_mut().expect("one was added")
    }

    /// A request that the browser gave up after `ms`, for this reason.
    pub(crate) fn gave_up(&mut self, url: &str, ms: u32, why: &str) -> &mut Self {
        self.request("GET", url, 0, ms);
        let entry = self.requests.last_mut().expect("one was added");
        entry["response"]["_error"] = json!(why);
        self
    }

    /// True when a line of the console or a request holds this text.
    pub(crate) fn holds(&self, text: &str) -> bool {
        json!(self.console).to_string().contains(text) || json!(self.requests).to_string().contains(text)
    }

    /// The events as one JSON array.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(&self.events).expect("values are JSON")
    }

    pub(crate) fn transcription(&self) -> Transcription {
        let events = self.json();
        let console = (!self.console.is_empty()).then(|| json!(self.console).to_string());
        let requests = json!({ "log": { "entries": self.requests } });
        let network = (!self.requests.is_empty()).then(|| requests.to_string());
        let part = |stream, bytes| SegmentInput { n: SegmentNo(0), stream, window: None, bytes };
        let mut segments = vec![part(Stream::Rrweb, events.as_bytes())];
        segments.extend(console.as_ref().map(|text| part(Stream::Console, text.as_bytes())));
        segments.extend(network.as_ref().map(|text| part(Stream::Network, text.as_bytes())));
        transcribe(&segments, &Options::default())
    }

    /// The timeline, after two quiet seconds more, in which outcomes can show.
    pub(crate) fn timeline(&self) -> Timeline {
        let mut tape = self.clone();
        tape.wait(2000).change(1, json!({ "positions": [] }));
        tape.transcription().timeline
    }
}

/// Transcribes payloads of rrweb events, a segment each.
pub(crate) fn rrweb(payloads: &[&[u8]]) -> Transcription {
    rrweb_with(payloads, &Options::default())
}

pub(crate) fn rrweb_with(payloads: &[&[u8]], options: &Options) -> Transcription {
    let segments: Vec<SegmentInput<'_>> = (0..)
        .zip(payloads)
        .map(|(n, bytes)| SegmentInput { n: SegmentNo(n), stream: Stream::Rrweb, window: None, bytes })
        .collect();
    transcribe(&segments, options)
}

/// All texts of a transcription: JSON, summary and detailed transcript.
pub(crate) fn texts(done: &Transcription) -> String {
    let json = serde_json::to_string(&done.timeline).expect("a timeline is JSON");
    [json, done.summary.clone(), render::detailed(&done.timeline)].join("\n")
}

/// How often a defect was met.
pub(crate) fn count(timeline: &Timeline, code: DefectCode) -> u32 {
    timeline.defects.iter().find(|defect| defect.code == code).map_or(0, |defect| defect.count)
}

/// The codes of all defects, in the order in which they were met.
pub(crate) fn codes(timeline: &Timeline) -> Vec<DefectCode> {
    timeline.defects.iter().map(|defect| defect.code).collect()
}

/// The moments of some kinds.
pub(crate) fn of_kinds<'t>(timeline: &'t Timeline, kinds: &[MomentKind]) -> Vec<&'t Moment> {
    timeline.moments.iter().filter(|moment| kinds.contains(&moment.kind)).collect()
}

/// What the user did, a line each: kind, count when it isn't 1, role and name, value.
pub(crate) fn actions(timeline: &Timeline) -> Vec<String> {
    timeline.moments.iter().filter(|moment| moment.kind.is_action()).map(action).collect()
}

pub(crate) fn action(moment: &Moment) -> String {
    let mut out = moment.kind.to_string();
    if moment.count != 1 {
        out.push_str(&format!(" x{}", moment.count));
    }
    match &moment.target {
        Some(target) => {
            let name = target.name.as_deref().or(target.text.as_deref()).unwrap_or_default();
            out.push_str(&format!(" {} {name:?}", target.role));
        }
        None => out.push_str(" ?"),
    }
    if let Some(value) = &moment.value {
        out.push_str(&format!(" = {value:?}"));
    }
    if moment.masked {
        out.push_str(" masked");
    }
    out
}

/// What is done to a page.
pub(crate) type Script = fn(&mut Tape, &mut Doc);

/// A page with this in its body, and what a script did to it.
pub(crate) fn played(body: &str, script: Script) -> Tape {
    let mut doc = Doc::new(body);
    let mut tape = Tape::of(&doc);
    script(&mut tape, &mut doc);
    tape
}

/// The same, recorded until every outcome is known.
pub(crate) fn played_out(body: &str, script: Script) -> Timeline {
    let mut tape = played(body, script);
    tape.wait(9000).change(1, json!({ "positions": [] }));
    tape.timeline()
}
