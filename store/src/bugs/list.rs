//! Listing bugs and searching them.

use std::collections::{BTreeSet, HashMap};

use playhead_schemas::BugId;
use playhead_schemas::tracker::BugSort;
use playhead_schemas::upload::{BugStatus, Priority};
use ulid::Ulid;

use super::{BugListRow, BugQuery, MoreConditions, conditions, lexemes};
use crate::engine::{Dialect, Row, Session, Value, values};
use crate::page::page_limit;
use crate::{Result, Store, StoreError};

/// Characters of a search text.
const TEXT_CHARS_MAX: usize = 200;
/// Words of a search text.
const TERMS_MAX: usize = 32;

/// The columns of a row of a list.
macro_rules! row_columns {
    ($of:literal) => {
        concat!(
            "SELECT b.id, b.project, b.title, b.status, b.priority, b.tags, b.created_at, b.replay, b.failure_title,
             b.updated_at, b.assignee, b.fixed_in, b.duplicate_of, b.version FROM ",
            $of
        )
    };
}

/// A search: the words that match joined to their bugs, and the number to order by.
macro_rules! search {
    ($matches:literal, $seq:literal) => {
        concat!(
            row_columns!($matches),
            " AND b.project = ANY($1::text[])
               AND ($3::text[] IS NULL OR b.status = ANY($3::text[]))
               AND ($4::text[] IS NULL OR b.priority = ANY($4::text[]))
               AND ($5::text[] IS NULL OR $8 = (SELECT count(*) FROM bug_tags t WHERE t.project = b.project
                   AND t.tag = ANY($5::text[]) AND t.status = b.status AND t.priority = b.priority AND t.bug = b.id))
             ORDER BY ",
            $seq,
            " DESC LIMIT $6"
        )
    };
}

/// The newest bugs of a project, of a state of it, and of a tag in such a state: each is one walk along an index.
const OF_PROJECT: &str = "SELECT id FROM bugs WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const OF_STATE: &str = "SELECT id FROM bugs WHERE project = $1 AND id < $2 AND status = $4 AND priority = $5
    ORDER BY id DESC LIMIT $3";
const OF_TAG: &str = "SELECT bug FROM bug_tags WHERE project = $1 AND bug < $2 AND status = $4 AND priority = $5
    AND tag = $6 ORDER BY bug DESC LIMIT $3";
const OF_TAG_IN_ANY_STATE: &str =
    "SELECT bug FROM bug_tags WHERE project = $1 AND bug < $2 AND tag = $4 ORDER BY bug DESC LIMIT $3";
const BY_IDS: &str = row_columns!("bugs b WHERE b.id = ANY($1::text[])");
const SEARCH: &str =
    search!("bugs_words w JOIN bugs b ON b.seq = w.rowid WHERE w.bugs_words MATCH $7 AND w.rowid < $2", "w.rowid");
/// PostgreSQL can't read its index of words from the newest bug on. What many bugs have is found among the newest ones,
/// without the index; what few have is found by the index. It can't be left to choose: it does not know how many.
const SEARCH_NEWEST: &str = search!(
    "(SELECT seq, words FROM bugs_words WHERE seq < $2 ORDER BY seq DESC LIMIT 400) w JOIN bugs b ON b.seq = w.seq
     WHERE w.words @@ $7::text::tsquery",
    "w.seq"
);
const SEARCH_INDEX: &str = search!(
    "(WITH found AS MATERIALIZED (SELECT seq FROM bugs_words WHERE words @@ $7::text::tsquery AND seq < $2)
      SELECT seq FROM found) w JOIN bugs b ON b.seq = w.seq WHERE true",
    "w.seq"
);
const SEQ: &str = "SELECT seq FROM bugs WHERE id = $1";

