#![allow(clippy::unwrap_used)]

use std::path::Path;

use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{BugId, EpochMs, Moment, MomentId, MomentKind, ProjectId, ReplayId, WorkspaceId};
use tempfile::TempDir;
use ulid::Ulid;

use super::{OLD_MIGRATIONS, UpgradeProgress};
use crate::engine::{Connector, Duck, DuckSettings, Session, Value, migrate, values};
use crate::{BugQuery, MomentQuery, Store, StoreConfig};

const BUGS: u32 = 70;

/// What the old folder holds.
struct Old {
    dir: TempDir,
    project: ProjectId,
    bugs: Vec<(BugId, ReplayId)>,
}

fn config(dir: &Path) -> StoreConfig {
    StoreConfig { readers: 2, results_memory_mib: 256, results_threads: 1, ..StoreConfig::new(dir) }
}

/// A folder as the versions with one DuckDB file left it.
fn old_folder() -> Old {
    let dir = tempfile::tempdir().unwrap();
    let settings = DuckSettings { memory_mib: 256, threads: 1 };
    let duck = Duck::open(&dir.path().join("catalog.duckdb"), &settings).unwrap();
    let s = duck.connect().unwrap();
    migrate(&*s, OLD_MIGRATIONS).unwrap();
    let (workspace, project, now) = (WorkspaceId::new(), ProjectId::new(), EpochMs::now());
    s.append("workspaces", &[values![workspace, "default", now].to_vec()]).unwrap();
    s.append("projects", &[values![project, workspace, "shop", "Shop", now, Value::Null].to_vec()]).unwrap();
    let member = Ulid::generate();
    let row = values![member, workspace, "a@b.c", "A", Value::Null, true, false, now, Value::Null];
    s.append("members", &[row.to_vec()]).unwrap();
    let bugs = (0..BUGS).map(|i| add_bug(&*s, project, i)).collect();
    s.checkpoint().unwrap();
    Old { dir, project, bugs }
}

fn add_bug(s: &dyn Session, project: ProjectId, i: u32) -> (BugId, ReplayId) {
    let (bug, replay, generation) = (BugId::new(), ReplayId::new(), Ulid::generate());
    let (now, key) = (EpochMs::now(), format!("r{i}"));
    let full_key = format!("{project}/{key}");
    let row = values![replay, project, key.as_str(), full_key, "closed", now, now, 1u32, 2u32, 3u32, "ready"];
    s.append("replays", &[row.to_vec()]).unwrap();
    let segment = values![replay, 0u32, "rrweb", Value::Null, 2u32, 3u32, vec![7u8; 32], now, "objects/x", 0u32];
    s.append("segments", &[segment.to_vec()]).unwrap();
    let tags = if i.is_multiple_of(2) { r#"["even"]"# } else { "[]" };
    let status = if i.is_multiple_of(10) { BugStatus::Closed } else { BugStatus::Open };
    let texts = values![
        format!("bug {i}"),
        "described",
        status.as_str(),
        Priority::default().as_str(),
        tags,
        "{}",
        "{}",
        "{}",
        "{}"
    ];
    let rest = values![replay, "POST /pay failed", Value::Null, now, now, 0u32, 0u32, 0u32, 0u32];
    s.append("bugs", &[[values![bug, project, Value::Null].to_vec(), texts.to_vec(), rest.to_vec()].concat()]).unwrap();
    let summary = format!("word{i} happened");
    let json = |value: serde_json::Value| value.to_string();
    let info = json(serde_json::to_value(playhead_schemas::timeline::ReplayInfo::default()).unwrap());
    let coverage = json(serde_json::to_value(playhead_schemas::timeline::Coverage::default()).unwrap());
    let row = values![
        replay,
        project,
        generation,
        1u32,
        summary,
        info,
        "[]",
        "[]",
        coverage,
        "POST /pay failed",
        3u32,
        5u32,
        now
    ];
    s.append("transcripts", &[row.to_vec()]).unwrap();
    let moments: Vec<Vec<Value>> = (1..=3).map(|id| moment_row(project, replay, generation, id)).collect();
    s.append("moments", &moments).unwrap();
    (bug, replay)
}

fn moment_row(project: ProjectId, replay: ReplayId, generation: Ulid, id: u32) -> Vec<Value> {
    let m = moment(id);
    let data = serde_json::to_string(&m).unwrap();
    let kind = m.kind.as_str();
    values![project, replay, generation, id, m.t_ms, m.end_ms, kind, m.text.as_str(), data, Value::Null, "[[0,5]]"]
        .to_vec()
}

fn moment(id: u32) -> Moment {
    let (t_ms, kind) = (u64::from(id) * 10, MomentKind::Click);
    Moment { id: MomentId(id), t_ms, end_ms: t_ms, kind, count: 1, text: format!("click {id}"), ..Moment::default() }
}

/// Everything of the old folder is there.
async fn check(store: &Store, old: &Old) {
    let newest: Vec<BugId> = old.bugs.iter().rev().map(|(bug, _)| *bug).collect();
    let query = BugQuery { projects: vec![old.project], limit: 100, ..BugQuery::default() };
    let listed = store.bugs(query.clone()).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), newest);
    assert_eq!(listed[0].failure_title.as_deref(), Some("POST /pay failed"));
    let tagged = store.bugs(BugQuery { tags: vec!["even".into()], ..query.clone() }).await.unwrap();
    assert_eq!(tagged.len(), BUGS as usize / 2);
    let found = store.bugs(BugQuery { text: Some("word42".into()), ..query }).await.unwrap();
    assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [old.bugs[42].0]);
    for (_, replay) in &old.bugs {
        let (transcript, lines) =
            store.transcript_page(*replay, &MomentQuery { limit: 9, ..MomentQuery::default() }).await.unwrap().unwrap();
        assert_eq!((transcript.moments, transcript.version, lines.len()), (3, 1, 3));
        assert_eq!(lines[0].units[0].of(&lines[0].text), Some("click"));
        assert_eq!(store.moments_by_id(*replay, &[MomentId(2)]).await.unwrap(), [moment(2)]);
        assert_eq!(store.segments(*replay).await.unwrap().len(), 1);
    }
    assert_eq!(store.project(old.project).await.unwrap().slug, "shop");
}

