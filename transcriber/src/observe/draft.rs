//! Drafts of moments: in the order in which they are found, linked by index, without ids or text yet.

use std::rc::Rc;

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{
    Change, Confidence, Doubt, Edge, Entry, Evidence, InnerError, Level, MomentKind, NavigationKind, Request, Shown,
    Signal, Target, Vital,
};

use super::target::Described;
use crate::dialects::{Named, RecorderNote, Way};
use crate::network::Asked;
use crate::recorded::Belongs;

/// The place of a draft in the list that it was pushed to.
pub(crate) type DraftIndex = usize;

/// A moment without its id.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// Epoch milliseconds.
    pub(crate) at: f64,
    /// Epoch milliseconds, never before `at`.
    pub(crate) end: f64,
    pub(crate) window: WindowNo,
    pub(crate) kind: MomentKind,
    pub(crate) count: u32,
    pub(crate) target: Option<Target>,
    /// The rrweb id of the target; 0 for none.
    pub(crate) node: u32,
    /// The rrweb id of what was hit, which may be inside of the target; 0 for none.
    pub(crate) hit: u32,
    /// The action that it belongs to, when its recorder can tell.
    pub(crate) belongs: Option<Belongs>,
    pub(crate) value: Option<String>,
    pub(crate) masked: bool,
    pub(crate) url: Option<Rc<str>>,
    pub(crate) signals: Vec<Signal>,
    /// The draft that led to it, as a person would say it: one of `edges`.
    pub(crate) cause: Option<DraftIndex>,
    /// What led to it, the surest first.
    pub(crate) edges: Vec<CauseEdge>,
    /// How a value came into a field.
    pub(crate) entry: Option<Entry>,
    /// The first draft with the same hidden value.
    pub(crate) same_as: Option<DraftIndex>,
    pub(crate) vital: Option<Vital>,
    pub(crate) doubts: Vec<Doubt>,
    /// What began a request: a script and line, or a kind.
    pub(crate) initiator: Option<String>,
    /// The rrweb id of the form that the target is in; 0 for none.
    pub(crate) form: u32,
    pub(crate) outcome: Option<DraftOutcome>,
    pub(crate) request: Option<Request>,
    /// The same request sent again, which was answered.
    pub(crate) retried_as: Option<DraftIndex>,
    pub(crate) level: Option<Level>,
    pub(crate) message: Option<String>,
    pub(crate) stack: Option<String>,
    pub(crate) inner_errors: Vec<InnerError>,
    /// Of an error: the components that it happened in.
    pub(crate) components: Vec<String>,
    /// Of a page: the release of the application.
    pub(crate) release: Option<String>,
    /// Of a page: who led there, as its recorder says.
    pub(crate) reached: Option<Way>,
    /// Of a page that was loaded: when its recorder began, epoch milliseconds.
    pub(crate) recorded_from: Option<f64>,
    /// How the user came to a page other than through it.
    pub(crate) navigation: Option<NavigationKind>,
    /// Of a page: what it showed once it was there.
    pub(crate) shows: Vec<Shown>,
    /// Of a request for a document: what its headers tell of who asked.
    pub(crate) asked: Option<Box<Asked>>,
    /// The address that its target leads to.
    pub(crate) href: Option<Box<str>>,
    /// What it was done to answers outside the page (a download, a new tab), so that no change is expected.
    pub(crate) expects_no_change: bool,
    /// What the kind alone doesn't say, such as where a drag went.
    pub(crate) note: Option<Note>,
}

impl Draft {
    pub(crate) fn new(kind: MomentKind, at: f64, window: WindowNo) -> Self {
        Self {
            at,
            end: at,
            window,
            kind,
            count: 1,
            target: None,
            node: 0,
            hit: 0,
            belongs: None,
            value: None,
            masked: false,
            url: None,
            signals: Vec::new(),
            cause: None,
            edges: Vec::new(),
            entry: None,
            same_as: None,
            vital: None,
            doubts: Vec::new(),
            initiator: None,
            form: 0,
            outcome: None,
            request: None,
            retried_as: None,
            level: None,
            message: None,
            stack: None,
            inner_errors: Vec::new(),
            components: Vec::new(),
            release: None,
            reached: None,
            recorded_from: None,
            navigation: None,
            shows: Vec::new(),
            asked: None,
            href: None,
            expects_no_change: false,
            note: None,
        }
    }

