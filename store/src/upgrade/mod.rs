//! Takes over a data folder of the versions that kept everything in one DuckDB file, `catalog.duckdb`.
//!
//! The rows are copied into a new catalog, each table in one commit, and the timelines into the results, some in one
//! commit; what was copied is not copied again after an interruption (the table `upgraded` of the new catalog tells, and
//! stays: the last interruption may come before the files are renamed). Then the numbers of rows are compared, the new
//! catalog gets its name, and the old file is renamed to `catalog.duckdb.old`: it can be deleted by hand. Until then
//! nothing of it is changed but for its own migrations.

mod tables;
#[cfg(test)]
mod tests;

use std::path::Path;

use playhead_schemas::{Moment, ProjectId, ReplayId};
use ulid::Ulid;

use crate::engine::{
    Connector, Duck, DuckSettings, Migration, PAGE_BYTES, Row, Session, Sqlite, SqliteSettings, in_transaction,
    migrate, values,
};
use crate::results::{Opened, Publication};
use crate::store::CATALOG_MIGRATIONS;
use crate::transcripts::Transcript;
use crate::{Result, StoreError, bugs};
use tables::{TABLES, Table};

/// The migrations of the old file.
const OLD_MIGRATIONS: &[Migration] = &[
    (1, "catalog", include_str!("../../migrations/duckdb_v0/0001_catalog.sql")),
    (2, "access", include_str!("../../migrations/duckdb_v0/0002_access.sql")),
    (3, "oauth", include_str!("../../migrations/duckdb_v0/0003_oauth.sql")),
    (4, "places", include_str!("../../migrations/duckdb_v0/0004_places.sql")),
    (5, "server keys", include_str!("../../migrations/duckdb_v0/0005_server_keys.sql")),
    (6, "units", include_str!("../../migrations/duckdb_v0/0006_units.sql")),
];

/// Rows that are read at a time.
const ROWS: i64 = 5_000;
/// Timelines in one commit.
const TIMELINES: usize = 32;

const DONE_TABLE: &str = "CREATE TABLE IF NOT EXISTS upgraded (name text NOT NULL PRIMARY KEY) STRICT";
const IS_DONE: &str = "SELECT name FROM upgraded WHERE name = $1";
const DONE: &str = "INSERT INTO upgraded (name) VALUES ($1)";
const TRANSCRIPTS: &str = "SELECT replay, generation, version, summary, info, failures, defects, coverage, moments,
    transcribe_ms, published_at, project, failure_title FROM transcripts WHERE replay > $1 ORDER BY replay LIMIT $2";
const TRANSCRIPT_COUNT: &str = "SELECT count(*) FROM transcripts";
const MOMENTS: &str = "SELECT data, units FROM moments WHERE generation = $1 ORDER BY id";
/// What lists filter by, as the migration that added it fills it in.
const FACTS: &str = "UPDATE bugs SET release = substr(CAST(coalesce(json_extract(metadata, '$.release'),
    json_extract(metadata, '$.app_version'), json_extract(metadata, '$.version')) AS text), 1, 200),
    browser = substr(CAST(json_extract(system_info, '$.browser') AS text), 1, 200)";
const SUMMARY: &str = "SELECT summary FROM transcripts WHERE replay = $1";
const LAST_TRANSCRIPT: &str = "SELECT coalesce(max(replay), '') FROM transcripts";
const POINT: &str = "INSERT INTO transcripts (replay, generation, version, failure_title) VALUES ($1, $2, $3, $4)";

/// How far the takeover is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpgradeProgress {
    /// What is being copied.
    pub what: &'static str,
    /// Steps that are done.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
}

/// The files of a takeover.
pub(crate) struct Files<'f> {
    /// The old file.
    pub(crate) old: &'f Path,
    /// The catalog that will be.
    pub(crate) new: &'f Path,
}

/// Takes over the old file if there is one and the catalog does not exist. Blocks for as long as it takes.
///
/// # Errors
/// `Engine` when the old file can't be read or a copy lacks rows: it stays as it is, and the next start goes on.
pub(crate) fn upgrade(files: &Files<'_>, results: &Opened, report: &dyn Fn(UpgradeProgress)) -> Result<()> {
    let kept = files.old.with_extension("duckdb.old");
    if files.new.exists() {
        // A crash may have come between the two renames.
        return if files.old.exists() { rename(files.old, &kept) } else { Ok(()) };
    }
    if !files.old.exists() {
        return Ok(());
    }
    let unfinished = files.new.with_extension("sqlite.new");
    let old = Duck::open(files.old, &DuckSettings { memory_mib: 512, threads: 2 })
        .map_err(|error| StoreError::unopened(files.old, "put it back from a backup", error))?;
    let old_session = old.connect()?;
    migrate(&*old_session, OLD_MIGRATIONS)?;
    {
        let settings = SqliteSettings { cache_mib: 64, connections: 1, page_bytes: PAGE_BYTES };
        let sqlite = Sqlite::open(&unfinished, &settings)?;
        let new_session = sqlite.connect()?;
        migrate(&*new_session, CATALOG_MIGRATIONS)?;
        let copy = Copy { old: &*old_session, new: &*new_session, results, report };
        copy.run()?;
        new_session.checkpoint()?;
    }
    drop(old_session);
    drop(old);
    rename(&unfinished, files.new)?;
    rename(files.old, &kept)?;
    tracing::info!(kept = %kept.display(), "the catalog was taken over; the old file can be deleted");
    Ok(())
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    let folder = from.parent().unwrap_or(from);
    let renamed = std::fs::rename(from, to).and_then(|()| std::fs::File::open(folder)?.sync_all());
    renamed.map_err(|e| StoreError::engine("rename the catalog", e))
}

