//! A generation as rows.

use std::sync::Arc;

use playhead_schemas::timeline::Level;
use playhead_schemas::{Moment, MomentKind, ProjectId};

use super::TimelineBlock;
use crate::Result;
use crate::engine::{Value, values};
use crate::transcripts::Transcript;

/// What is written of one generation.
pub(crate) struct Publication {
    pub(super) block: Arc<TimelineBlock>,
    pub(super) timeline: Vec<Value>,
    pub(super) transcript: Vec<Value>,
    pub(super) moments: Vec<Vec<Value>>,
    pub(super) console: Vec<Vec<Value>>,
    pub(super) network: Vec<Vec<Value>>,
}

impl Publication {
    /// The rows of a transcript and its moments. Compresses: a millisecond or two.
    pub(crate) fn new(transcript: Transcript, project: ProjectId, moments: &[Moment]) -> Result<Self> {
        let generation = transcript.generation;
        let t = &transcript;
        let failure_title = t.failures.first().map(|failure| failure.title.as_str());
        let row = values![
            generation,
            t.replay,
            project,
            t.version,
            t.info.duration_ms,
            t.moments,
            t.failures.len() as u64,
            failure_title,
            t.transcribe_ms
        ]
        .to_vec();
        let (replay, published_at) = (t.replay, t.published_at);
        let block = Arc::new(TimelineBlock::new(transcript, moments)?);
        let timeline = values![generation, replay, published_at, block.encode()?].to_vec();
        let (mut lines, mut console, mut network) = (Vec::with_capacity(moments.len()), Vec::new(), Vec::new());
        for m in moments {
            lines.push(values![generation, m.id, m.t_ms, m.kind.as_str()].to_vec());
            if matches!(m.kind, MomentKind::Console | MomentKind::Error) {
                let (uncaught, level) = (m.kind == MomentKind::Error, m.level.map(Level::as_str));
                console
                    .push(values![generation, m.id, m.t_ms, uncaught, level, m.message.as_deref(), m.count].to_vec());
            }
            if let Some(r) = &m.request {
                let (method, url) = (r.method.as_str(), r.url.as_str());
                let row =
                    values![generation, m.id, m.t_ms, method, url, r.status, r.failed, r.duration_ms, r.size_bytes];
                network.push(row.to_vec());
            }
        }
        Ok(Self { block, timeline, transcript: row, moments: lines, console, network })
    }

    /// The block that will be read.
    pub(crate) fn block(&self) -> &Arc<TimelineBlock> {
        &self.block
    }
}