impl Store {
    /// Bugs, in the order that the query asks for.
    ///
    /// # Errors
    /// `Invalid` for a search text of more than 200 characters or 32 words.
    pub async fn bugs(&self, mut query: BugQuery) -> Result<Vec<BugListRow>> {
        // No text of a catalog can hold it.
        query.text = query.text.map(|text| text.replace('\0', " "));
        query.tags.sort();
        query.tags.dedup();
        if let Some(text) = &query.text {
            if text.chars().count() > TEXT_CHARS_MAX {
                return Err(StoreError::Invalid(format!("a search text has at most {TEXT_CHARS_MAX} characters")));
            }
            if terms(text).len() > TERMS_MAX {
                return Err(StoreError::Invalid(format!("a search text has at most {TERMS_MAX} words")));
            }
        }
        let more = [&query.more.reporter, &query.more.release, &query.more.browser];
        let has_nul = more.into_iter().flatten().chain(&query.tags).any(|text| text.contains('\0'));
        if query.projects.is_empty() || has_nul {
            return Ok(Vec::new());
        }
        if query.text.is_some() {
            // The place goes with the search, which runs on when its caller is gone.
            let place = self.shared().searches.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
            return self
                .read_long(move |s| {
                    let _place = place;
                    list(s, &query)
                })
                .await;
        }
        // What no index answers passes over the bugs of a project.
        if is_indexed(&query) {
            self.read(move |s| list(s, &query)).await
        } else {
            self.read_long(move |s| list(s, &query)).await
        }
    }
}

fn list(session: &dyn Session, query: &BugQuery) -> Result<Vec<BugListRow>> {
    if let Some(text) = &query.text {
        return search(session, query, text)?.iter().map(row).collect();
    }
    let ids = if is_indexed(query) { newest(session, query)? } else { conditions::ids(session, query)? };
    let rows = session.query(BY_IDS, &values![ids.clone()])?;
    let mut rows: HashMap<BugId, BugListRow> =
        rows.iter().map(|found| row(found).map(|row| (row.id, row))).collect::<Result<_>>()?;
    Ok(ids.into_iter().filter_map(|id| rows.remove(&BugId(id))).collect())
}

/// True for what the indexes of states and tags answer.
fn is_indexed(query: &BugQuery) -> bool {
    query.sort == BugSort::Newest && query.more == MoreConditions::default() && query.tags.len() <= 1
}

/// The newest ids that a query names. Each project, status and priority is read from the end of its own part of an
/// index, so that the rarest state costs as little as the commonest.
fn newest(session: &dyn Session, query: &BugQuery) -> Result<Vec<Ulid>> {
    let before = query.after.map_or(BugId(Ulid::from(u128::MAX)), |after| after.bug);
    let limit = page_limit(query.limit);
    let any_state = query.status.is_empty() && query.priority.is_empty();
    let mut ids = BTreeSet::new();
    let mut read = |sql, params: &[Value]| -> Result<()> {
        for row in session.query(sql, params)? {
            ids.insert(row.get::<Ulid>(0)?);
        }
        Ok(())
    };
    for project in query.projects.iter().collect::<BTreeSet<_>>() {
        if any_state {
            match query.tags.first() {
                None => read(OF_PROJECT, &values![*project, before, limit])?,
                Some(tag) => read(OF_TAG_IN_ANY_STATE, &values![*project, before, limit, tag.as_str()])?,
            }
            continue;
        }
        for (status, priority) in states(query) {
            let mut params = values![*project, before, limit, status.as_str(), priority.as_str()].to_vec();
            let sql = match query.tags.first() {
                Some(tag) => {
                    params.push(tag.as_str().into());
                    OF_TAG
                }
                None => OF_STATE,
            };
            read(sql, &params)?;
        }
    }
    Ok(ids.into_iter().rev().take(limit as usize).collect())
}

/// The states that a query names; no word means every one.
fn states(query: &BugQuery) -> impl Iterator<Item = (BugStatus, Priority)> {
    let named = |of: &[BugStatus]| if of.is_empty() { BugStatus::ALL.to_vec() } else { of.to_vec() };
    let priorities = if query.priority.is_empty() { Priority::ALL.to_vec() } else { query.priority.clone() };
    named(&query.status).into_iter().flat_map(move |s| priorities.clone().into_iter().map(move |p| (s, p)))
}