struct Copy<'c> {
    old: &'c dyn Session,
    new: &'c dyn Session,
    results: &'c Opened,
    report: &'c dyn Fn(UpgradeProgress),
}

impl Copy<'_> {
    fn run(&self) -> Result<()> {
        self.new.batch(DONE_TABLE)?;
        let transcripts = self.count(self.old, TRANSCRIPT_COUNT)?;
        let total = TABLES.len() as u64 + transcripts + 1;
        for (table, done) in TABLES.iter().zip(0..) {
            (self.report)(UpgradeProgress { what: table.name, done, total });
            self.once(table.name, || self.table(table))?;
        }
        self.timelines(total)?;
        (self.report)(UpgradeProgress { what: "words of bugs", done: total - 1, total });
        self.once("bugs_words", || self.words())?;
        self.verify()?;
        (self.report)(UpgradeProgress { what: "done", done: total, total });
        Ok(())
    }

    /// Runs one step in a transaction, unless an earlier start did.
    fn once(&self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.new.query_one(IS_DONE, &values![name])?.is_some() {
            return Ok(());
        }
        in_transaction(self.new, || {
            step()?;
            self.new.execute(DONE, &values![name]).map(drop)
        })
    }

    fn table(&self, table: &Table) -> Result<()> {
        let end: i64 = self.old.query_one(table.end, &[])?.map_or(Ok(0), |row| row.get(0))?;
        for from in (0..end).step_by(ROWS as usize) {
            let rows = self.old.query(table.rows, &values![from, from + ROWS])?;
            let rows: Vec<_> = rows.into_iter().map(|row| row.0).collect();
            self.new.append(table.name, &rows)?;
        }
        Ok(())
    }

    /// The timelines that are not taken over yet. A generation keeps its name, so that one whose pointer was lost is
    /// swept and written again.
    fn timelines(&self, total: u64) -> Result<()> {
        let mut done = self.count(self.new, TRANSCRIPT_COUNT)?;
        let mut last: String = self.new.query_one(LAST_TRANSCRIPT, &[])?.map_or(Ok(String::new()), |row| row.get(0))?;
        loop {
            let rows = self.old.query(TRANSCRIPTS, &values![last.as_str(), TIMELINES as u64])?;
            let Some(newest) = rows.last() else { return Ok(()) };
            last = newest.get(0)?;
            let publications = rows.iter().map(|row| self.publication(row)).collect::<Result<Vec<_>>>()?;
            self.results.replace(&publications)?;
            in_transaction(self.new, || {
                rows.iter().try_for_each(|row| {
                    let (generation, version): (Ulid, i64) = (row.get(1)?, row.get(2)?);
                    let pointer = values![row.get::<Ulid>(0)?, generation, version, row.get::<Option<String>>(12)?];
                    self.new.execute(POINT, &pointer).map(drop)
                })
            })?;
            done += rows.len() as u64;
            (self.report)(UpgradeProgress { what: "timelines", done: TABLES.len() as u64 + done, total });
        }
    }

    fn publication(&self, row: &Row) -> Result<Publication> {
        let transcript = Transcript {
            replay: row.get::<ReplayId>(0)?,
            generation: row.get(1)?,
            version: row.get(2)?,
            summary: row.get(3)?,
            info: row.json(4)?,
            failures: row.json(5)?,
            defects: row.json(6)?,
            coverage: row.json(7)?,
            moments: row.get(8)?,
            transcribe_ms: row.get(9)?,
            published_at: row.get(10)?,
        };
        let moments = self.old.query(MOMENTS, &values![transcript.generation])?;
        let moment = |row: &Row| {
            let units = if row.get::<Option<String>>(1)?.is_some() { row.json(1)? } else { Vec::new() };
            Ok(Moment { units, ..row.json(0)? })
        };
        let moments = moments.iter().map(moment).collect::<Result<Vec<Moment>>>()?;
        Publication::new(transcript, row.get::<ProjectId>(11)?, moments)
    }

    fn words(&self) -> Result<()> {
        self.new.execute(FACTS, &[])?;
        bugs::index_all(self.new, |replay| {
            let row = self.old.query_one(SUMMARY, &values![replay])?;
            row.map_or(Ok(String::new()), |row| row.get(0))
        })
    }

    /// Compares the numbers of rows.
    fn verify(&self) -> Result<()> {
        let counts = TABLES.iter().map(|table| (table.name, table.count)).chain([("transcripts", TRANSCRIPT_COUNT)]);
        for (name, sql) in counts {
            let (old, new) = (self.count(self.old, sql)?, self.count(self.new, sql)?);
            if old != new {
                let text = format!("{name} has {old} rows and its copy has {new}");
                return Err(StoreError::engine("take over the catalog", text));
            }
        }
        Ok(())
    }

    fn count(&self, session: &dyn Session, sql: &'static str) -> Result<u64> {
        session.query_one(sql, &[])?.map_or(Ok(0), |row| row.get(0))
    }
}
