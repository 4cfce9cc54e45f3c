#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use playhead_schemas::timeline::{Level, Request};
use playhead_schemas::{EpochMs, Moment, MomentId, MomentKind, ProjectId, ReplayId};
use ulid::Ulid;

use super::columns::{INTERVAL, Later};
use super::{Extent, Opened, Publication, Results, ResultsFiles, ResultsSettings};
use crate::engine::{Connector, Duck, DuckSettings, Migration, Row, Session, Sqlite, SqliteSettings, migrate, values};
use crate::transcripts::Transcript;

const BLOCKS: &str = "SELECT count(*) FROM timelines";
const TABLES: [&str; 4] = [
    "SELECT count(*) FROM transcripts",
    "SELECT count(*) FROM moments",
    "SELECT count(*) FROM console_entries",
    "SELECT count(*) FROM network_entries",
];

fn open(dir: &tempfile::TempDir) -> Opened {
    let duck = DuckSettings { memory_mib: 128, threads: 1 };
    Results::open(&ResultsFiles::of(dir.path()), ResultsSettings { duck, readers: 1, cache_mib: 1 }).unwrap()
}

fn columns(opened: &Opened) -> &dyn Session {
    opened.columns.as_deref().unwrap()
}

fn publication(generation: Ulid) -> Publication {
    let moment = |id, kind| Moment { id: MomentId(id), t_ms: u64::from(id) * 10, kind, count: 2, ..Moment::default() };
    let request = Request { method: "PUT".into(), url: "/a".into(), status: Some(500), ..Request::default() };
    let moments = vec![
        moment(1, MomentKind::Click),
        Moment { level: Some(Level::Warn), message: Some("careful".into()), ..moment(2, MomentKind::Console) },
        Moment { message: Some("broken".into()), ..moment(3, MomentKind::Error) },
        Moment { request: Some(request), ..moment(4, MomentKind::Request) },
    ];
    let transcript = Transcript {
        replay: ReplayId::new(),
        generation,
        version: 1,
        summary: "s".into(),
        info: Default::default(),
        failures: vec![],
        defects: vec![],
        coverage: Default::default(),
        moments: 4,
        transcribe_ms: 1,
        published_at: EpochMs::now(),
    };
    Publication::new(transcript, ProjectId::new(), moments).unwrap()
}

fn names(generations: &[Ulid]) -> BTreeMap<Ulid, ProjectId> {
    generations.iter().map(|generation| (*generation, ProjectId::new())).collect()
}

fn counts(opened: &Opened) -> Vec<u64> {
    let count = |session: &dyn Session, sql| session.query_one(sql, &[]).unwrap().unwrap().get(0).unwrap();
    let blocks = count(&*opened.session, BLOCKS);
    std::iter::once(blocks).chain(TABLES.iter().map(|sql| count(columns(opened), sql))).collect()
}

#[tokio::test]
async fn a_generation_is_a_block_and_rows_until_it_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (kept, ended) = (Ulid::from(1u128), Ulid::from(2u128));
    let results = open(&dir).start().unwrap();
    for generation in [kept, ended] {
        results.add(publication(generation)).await.unwrap();
    }
    assert_eq!(results.block(kept).await.unwrap().unwrap().moment(3).unwrap().id, MomentId(4));
    results.delete_later(ended);
    results.close().await;

    let opened = open(&dir);
    assert_eq!(counts(&opened), [1, 1, 4, 2, 1]);
    let rows = |sql| columns(&opened).query(sql, &[]).unwrap();
    assert_eq!(
        rows("SELECT moment, t_ms, uncaught, level, message, repeats FROM console_entries ORDER BY moment"),
        [
            Row(values![2i64, 20i64, false, "warn", "careful", 2i64].to_vec()),
            Row(values![3i64, 30i64, true, None::<&str>, "broken", 2i64].to_vec()),
        ]
    );
    assert_eq!(
        rows("SELECT moment, t_ms, method, url, status, failed FROM network_entries"),
        [Row(values![4i64, 40i64, "PUT", "/a", 500i64, false].to_vec())]
    );
}

#[tokio::test]
async fn what_the_catalog_does_not_name_is_swept_and_what_is_lost_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (named, orphan, lost) = (Ulid::from(1u128), Ulid::from(2u128), Ulid::from(3u128));
    let results = open(&dir).start().unwrap();
    for generation in [named, orphan] {
        results.add(publication(generation)).await.unwrap();
    }
    results.close().await;

    let opened = open(&dir);
    let extent = |count, newest| Extent { count, newest: Some(newest) };
    assert!(opened.sweep(extent(2, orphan), || panic!("the same as there are")).unwrap().is_empty());
    assert_eq!(opened.sweep(extent(3, lost), || Ok(names(&[named, orphan, lost]))).unwrap(), [lost]);
    assert_eq!(counts(&opened), [2, 2, 8, 4, 2]);
    assert!(opened.sweep(extent(1, named), || Ok(names(&[named]))).unwrap().is_empty());
    assert_eq!(counts(&opened), [1, 1, 4, 2, 1]);
    // An older file that holds as many: the replay was transcribed again since.
    assert_eq!(opened.sweep(extent(1, lost), || Ok(names(&[lost]))).unwrap(), [lost]);
    assert_eq!(counts(&opened), [0, 0, 0, 0, 0]);
}