    /// Points it at what was described.
    pub(crate) fn aim(&mut self, what: Option<Described>) {
        let Some(what) = what else { return };
        self.node = what.id;
        self.masked |= what.masked;
        self.expects_no_change = what.expects_no_change;
        self.href = what.href;
        self.form = what.form;
        if what.blocked {
            self.doubt(Doubt::Blocked);
        }
        self.target = Some(what.target);
    }

    /// Calls its target what the browser calls it: that wins over what the document tells.
    pub(crate) fn call(&mut self, named: &Named) {
        let Some(target) = self.target.as_mut().filter(|_| !self.masked) else { return };
        target.name = named.name.clone().or(target.name.take());
        if let Some(role) = &named.role {
            target.role.clone_from(role);
        }
    }

    pub(crate) fn signal(&mut self, signal: Signal) {
        if !self.signals.contains(&signal) {
            self.signals.push(signal);
        }
    }

    pub(crate) fn doubt(&mut self, doubt: Doubt) {
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }
}

/// What the kind of a draft alone doesn't say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Note {
    /// The same address was loaded once more.
    Reloaded,
    /// The link opens a window of its own.
    OpensNewTab,
    /// Enter was pressed in the field at the end.
    PressedEnter,
    /// The field was emptied at the end.
    Cleared,
    /// The page emptied the field at the end, for a reason that isn't seen.
    EmptiedByPage,
    /// The page took what was entered, shows it, and emptied the field.
    Sent,
    /// The value of a list before another one was chosen.
    Was(String),
    /// It was clicked by a key: Enter or the space bar.
    ByKeyboard,
    /// Something was dragged onto an element with a name.
    DraggedOnto { role: String, name: String },
    /// Something was dragged so far, CSS pixels.
    DraggedBy { x: f64, y: f64 },
    /// Where a scrolled element is now, CSS pixels from its left edge or from its top.
    ScrolledTo { axis: Axis, px: f64 },
    /// What was done to a player, and at which second of what it plays.
    Media { action: &'static str, seconds: Option<f64> },
    /// The name of a custom event.
    Event(String),
    /// The place in a script that a console line or an error comes from.
    Place(String),
    /// What Playhead's recorder saw.
    Recorder(RecorderNote),
}

/// The direction in which something was scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    X,
    Y,
}

/// An edge from the draft that led to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CauseEdge {
    pub(crate) from: DraftIndex,
    pub(crate) edge: Edge,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) confidence: Confidence,
}

/// The changes of the page that are told of an action, the most informative first.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangeList {
    pub(crate) reported: Vec<TimedChange>,
    /// How many more there were.
    pub(crate) omitted: u32,
}

/// A change of the page.
#[derive(Clone, Debug)]
pub(crate) struct TimedChange {
    pub(crate) change: Change,
    /// When it came, epoch milliseconds.
    pub(crate) at: f64,
    /// What led to it, when it has another cause than the action itself.
    pub(crate) edge: Option<CauseEdge>,
}

/// What followed from a draft.
#[derive(Clone, Debug, Default)]
pub(crate) struct DraftOutcome {
    pub(crate) requests: Vec<DraftIndex>,
    pub(crate) errors: Vec<DraftIndex>,
    /// What changed on the page.
    pub(crate) changes: ChangeList,
    pub(crate) navigation: Option<DraftIndex>,
    /// The first change of the page that belongs to it, epoch milliseconds.
    pub(crate) first_change: Option<f64>,
    /// Until when the page was watched for it, epoch milliseconds.
    pub(crate) watched_until: f64,
    /// Scrolling, focus, selection or media answered it.
    pub(crate) answered_otherwise: bool,
    /// Nothing answered it but that another page was loaded.
    pub(crate) answered_by_load: bool,
}