#[tokio::test]
async fn an_old_folder_is_taken_over_once() {
    let old = old_folder();
    let path = old.dir.path();
    let store = Store::open(config(path)).await.unwrap();
    check(&store, &old).await;
    store.close().await;
    assert!(path.join("catalog.duckdb.old").exists() && !path.join("catalog.duckdb").exists());
    assert!(!path.join("catalog.sqlite.new").exists());
    let report = |p: UpgradeProgress| panic!("again: {p:?}");
    let store = Store::open_reporting(config(path), report).await.unwrap();
    check(&store, &old).await;
    store.close().await;
}

#[tokio::test]
async fn a_takeover_that_was_interrupted_before_the_files_were_renamed_goes_on() {
    let old = old_folder();
    let path = old.dir.path();
    Store::open(config(path)).await.unwrap().close().await;
    std::fs::rename(path.join("catalog.sqlite"), path.join("catalog.sqlite.new")).unwrap();
    std::fs::rename(path.join("catalog.duckdb.old"), path.join("catalog.duckdb")).unwrap();
    let store = Store::open(config(path)).await.unwrap();
    check(&store, &old).await;
    store.close().await;
}

#[tokio::test]
async fn an_interrupted_takeover_goes_on() {
    let old = old_folder();
    let path = old.dir.path().to_owned();
    for (what, at_least) in [("bugs", 0), ("timelines", 33), ("words of bugs", 0)] {
        let path = path.clone();
        let stops = move |p: UpgradeProgress| assert!(p.what != what || p.done < at_least, "interrupted");
        let opened = tokio::spawn(Store::open_reporting(config(&path), stops)).await;
        assert!(opened.is_err() || opened.unwrap().is_err(), "{what}");
        assert!(old.dir.path().join("catalog.duckdb").exists());
    }
    let store = Store::open(config(&path)).await.unwrap();
    check(&store, &old).await;
    store.close().await;
}

#[tokio::test]
async fn a_file_that_is_no_catalog_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (file, text) = (dir.path().join("catalog.duckdb"), "this is no catalog".repeat(1000));
    std::fs::write(&file, &text).unwrap();
    assert!(Store::open(config(dir.path())).await.is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}
