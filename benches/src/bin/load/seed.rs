//! Stores with many bugs, made through the store's own API: each bug has a closed replay with a published
//! transcript of a real recording.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use playhead_benches::Rng;
use playhead_benches::cases::{self, Case};
use playhead_schemas::upload::Priority;
use playhead_schemas::{BugId, EpochMs, ProjectId, ReplayId, ReplayKey, Scope, SegmentNo, Stream, limits};
use playhead_store::{BugQuery, CompressedPayload, NewBug, NewToken, SegmentPart, SegmentPut, Store, StoreConfig};
use playhead_transcriber::{Options, SegmentInput, Transcription, transcribe};
use tokio::task::JoinSet;

use crate::out;

/// Tasks at once: enough for the store to group their commits.
const TASKS: usize = 128;
/// Projects of the store; the first has half of the bugs.
const PROJECTS: usize = 4;
/// One bug in this many has the tag that `list_bugs` is asked for.
pub(crate) const RARE: u64 = 500;
pub(crate) const RARE_TAG: &str = "rare";

/// A store that is ready to be asked.
pub(crate) struct Seeded {
    /// Every bug of it.
    pub(crate) bugs: Vec<BugId>,
    /// A token that may ask.
    pub(crate) token: String,
    /// Bytes of the catalog.
    pub(crate) catalog_bytes: u64,
    /// Bytes of timelines and columns.
    pub(crate) results_bytes: u64,
    /// Moments of an average transcript.
    pub(crate) moments_mean: f64,
}

struct Seeder {
    store: Store,
    projects: Vec<ProjectId>,
    cases: Vec<Case>,
    transcriptions: Vec<Transcription>,
    seed: u64,
    bugs: u64,
    until: Instant,
    made: AtomicU64,
    published: AtomicU64,
    moments: AtomicUsize,
}

/// Makes the store of `data` with `bugs` bugs, or takes the one that is there.
pub(crate) async fn seed(data: &Path, bugs: u64, seed: u64, time_max: Duration) -> Result<Seeded> {
    // No answer that is measured reads an object, so they are not written to disk.
    let config = StoreConfig { objects_url: Some("memory:///".to_owned()), ..StoreConfig::new(data) };
    let store = Store::open(config).await?;
    let workspace = store.default_workspace().await?.id;
    let mut projects: Vec<ProjectId> =
        store.projects(workspace, None, None, 100).await?.items.iter().map(|p| p.id).collect();
    let is_new = projects.is_empty();
    for i in projects.len()..PROJECTS {
        projects.push(store.create_project(workspace, &format!("app-{i}"), &format!("Application {i}")).await?.id);
    }
    let mut moments_mean = f64::NAN;
    if is_new {
        moments_mean = fill(store.clone(), projects.clone(), bugs, seed, time_max).await?;
    }
    let ids = all_bugs(&store, &projects).await?;
    ensure!(ids.len() as u64 == bugs, "{} holds {} bugs, not {bugs}; take another folder", data.display(), ids.len());
    let scopes = Scope::ALL.to_vec();
    let token = NewToken {
        workspace,
        projects: None,
        scopes,
        label: "load".to_owned(),
        expires_at: None,
        actor: None,
        bound_project: None,
    };
    let (_, token) = store.create_token(token).await?;
    store.close().await;
    let size = |name: &str| std::fs::metadata(data.join(name)).map(|file| file.len());
    let catalog_bytes = size("catalog.sqlite")?;
    // Older versions keep the timelines in the file of the results.
    let results_bytes = size("timelines.sqlite").unwrap_or(0) + size("results.duckdb")?;
    Ok(Seeded { bugs: ids, token: token.expose().to_owned(), catalog_bytes, results_bytes, moments_mean })
}

async fn fill(store: Store, projects: Vec<ProjectId>, bugs: u64, seed: u64, time_max: Duration) -> Result<f64> {
    let began = Instant::now();
    let cases = cases::read_all()?;
    let transcriptions = cases.iter().map(transcription).collect();
    let seeder = Arc::new(Seeder {
        store,
        projects,
        cases,
        transcriptions,
        seed,
        bugs,
        until: began + time_max,
        made: AtomicU64::new(0),
        published: AtomicU64::new(0),
        moments: AtomicUsize::new(0),
    });
    let mut tasks = JoinSet::new();
    for i in 0..TASKS {
        tasks.spawn(make_all(seeder.clone(), format!("seeder-{i}")));
    }
    let mut ticks = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(ended) => ended??,
                None => break,
            },
            _ = ticks.tick() => {
                let published = seeder.published.load(Ordering::Relaxed);
                let rate = published as f64 / began.elapsed().as_secs_f64();
                out::progress(&format!("seed: {published} of {bugs} bugs, {rate:.0} a second"));
            }
        }
    }
    Ok(seeder.moments.load(Ordering::Relaxed) as f64 / bugs as f64)
}

