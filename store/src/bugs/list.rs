//! Listing bugs and searching them.

use std::sync::LazyLock;

use playhead_schemas::BugId;
use ulid::Ulid;

use super::{BugListRow, BugQuery};
use crate::engine::{Row, Session, Value, values};
use crate::json::to_json;
use crate::page::page_limit;
use crate::{Result, Store, StoreError};

/// Characters of a search text.
const TEXT_CHARS_MAX: usize = 200;
/// Words of a search text.
const TERMS_MAX: usize = 32;

/// Rows that a list of several projects reads before it reads all.
const NEAR_ROWS: u64 = 512;

const OF_ONE: &str = "SELECT id, project, title, status, priority, tags, created_at, replay, failure_title FROM bugs
    WHERE project = $1 AND id < $2::text
      AND ($3::text[] IS NULL OR status = ANY($3::text[])) AND ($4::text[] IS NULL OR priority = ANY($4::text[]))
      AND ($5::text IS NULL OR strpos(tags, $5::text) > 0)
    ORDER BY id DESC LIMIT $6";
const OF_MANY: &str = "SELECT id, project, title, status, priority, tags, created_at, replay, failure_title FROM bugs
    WHERE project = ANY($1::text[]) AND id < $2::text AND id >= $7::text
      AND ($3::text[] IS NULL OR status = ANY($3::text[])) AND ($4::text[] IS NULL OR priority = ANY($4::text[]))
      AND ($5::text IS NULL OR strpos(tags, $5::text) > 0)
    ORDER BY id DESC LIMIT $6";
const NEAR: &str = "SELECT id FROM bugs WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2";
const SEARCH: &str = "SELECT b.id, b.project, b.title, b.status, b.priority, b.tags, b.created_at, b.replay,
    b.failure_title FROM bugs b LEFT JOIN transcripts t ON t.replay = b.replay
    WHERE b.project = ANY($1::text[]) AND b.id < $2::text
      AND ($3::text[] IS NULL OR b.status = ANY($3::text[])) AND ($4::text[] IS NULL OR b.priority = ANY($4::text[]))
      AND ($5::text IS NULL OR strpos(b.tags, $5::text) > 0)";
const SEARCH_ORDER: &str = " ORDER BY b.id DESC LIMIT $6";
/// The parameters before the terms of a search.
const SEARCH_PARAMS: usize = 6;
/// The statement for each number of terms.
static SEARCHES: LazyLock<Vec<String>> = LazyLock::new(|| (0..=TERMS_MAX).map(search).collect());

impl Store {
    /// Bugs, newest first.
    ///
    /// # Errors
    /// `Invalid` for a search text of more than 200 characters or 32 words.
    pub async fn bugs(&self, query: BugQuery) -> Result<Vec<BugListRow>> {
        if let Some(text) = &query.text {
            if text.chars().count() > TEXT_CHARS_MAX {
                return Err(StoreError::Invalid(format!("a search text has at most {TEXT_CHARS_MAX} characters")));
            }
            if terms(text).len() > TERMS_MAX {
                return Err(StoreError::Invalid(format!("a search text has at most {TERMS_MAX} words")));
            }
        }
        if query.projects.is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |s| list(s, &query)).await
    }
}

fn list(session: &dyn Session, query: &BugQuery) -> Result<Vec<BugListRow>> {
    let projects: Vec<Ulid> = query.projects.iter().map(|id| id.0).collect();
    let before = query.after.unwrap_or(BugId(Ulid::from(u128::MAX)));
    let statuses = one_of(query.status.iter().map(|status| status.as_str()));
    let priorities = one_of(query.priority.iter().map(|priority| priority.as_str()));
    // Tags are a JSON array of strings: the array contains a tag exactly when the text contains its quoted form.
    let tag = query.tag.as_ref().map(to_json).transpose()?;
    let limit = page_limit(query.limit);
    let mut params = values![projects, before, statuses, priorities, tag, limit].to_vec();
    let rows = match (&query.text, &query.projects[..]) {
        (Some(text), _) => {
            let terms = terms(text);
            let sql = SEARCHES.get(terms.len()).map_or("", String::as_str);
            params.extend(terms.into_iter().map(Value::from));
            session.query(sql, &params)?
        }
        (None, [one]) => {
            params[0] = (*one).into();
            session.query(OF_ONE, &params)?
        }
        (None, _) => of_many(session, params, before, limit)?,
    };
    rows.iter().map(row).collect()
}

/// The parameter of a column that takes one of these words; no words mean any.
fn one_of(words: impl Iterator<Item = &'static str>) -> Value {
    let words: Vec<String> = words.map(str::to_owned).collect();
    if words.is_empty() { Value::Null } else { words.into() }
}

/// The statement that finds bugs with so many terms, each anywhere in title, description or summary.
fn search(terms: usize) -> String {
    let mut sql = SEARCH.to_owned();
    for n in SEARCH_PARAMS + 1..=SEARCH_PARAMS + terms {
        // Twice as fast as ILIKE, whose wildcards would have to be escaped as well.
        sql.push_str(&format!(
            " AND (strpos(lower(b.title), lower(${n})) > 0 OR strpos(lower(b.description), lower(${n})) > 0
                OR strpos(lower(t.summary), lower(${n})) > 0)"
        ));
    }
    sql.push_str(SEARCH_ORDER);
    sql
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

/// The newest bugs of several projects. DuckDB reads a list of one project from its end, but it reads all rows for a
/// list of several projects; so the newest rows are read first, which is nearly always enough.
fn of_many(session: &dyn Session, mut params: Vec<Value>, before: BugId, limit: u32) -> Result<Vec<Row>> {
    let near = session.query_one(NEAR, &values![before, NEAR_ROWS + 2 * u64::from(limit)])?;
    if let Some(near) = &near {
        params.push(near.get::<BugId>(0)?.into());
        let rows = session.query(OF_MANY, &params)?;
        if rows.len() >= limit as usize {
            return Ok(rows);
        }
        params.pop();
    }
    params.push(BugId(Ulid::from(0u128)).into());
    session.query(OF_MANY, &params)
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
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::ProjectId;
    use playhead_schemas::upload::BugStatus;

    use super::*;
    use crate::engine::{Connector, Duck, DuckSettings, migrate};

    const BUGS: usize = 3000;

    fn bug_row(id: BugId, project: ProjectId, closed: bool) -> Vec<Value> {
        let status = if closed { BugStatus::Closed } else { BugStatus::Open };
        let empty = Value::Null;
        values![id, project, empty.clone(), "t", "d", status.as_str(), "low", "[]", "{}", "{}", "{}", "{}"]
            .into_iter()
            .chain([empty.clone(), empty.clone(), empty])
            .chain(values![0i64, 0i64, 0i64, 0i64, 0i64, 0i64])
            .collect()
    }

    /// However far back the matches lie, a page is what sorting everything gives.
    #[test]
    fn a_page_of_several_projects_is_what_sorting_gives() {
        let dir = tempfile::tempdir().unwrap();
        let settings = DuckSettings { memory_mib: 128, threads: 1 };
        let duck = Duck::open(&dir.path().join("c.duckdb"), &settings).unwrap();
        let session = duck.connect().unwrap();
        migrate(&*session).unwrap();
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
            let query = BugQuery { projects: of.clone(), status: status.clone(), after, limit, ..BugQuery::default() };
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