fn search(session: &dyn Session, query: &BugQuery, text: &str) -> Result<Vec<Row>> {
    let words = match session.dialect() {
        Dialect::Embedded => match_expression(&terms(text)),
        Dialect::Postgres => lexemes::tsquery(&query.projects, &terms(text)),
    };
    let Some(words) = words else { return Ok(Vec::new()) };
    let projects: Vec<Ulid> = query.projects.iter().map(|id| id.0).collect();
    let before: i64 = match query.after {
        None => i64::MAX,
        Some(after) => match session.query_one(SEQ, &values![after.bug])? {
            Some(row) => row.get(0)?,
            None => return Ok(Vec::new()),
        },
    };
    let statuses = one_of(query.status.iter().map(|status| status.as_str()));
    let priorities = one_of(query.priority.iter().map(|priority| priority.as_str()));
    let (tags, tag_count) = (one_of(query.tags.iter().map(String::as_str)), query.tags.len() as u64);
    let limit = page_limit(query.limit);
    let params = values![projects, before, statuses, priorities, tags, limit, words, tag_count];
    if session.dialect() == Dialect::Embedded {
        return session.query(SEARCH, &params);
    }
    let newest = session.query(SEARCH_NEWEST, &params)?;
    if newest.len() == limit as usize { Ok(newest) } else { session.query(SEARCH_INDEX, &params) }
}

/// The parameter of a column that takes one of these words; no words mean any.
pub(super) fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> Value {
    let words: Vec<String> = words.map(str::to_owned).collect();
    if words.is_empty() { Value::Null } else { words.into() }
}

/// Terms in FTS5's language: each is a string, its last word a prefix; all must be found. `None` when no term has a
/// letter or a digit.
fn match_expression(terms: &[&str]) -> Option<String> {
    let has_word = |term: &&&str| term.chars().any(char::is_alphanumeric);
    let quoted: Vec<String> =
        terms.iter().filter(has_word).map(|term| format!("\"{}\"*", term.replace('"', "\"\""))).collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

/// What a search looks for: each word, and what stands between double quotes as one piece. A quote inside of a word, or
/// one that is never closed, is a character like any other.
fn terms(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('"').and_then(|after| {
            let (inside, after) = after.split_once('"')?;
            let is_closed = after.is_empty() || after.starts_with(char::is_whitespace);
            (is_closed && !inside.trim().is_empty()).then_some((inside, after))
        });
        let (term, after) =
            quoted.unwrap_or_else(|| rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())));
        if !found.contains(&term) {
            found.push(term);
        }
        rest = after.trim_start();
    }
    found
}

