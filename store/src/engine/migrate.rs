//! Versioned migrations: each runs once, in its own transaction, and is followed by a checkpoint.

use playhead_schemas::EpochMs;

use super::{Session, in_transaction, values};
use crate::{Result, StoreError};

/// One step of a schema: its number, its name and its statements. A file that was released is never edited; a change is
/// a new file.
pub(crate) type Migration = (u32, &'static str, &'static str);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)";

/// Brings a database to this program's version.
///
/// # Errors
/// `Invalid` when the database was made by a newer program: nothing is changed.
pub(crate) fn migrate(session: &dyn Session, migrations: &[Migration]) -> Result<()> {
    session.batch(TABLE)?;
    let newest = migrations.last().map_or(0, |m| m.0);
    let done: u32 = match session.query_one("SELECT coalesce(max(version), 0) FROM schema_migrations", &[])? {
        Some(row) => row.get(0)?,
        None => 0,
    };
    if done > newest {
        return Err(StoreError::Invalid(format!(
            "the data folder has version {done} and this playhead knows {newest}; use a newer playhead"
        )));
    }
    for (version, name, sql) in migrations.iter().filter(|m| m.0 > done) {
        in_transaction(session, || {
            session.batch(sql)?;
            session.execute(
                "INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)",
                &values![*version, *name, EpochMs::now()],
            )
        })?;
        session.checkpoint()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::{Connector, Duck, DuckSettings};

    fn session(dir: &tempfile::TempDir) -> (Duck, Box<dyn Session>) {
        let duck = Duck::open(&dir.path().join("c.duckdb"), &DuckSettings { memory_mib: 128, threads: 1 }).unwrap();
        let session = duck.connect().unwrap();
        (duck, session)
    }

    #[test]
    fn each_runs_once_and_a_failed_one_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (_duck, s) = session(&dir);
        let one = (1, "one", "CREATE TABLE a (x bigint); INSERT INTO a VALUES (1);");
        let bad = (2, "bad", "INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1);");
        migrate(&*s, &[one]).unwrap();
        migrate(&*s, &[one]).unwrap();
        assert!(migrate(&*s, &[one, bad]).is_err());
        let count: i64 = s.query_one("SELECT count(*) FROM a", &[]).unwrap().unwrap().get(0).unwrap();
        assert_eq!(count, 1);
        migrate(&*s, &[one, (2, "good", "INSERT INTO a VALUES (2);")]).unwrap();
        let error = migrate(&*s, &[one]).unwrap_err();
        assert!(error.to_string().contains("newer playhead"), "{error}");
    }
}
