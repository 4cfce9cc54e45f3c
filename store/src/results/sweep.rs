//! What a start mends: blocks that nothing names, columns that follow their blocks no longer, and what is lost.

use std::collections::{BTreeMap, BTreeSet};

use playhead_schemas::{EpochMs, ProjectId};
use ulid::Ulid;

use super::rows::Columns;
use super::writer::{delete_blocks, delete_columns, delete_here};
use super::{Opened, TimelineBlock, read_block};
use crate::Result;
use crate::engine::{Session, in_transaction};

/// Rows of columns in one commit.
const ROWS: usize = 50_000;

const EXTENT: &str = "SELECT count(*), max(generation) FROM timelines";
const GENERATIONS: &str = "SELECT generation, published_at FROM timelines";
const COUNT_WITH_ROWS: &str = "SELECT count(*) FROM transcripts";
const WITH_ROWS: &str = "SELECT generation FROM transcripts";

/// How many generations there are, and the newest. Where two lists of generations agree in both, they are the same but for
/// damage that no start can know of: a generation is never written twice, and each is newer than the ones before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(super) count: u64,
    pub(super) newest: Option<Ulid>,
}

impl Extent {
    /// What a statement of two columns, the number and the greatest, gives.
    pub(crate) fn read(session: &dyn Session, sql: &'static str) -> Result<Self> {
        let row = session.query_one(sql, &[])?;
        row.map_or(Ok(Self::default()), |row| Ok(Self { count: row.get(0)?, newest: row.get(1)? }))
    }
}

impl Opened {
    /// How many generations there are.
    pub(crate) fn count(&self) -> Result<u64> {
        Ok(self.extent()?.count)
    }

    /// The block of a generation that can be read.
    pub(crate) fn block(&self, generation: Ulid) -> Result<Option<TimelineBlock>> {
        read_block(&*self.session, generation)
    }

    fn extent(&self) -> Result<Extent> {
        Extent::read(&*self.session, EXTENT)
    }

    /// Mends what a crash between results and catalog left: deletes the generations that `named` lacks, and writes the
    /// columns that a block lacks. Gives the generations that are named and can't be read: a file was lost, replaced by an
    /// older one, or damaged. `extent` is that of the catalog's; where it is that of the results, nothing is compared
    /// further. `named` has the project of each.
    pub(crate) fn sweep(
        &self,
        extent: Extent,
        named: impl FnOnce() -> Result<BTreeMap<Ulid, ProjectId>>,
    ) -> Result<Vec<Ulid>> {
        let rows = self.columns.as_deref().unwrap_or(&*self.session);
        let with_rows: u64 = rows.query_one(COUNT_WITH_ROWS, &[])?.map_or(Ok(0), |row| row.get(0))?;
        if self.extent()? == extent && with_rows == extent.count {
            return Ok(Vec::new());
        }
        let mut lost = named()?;
        let (mut kept, mut orphans) = (BTreeMap::new(), Vec::new());
        for row in self.session.query(GENERATIONS, &[])? {
            let (generation, published_at): (Ulid, EpochMs) = (row.get(0)?, row.get(1)?);
            match lost.remove(&generation) {
                Some(project) => {
                    kept.insert(generation, project);
                }
                None if published_at < self.swept_before => orphans.push(generation),
                None => {}
            }
        }
        if !orphans.is_empty() {
            tracing::info!(count = orphans.len(), "results that no transcript names are deleted");
            delete_here(&*self.session, self.columns.is_none(), &orphans)?;
        }
        let mut lost: Vec<Ulid> = lost.into_keys().collect();
        if let Some(columns) = &self.columns {
            lost.extend(self.mend_columns(&**columns, kept)?);
        }
        Ok(lost)
    }

    /// Makes the columns those of these generations. Gives the ones whose block can't be read.
    fn mend_columns(&self, session: &dyn Session, mut without: BTreeMap<Ulid, ProjectId>) -> Result<Vec<Ulid>> {
        let mut ended = BTreeSet::new();
        for row in session.query(WITH_ROWS, &[])? {
            let generation = row.get(0)?;
            if without.remove(&generation).is_none() {
                ended.insert(generation);
            }
        }
        if !ended.is_empty() {
            let ended: Vec<Ulid> = ended.into_iter().collect();
            in_transaction(session, || delete_columns(session, &ended))?;
        }
        let (mut unreadable, mut columns) = (Vec::new(), Columns::default());
        let (total, mut done) = (without.len(), 0);
        for (generation, project) in without {
            // One that is damaged is made again; the others must not wait for it.
            match self.columns_of(generation, project) {
                Ok(more) => columns.extend(more),
                Err(error) => {
                    let cause = std::error::Error::source(&error);
                    tracing::error!(%generation, %error, ?cause, "a timeline can't be read; its replay is transcribed again");
                    unreadable.push(generation);
                }
            }
            done += 1;
            if columns.rows() >= ROWS || done == total {
                in_transaction(session, || columns.append(session))?;
                columns = Columns::default();
                tracing::info!(done, total, "columns of results are written from their timelines");
            }
        }
        if !unreadable.is_empty() {
            in_transaction(&*self.session, || delete_blocks(&*self.session, &unreadable))?;
        }
        Ok(unreadable)
    }

    fn columns_of(&self, generation: Ulid, project: ProjectId) -> Result<Columns> {
        let block = self.block(generation)?.ok_or_else(|| super::unreadable("it is gone"))?;
        Columns::of_block(&block, project)
    }
}