fn row(row: &Row) -> Result<BugListRow> {
    Ok(BugListRow {
        id: row.get(0)?,
        project: row.get(1)?,
        title: row.get(2)?,
        status: row.parsed(3)?,
        priority: row.parsed(4)?,
        tags: row.json(5)?,
        created_at: row.get(6)?,
        replay: row.get(7)?,
        failure_title: row.get(8)?,
        updated_at: row.get(9)?,
        assignee: row.get(10)?,
        fixed_in: row.get(11)?,
        duplicate_of: row.get(12)?,
        version: row.get(13)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::ProjectId;

    use super::*;
    use crate::BugPosition;
    use crate::engine::{Connector, PAGE_BYTES, Sqlite, SqliteSettings, migrate};
    use crate::store::CATALOG_MIGRATIONS;

    const BUGS: usize = 3000;

    fn bug_row(id: BugId, project: ProjectId, closed: bool) -> Vec<Value> {
        let status = if closed { BugStatus::Closed } else { BugStatus::Open };
        let empty = Value::Null;
        values![
            empty.clone(),
            id,
            project,
            empty.clone(),
            "t",
            "d",
            status.as_str(),
            "low",
            "[]",
            "{}",
            "{}",
            "{}",
            "{}"
        ]
        .into_iter()
        .chain([empty.clone(), empty.clone(), empty])
        .chain(values![0i64, 0i64, 0i64, 0i64, 0i64, 0i64, 1i64])
        .chain(std::iter::repeat_n(Value::Null, 6))
        .chain(values!["[]", false])
        .collect()
    }

    /// However far back the matches lie, a page is what sorting everything gives.
    #[test]
    fn a_page_of_several_projects_is_what_sorting_gives() {
        let dir = tempfile::tempdir().unwrap();
        let settings = SqliteSettings { cache_mib: 1, connections: 1, page_bytes: PAGE_BYTES };
        let session = Sqlite::open(&dir.path().join("c.sqlite"), &settings).unwrap().connect().unwrap();
        migrate(&*session, CATALOG_MIGRATIONS).unwrap();
        let projects: Vec<ProjectId> = (0..3).map(|_| ProjectId::new()).collect();
        // The third project has no bugs but the oldest 40; every 100th bug is closed.
        let bugs: Vec<(BugId, ProjectId, bool)> = (0..BUGS)
            .map(|i| {
                let id = BugId(Ulid::from_parts(1000 + i as u64 / 3, i as u128));
                (id, projects[if i < 40 { 2 } else { i % 2 }], i % 100 == 0)
            })
            .collect();
        let rows: Vec<_> = bugs.iter().map(|(id, project, closed)| bug_row(*id, *project, *closed)).collect();
        session.append("bugs", &rows).unwrap();
        for (what, of, status, after, limit) in [
            ("newest", vec![0, 1], vec![], None, 50),
            ("one", vec![1], vec![], None, 50),
            ("from the middle", vec![0, 1, 2], vec![], Some(1500), 20),
            ("only the oldest", vec![2, 2], vec![], None, 100),
            ("rare", vec![0, 1, 2], vec![BugStatus::Closed], None, 20),
            ("to the end", vec![0, 1, 2], vec![], Some(30), 50),
            ("past the end", vec![0, 1], vec![], Some(0), 50),
            ("none", vec![0, 1], vec![BugStatus::Resolved], None, 50),
            ("several statuses", vec![0, 1], vec![BugStatus::Open, BugStatus::Closed], None, 50),
        ] {
            let of: Vec<ProjectId> = of.into_iter().map(|i: usize| projects[i]).collect();
            let after = after.map(|i: usize| bugs[i].0);
            let position = after.map(|bug| BugPosition { bug, updated_at: None, priority: None });
            let query = BugQuery {
                projects: of.clone(),
                status: status.clone(),
                after: position,
                limit,
                ..BugQuery::default()
            };
            let want: Vec<BugId> = bugs
                .iter()
                .rev()
                .filter(|(id, project, closed)| {
                    let now = if *closed { BugStatus::Closed } else { BugStatus::Open };
                    let fits = status.is_empty() || status.contains(&now);
                    of.contains(project) && fits && after.is_none_or(|after| *id < after)
                })
                .map(|(id, ..)| *id)
                .take(limit as usize)
                .collect();
            let found: Vec<BugId> = list(&*session, &query).unwrap().iter().map(|row| row.id).collect();
            assert_eq!(found, want, "{what}");
        }
    }

    #[test]
    fn a_search_is_cut_into_words_and_quoted_pieces() {
        for (text, want) in [
            ("coupon", vec!["coupon"]),
            ("  coupon \t fails ", vec!["coupon", "fails"]),
            ("a \"does nothing\" b", vec!["a", "does nothing", "b"]),
            ("a a", vec!["a"]),
            ("\"never closed", vec!["\"never", "closed"]),
            ("a\"b", vec!["a\"b"]),
            ("\"\"", vec!["\"\""]),
            ("\"a\"b", vec!["\"a\"b"]),
            ("", vec![]),
        ] {
            assert_eq!(terms(text), want, "{text:?}");
        }
    }
}