fn transcription(case: &Case) -> Transcription {
    let segment = |(stream, bytes): &'_ (Stream, Vec<u8>)| (*stream, bytes.clone());
    let owned: Vec<(Stream, Vec<u8>)> = case.streams.iter().map(segment).collect();
    let input = |(stream, bytes)| SegmentInput { n: SegmentNo(0), stream, window: None, bytes };
    let inputs: Vec<SegmentInput<'_>> =
        owned.iter().map(|(stream, bytes)| input((*stream, bytes.as_slice()))).collect();
    transcribe(&inputs, &Options::default())
}

/// Makes bugs until there are enough. Every task claims one job for each that it has made, so that none looks
/// for jobs in vain; whose replay it is does not matter.
async fn make_all(seeder: Arc<Seeder>, worker: String) -> Result<()> {
    loop {
        let i = seeder.made.fetch_add(1, Ordering::Relaxed);
        if i >= seeder.bugs {
            return Ok(());
        }
        if Instant::now() > seeder.until {
            bail!("the store is not full and the time is over; give it more with --seed-minutes-max");
        }
        let mut rng = Rng::part(seeder.seed, i);
        let project = seeder.project(&mut rng);
        let replay = seeder.put_replay(i, project).await?;
        seeder.publish(&worker, &mut rng).await?;
        seeder.report(i, project, replay, &mut rng).await?;
    }
}

impl Seeder {
    /// The transcript of a replay that waits for one.
    async fn publish(&self, worker: &str, rng: &mut Rng) -> Result<()> {
        // Later than the end of every replay: another task may have taken the job that is due already.
        let soon = EpochMs::now().plus_ms(60_000);
        let job = self.store.claim_job(worker, soon, 3_600_000).await?.context("a job for each replay")?;
        let Transcription { timeline, summary } = &self.transcriptions[rng.index(self.transcriptions.len())];
        self.store.publish_transcript(ReplayId(job.subject), job.id, worker, timeline, summary, 3).await?;
        self.moments.fetch_add(timeline.moments.len(), Ordering::Relaxed);
        self.published.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn project(&self, rng: &mut Rng) -> ProjectId {
        if rng.chance(50) { self.projects[0] } else { self.projects[rng.index(self.projects.len())] }
    }

    /// A replay with its final segment.
    async fn put_replay(&self, i: u64, project: ProjectId) -> Result<ReplayKey> {
        let replay: ReplayKey = format!("seed-{i}").parse()?;
        let payload = CompressedPayload::from_raw(format!("[{{\"type\":5,\"timestamp\":{i}}}]").as_bytes())?;
        let part = SegmentPart { stream: Stream::Rrweb, window: None, payload };
        let (n, replay_bytes_max) = (SegmentNo(0), limits::REPLAY_BYTES_MAX);
        let put =
            SegmentPut { project, replay: replay.clone(), n, parts: vec![part], is_final: true, replay_bytes_max };
        self.store.put_segment(put).await?;
        Ok(replay)
    }

    /// The bug that cites a replay. Most transcripts are there by then, so that the words of a bug are written once.
    async fn report(&self, i: u64, project: ProjectId, replay: ReplayKey, rng: &mut Rng) -> Result<()> {
        let report = &self.cases[rng.index(self.cases.len())].report;
        let field = |name: &str| report.get(name).cloned().unwrap_or_default();
        let title = format!("{} ({i})", field("title").as_str().context("a case without title")?);
        let mut tags: Vec<String> = serde_json::from_value(field("tags"))?;
        if i.is_multiple_of(RARE) {
            tags.push(RARE_TAG.to_owned());
        }
        let new = NewBug {
            project,
            client_id: None,
            title,
            description: field("description").as_str().unwrap_or_default().to_owned(),
            reporter: serde_json::from_value(field("reporter"))?,
            page: serde_json::from_value(field("page"))?,
            system: serde_json::from_value(field("system"))?,
            metadata: serde_json::from_value(field("metadata"))?,
            tags,
            priority: Priority::ALL[rng.index(Priority::ALL.len())],
            cookies: serde_json::from_value(field("cookies"))?,
            replay: Some(replay),
            screenshots: Vec::new(),
            attachments: Vec::new(),
        };
        self.store.create_bug(new).await?;
        Ok(())
    }
}

async fn all_bugs(store: &Store, projects: &[ProjectId]) -> Result<Vec<BugId>> {
    let mut query = BugQuery { projects: projects.to_vec(), limit: 1000, ..BugQuery::default() };
    let mut ids: Vec<BugId> = Vec::new();
    loop {
        let page = store.bugs(query.clone()).await?;
        ids.extend(page.iter().map(|row| row.id));
        let Some(last) = page.last() else { return Ok(ids) };
        query.after = Some(last.position(query.sort));
    }
}
