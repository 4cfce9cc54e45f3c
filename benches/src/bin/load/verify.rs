//! Looking for what was acknowledged, in the store of a server that no longer runs.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, MomentId, ProjectId, ReplayId, SegmentNo, Stream};
use playhead_store::{MomentQuery, Store, StoreConfig};
use playhead_transcriber::{Options, SegmentInput, transcribe};
use playhead_worker::{Worker, WorkerConfig};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::ledger::{Ledger, UploadState, key};
use crate::server::PROJECT;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Findings {
    /// Acknowledged segments that were looked for, and their streams.
    pub(crate) segments: usize,
    pub(crate) streams: usize,
    /// Acknowledged streams that are not there.
    pub(crate) lost: usize,
    /// Streams whose bytes are not those that were sent.
    pub(crate) altered: usize,
    /// Streams that are there though their acknowledgement never arrived.
    pub(crate) kept_unacknowledged: usize,
    /// Transcripts that were looked at.
    pub(crate) transcripts: usize,
    /// Transcripts with another number of moments than they state, or another one than their replay has.
    pub(crate) half_published: usize,
    /// Closed replays without a transcript. Expected while jobs wait, never after a drain.
    pub(crate) unpublished: usize,
    /// The first flaws, in words.
    pub(crate) flaws: Vec<String>,
}

const FLAWS_SHOWN: usize = 10;

impl Findings {
    /// True when nothing is lost, altered or half published.
    pub(crate) fn are_clean(&self) -> bool {
        self.lost + self.altered + self.half_published == 0
    }

    fn flaw(&mut self, text: String) {
        if self.flaws.len() < FLAWS_SHOWN {
            self.flaws.push(text);
        }
    }
}

/// How many moments each replay should have; computed once for each.
pub(crate) type Expected = BTreeMap<usize, usize>;

/// Opens the store of `data`, finishes its jobs if `to_the_end`, and compares it with the ledger.
pub(crate) async fn verify(
    data: &Path,
    ledger: &Ledger,
    expected: &mut Expected,
    to_the_end: bool,
) -> Result<Findings> {
    let store = Store::open(StoreConfig::new(data)).await.context("the store can't be opened any more")?;
    if to_the_end {
        drain(&store).await?;
    }
    let workspace = store.default_workspace().await?.id;
    let project = store.project_by_slug(workspace, PROJECT).await?.context("the project is gone")?.id;
    let mut findings = Findings::default();
    for upload_state in ledger.upload_states() {
        look(&store, project, ledger, upload_state, expected, &mut findings).await?;
    }
    store.close().await;
    Ok(findings)
}

/// Runs every job, also those that a killed server still holds by its clock.
pub(crate) async fn drain(store: &Store) -> Result<()> {
    let later = Clock::manual(EpochMs::now().plus_ms(3_600_000));
    Worker::new(store.clone(), WorkerConfig::default()).with_clock(later).drain(|_| {}).await?;
    Ok(())
}

async fn look(
    store: &Store,
    project: ProjectId,
    ledger: &Ledger,
    upload_state: UploadState,
    expected: &mut Expected,
    findings: &mut Findings,
) -> Result<()> {
    let name = key(upload_state.replay);
    let sent = ledger.segments(upload_state.replay)?;
    findings.segments += upload_state.acknowledged;
    let replay = store.replay_by_key(project, &name.parse()?).await?;
    let stored = match &replay {
        Some(replay) => fingerprints(store, replay.id).await?,
        None => BTreeMap::new(),
    };
    for (n, segment) in sent.iter().enumerate() {
        let acknowledged = n < upload_state.acknowledged;
        for (stream, bytes) in segment {
            findings.streams += usize::from(acknowledged);
            let place = (SegmentNo(u32::try_from(n)?), *stream);
            match stored.get(&place) {
                Some(found) if *found != <[u8; 32]>::from(Sha256::digest(bytes)) => {
                    findings.altered += 1;
                    findings.flaw(format!("{name}: segment {n}, {stream}: other bytes"));
                }
                Some(_) => findings.kept_unacknowledged += usize::from(!acknowledged),
                None if acknowledged => {
                    findings.lost += 1;
                    findings.flaw(format!("{name}: segment {n}, {stream}: lost"));
                }
                None => {}
            }
        }
    }
    let Some(replay) = replay else { return Ok(()) };
    let Some((stated, there)) = moments(store, replay.id).await? else {
        findings.unpublished += usize::from(upload_state.is_closed);
        return Ok(());
    };
    findings.transcripts += 1;
    let wanted = *expected.entry(upload_state.replay).or_insert_with(|| expected_moments(&sent));
    if stated != there || there != wanted {
        findings.half_published += 1;
        findings.flaw(format!("{name}: states {stated} moments, has {there}, should have {wanted}"));
    }
    Ok(())
}

async fn fingerprints(store: &Store, replay: ReplayId) -> Result<BTreeMap<(SegmentNo, Stream), [u8; 32]>> {
    let mut found = BTreeMap::new();
    for meta in store.segments(replay).await? {
        // A row whose object is gone or broken is a lost segment, not a broken check.
        let Ok(packed) = store.read_segment(&meta).await else { continue };
        let Ok(plain) = zstd::decode_all(&packed[..]) else { continue };
        found.insert((meta.n, meta.stream), Sha256::digest(&plain).into());
    }
    Ok(found)
}

/// The moments that the transcript states and those that can be read, if there is a transcript.
async fn moments(store: &Store, replay: ReplayId) -> Result<Option<(usize, usize)>> {
    let mut query = MomentQuery { limit: 1000, ..MomentQuery::default() };
    let mut there = 0;
    loop {
        let Some((transcript, lines)) = store.transcript_page(replay, &query).await? else { return Ok(None) };
        let ids: Vec<MomentId> = lines.iter().map(|line| line.id).collect();
        // Each line has its whole moment beside it.
        there += store.moments_by_id(replay, &ids).await?.len();
        query.after = ids.last().copied();
        if lines.len() < 1000 {
            return Ok(Some((transcript.moments as usize, there)));
        }
    }
}

fn expected_moments(segments: &[BTreeMap<Stream, Vec<u8>>]) -> usize {
    let inputs = segments.iter().enumerate().flat_map(|(n, segment)| {
        let n = SegmentNo(u32::try_from(n).unwrap_or(u32::MAX));
        segment.iter().map(move |(stream, bytes)| SegmentInput { n, stream: *stream, window: None, bytes })
    });
    let inputs: Vec<SegmentInput<'_>> = inputs.collect();
    transcribe(&inputs, &Options::default()).timeline.moments.len()
}