#[test]
fn rows_are_gathered_for_an_interval() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(&dir);
    let mut later = Later::default();
    later.columns.extend(publication(Ulid::from(1u128)).columns);
    later.write_if_due(columns(&opened));
    assert_eq!(counts(&opened), [0, 0, 0, 0, 0]);
    later.written_at -= INTERVAL;
    later.write_if_due(columns(&opened));
    assert_eq!(counts(&opened), [0, 1, 4, 2, 1]);
    later.written_at -= INTERVAL;
    later.write_if_due(columns(&opened));
    assert_eq!(counts(&opened), [0, 1, 4, 2, 1], "once");
}

#[tokio::test]
async fn rows_that_a_crash_came_before_are_written_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let generation = Ulid::from(1u128);
    let opened = open(&dir);
    opened.session.append("timelines", &[publication(generation).timeline]).unwrap();
    assert_eq!(counts(&opened), [1, 0, 0, 0, 0]);
    let extent = Extent { count: 1, newest: Some(generation) };
    assert!(opened.sweep(extent, || Ok(names(&[generation]))).unwrap().is_empty());
    assert_eq!(counts(&opened), [1, 1, 4, 2, 1]);
    assert!(opened.sweep(extent, || panic!("nothing is missing any more")).unwrap().is_empty());
}

#[tokio::test]
async fn columns_that_no_block_has_any_more_are_deleted_and_lost_columns_are_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let (kept, ended) = (Ulid::from(1u128), Ulid::from(2u128));
    let results = open(&dir).start().unwrap();
    for generation in [kept, ended] {
        results.add(publication(generation)).await.unwrap();
    }
    results.close().await;
    let extent = Extent { count: 1, newest: Some(kept) };
    {
        let opened = open(&dir);
        super::writer::delete_blocks(&*opened.session, &[ended]).unwrap();
        assert!(opened.sweep(extent, || Ok(names(&[kept]))).unwrap().is_empty());
        assert_eq!(counts(&opened), [1, 1, 4, 2, 1]);
    }
    std::fs::remove_file(ResultsFiles::of(dir.path()).columns).unwrap();
    let opened = open(&dir);
    assert_eq!(counts(&opened), [1, 0, 0, 0, 0]);
    assert!(opened.sweep(extent, || Ok(names(&[kept]))).unwrap().is_empty());
    assert_eq!(counts(&opened), [1, 1, 4, 2, 1]);
}

#[test]
fn a_block_that_cant_be_read_is_lost_and_the_others_get_their_columns() {
    let dir = tempfile::tempdir().unwrap();
    let generations = [1u128, 2, 3].map(Ulid::from);
    let opened = open(&dir);
    for generation in generations {
        opened.session.append("timelines", &[publication(generation).timeline]).unwrap();
    }
    let damage = "UPDATE timelines SET block = $2 WHERE generation = $1";
    opened.session.execute(damage, &values![generations[1], vec![2u8, 9, 9]]).unwrap();
    let extent = Extent { count: 3, newest: Some(generations[2]) };
    assert_eq!(opened.sweep(extent, || Ok(names(&generations))).unwrap(), [generations[1]]);
    assert_eq!(counts(&opened), [2, 2, 8, 4, 2]);
}

#[test]
fn blocks_of_a_file_that_had_both_are_carried_over_and_go_on_after_an_interruption() {
    let dir = tempfile::tempdir().unwrap();
    let files = ResultsFiles::of(dir.path());
    let first: Migration = (1, "results", include_str!("../../migrations/results/0001_results.sql"));
    let generations: Vec<Ulid> = (1..=1200u128).map(Ulid::from).collect();
    {
        let duck = Duck::open(&files.columns, &DuckSettings { memory_mib: 128, threads: 1 }).unwrap();
        let session = duck.connect().unwrap();
        migrate(&*session, &[first]).unwrap();
        let rows: Vec<_> = generations.iter().map(|generation| publication(*generation).timeline).collect();
        session.append("timelines", &rows).unwrap();
    }
    {
        // What an interrupted start left: the first of them.
        let duck = Duck::open(&files.columns, &DuckSettings { memory_mib: 128, threads: 1 }).unwrap();
        let opened = open_blocks(&files);
        let rows =
            duck.connect().unwrap().query("SELECT * FROM timelines WHERE generation <= $1", &values![generations[99]]);
        let rows: Vec<_> = rows.unwrap().into_iter().map(|row| row.0).collect();
        opened.append("timelines", &rows).unwrap();
    }
    let opened = open(&dir);
    assert_eq!(counts(&opened)[0], 1200);
    let block = opened.block(generations[1199]).unwrap().unwrap();
    assert_eq!(block.transcript.generation, generations[1199]);
    assert!(columns(&opened).query("SELECT 1 FROM timelines", &[]).is_err(), "dropped");
}

/// The blocks alone, as an interrupted start leaves them.
fn open_blocks(files: &ResultsFiles) -> Box<dyn Session> {
    let settings = SqliteSettings { cache_mib: 1, connections: 1, page_bytes: 1024 };
    let session = Sqlite::open(&files.blocks, &settings).unwrap().connect().unwrap();
    migrate(&*session, super::open::BLOCK_MIGRATIONS).unwrap();
    session
}
