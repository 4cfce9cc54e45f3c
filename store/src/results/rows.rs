//! A generation as rows.

use std::sync::Arc;

use playhead_schemas::timeline::Level;
use playhead_schemas::{Moment, MomentKind, ProjectId};
use ulid::Ulid;

use super::TimelineBlock;
use crate::Result;
use crate::engine::{Session, Value, values};
use crate::transcripts::Transcript;

/// What is written of one generation.
pub(crate) struct Publication {
    pub(super) block: Arc<TimelineBlock>,
    pub(super) timeline: Vec<Value>,
    pub(super) columns: Columns,
}

/// Rows of the tables for questions across replays, of one generation or several.
#[derive(Default)]
pub(super) struct Columns {
    transcripts: Vec<Vec<Value>>,
    moments: Vec<Vec<Value>>,
    console: Vec<Vec<Value>>,
    network: Vec<Vec<Value>>,
}

impl Publication {
    /// The rows of a transcript and its moments. Compresses: a millisecond or two.
    pub(crate) fn new(transcript: Transcript, project: ProjectId, moments: Vec<Moment>) -> Result<Self> {
        let mut columns = Columns::of_transcript(&transcript, project);
        moments.iter().for_each(|moment| columns.add_moment(transcript.generation, moment));
        let (generation, replay, published_at) = (transcript.generation, transcript.replay, transcript.published_at);
        let block = Arc::new(TimelineBlock::new(transcript, moments)?);
        let timeline = values![generation, replay, published_at, block.encode()?].to_vec();
        Ok(Self { block, timeline, columns })
    }

    /// Which generation it is.
    pub(super) fn generation(&self) -> Ulid {
        self.block.transcript.generation
    }

    /// The block that will be read.
    pub(crate) fn block(&self) -> &Arc<TimelineBlock> {
        &self.block
    }
}

impl Columns {
    /// The rows of a generation whose block is written already.
    pub(super) fn of_block(block: &TimelineBlock, project: ProjectId) -> Result<Self> {
        let mut columns = Self::of_transcript(&block.transcript, project);
        for i in 0..block.lines.len() {
            columns.add_moment(block.transcript.generation, &block.moment(i)?);
        }
        Ok(columns)
    }

    fn of_transcript(t: &Transcript, project: ProjectId) -> Self {
        let failure_title = t.failures.first().map(|failure| failure.title.as_str());
        let row = values![
            t.generation,
            t.replay,
            project,
            t.version,
            t.info.duration_ms,
            t.moments,
            t.failures.len() as u64,
            failure_title,
            t.transcribe_ms
        ];
        Self { transcripts: vec![row.to_vec()], ..Self::default() }
    }

    fn add_moment(&mut self, generation: Ulid, m: &Moment) {
        self.moments.push(values![generation, m.id, m.t_ms, m.kind.as_str()].to_vec());
        if matches!(m.kind, MomentKind::Console | MomentKind::Error) {
            let (uncaught, level) = (m.kind == MomentKind::Error, m.level.map(Level::as_str));
            let row = values![generation, m.id, m.t_ms, uncaught, level, m.message.as_deref(), m.count];
            self.console.push(row.to_vec());
        }
        if let Some(r) = &m.request {
            let (method, url) = (r.method.as_str(), r.url.as_str());
            let row = values![generation, m.id, m.t_ms, method, url, r.status, r.failed, r.duration_ms, r.size_bytes];
            self.network.push(row.to_vec());
        }
    }

    /// Takes in the rows of other generations.
    pub(super) fn extend(&mut self, other: Self) {
        self.transcripts.extend(other.transcripts);
        self.moments.extend(other.moments);
        self.console.extend(other.console);
        self.network.extend(other.network);
    }

    /// How many generations they are of.
    pub(super) fn generations(&self) -> usize {
        self.transcripts.len()
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.transcripts.len() + self.moments.len() + self.console.len() + self.network.len()
    }

    /// Writes them, in the transaction that is open.
    pub(super) fn append(&self, session: &dyn Session) -> Result<()> {
        session.append("transcripts", &self.transcripts)?;
        session.append("moments", &self.moments)?;
        session.append("console_entries", &self.console)?;
        session.append("network_entries", &self.network)
    }
}
