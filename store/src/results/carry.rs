//! Carries the blocks of a DuckDB file over into the SQLite file: until its second migration, the columns' file had both.
//!
//! Blocks are copied in the order of their generations, some in one commit; an interrupted start goes on behind the last
//! one. DuckDB's table is dropped by the migration that follows, after the numbers were compared.

use ulid::Ulid;

use crate::engine::{Session, in_transaction, values};
use crate::{Result, StoreError};

/// Blocks in one commit.
const BLOCKS: u64 = 500;
/// Blocks after which the log says how far it is.
const REPORT: u64 = 10_000;

const HAS_BLOCKS: &str = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'timelines'";
const LAST: &str = "SELECT max(generation) FROM timelines";
const COUNT: &str = "SELECT count(*) FROM timelines";
const LIST: &str = "SELECT generation FROM timelines WHERE generation > $1 ORDER BY generation";
const NEXT: &str = "SELECT generation, replay, published_at, block FROM timelines
    WHERE generation > $1 AND generation <= $2 ORDER BY generation";

/// Copies the blocks that `to` lacks.
///
/// # Errors
/// `Engine` when the copy has not as many blocks: nothing was dropped.
pub(super) fn blocks(from: &dyn Session, to: &dyn Session) -> Result<()> {
    if from.query_one(HAS_BLOCKS, &[])?.is_none() {
        return Ok(());
    }
    let last: Option<Ulid> = to.query_one(LAST, &[])?.map_or(Ok(None), |row| row.get(0))?;
    let mut last = last.unwrap_or(Ulid::from(0u128));
    let total = count(from)?;
    let mut done = count(to)?;
    let left = from.query(LIST, &values![last])?;
    for some in left.chunks(BLOCKS as usize) {
        let Some(newest) = some.last() else { break };
        let until: Ulid = newest.get(0)?;
        let rows: Vec<_> = from.query(NEXT, &values![last, until])?.into_iter().map(|row| row.0).collect();
        in_transaction(to, || to.append("timelines", &rows))?;
        last = until;
        if done / REPORT != (done + BLOCKS) / REPORT {
            tracing::info!(done, total, "timelines are moved from results.duckdb to timelines.sqlite");
        }
        done += rows.len() as u64;
    }
    let copied = count(to)?;
    if copied != total {
        return Err(StoreError::engine("move the timelines", format!("there are {total}, and {copied} were copied")));
    }
    Ok(())
}

fn count(session: &dyn Session) -> Result<u64> {
    session.query_one(COUNT, &[])?.map_or(Ok(0), |row| row.get(0))
}
