//! The words of bugs, by which they are searched, and their tags, by which they are listed.

use playhead_schemas::{BugId, ProjectId, ReplayId};

use super::{ReplayFacts, lexemes};
use crate::Result;
use crate::engine::{Dialect, Row, Session, Sql, Tx, Value, in_transaction, values};

/// Bugs that are read at a time.
const ROWS: u64 = 1_000;

const SET_FAILURE: &str = "UPDATE bugs SET failure_title = $2, signals = $3, has_error = $4 WHERE replay = $1
    RETURNING seq, title, description, project";
const SET_WORDS: Sql = Sql {
    embedded: "INSERT OR REPLACE INTO bugs_words (rowid, title, description, failure, summary)
        VALUES ($1, $2, $3, $4, $5)",
    postgres: "INSERT INTO bugs_words (seq, words) VALUES ($1, $2::text::tsvector)
        ON CONFLICT (seq) DO UPDATE SET words = excluded.words",
};
const ALL: &str = "SELECT seq, title, description, failure_title, replay, project, id, status, priority, tags FROM bugs
    WHERE seq > $1 ORDER BY seq LIMIT $2";
const REMOVE_TAG: &str = "DELETE FROM bug_tags WHERE project = $1 AND tag = $2 AND status = $3 AND priority = $4
    AND bug = $5";
/// The newest bug that has words, and the newest bug: bugs get their words in their order, those that come later with
/// their rows.
const WITHOUT_WORDS: &str = "SELECT coalesce((SELECT max(id) FROM bugs_words_docsize), 0),
    coalesce((SELECT max(seq) FROM bugs), 0)";
const ADD_TAG: &str = "INSERT INTO bug_tags (project, tag, status, priority, bug) VALUES ($1, $2, $3, $4, $5)";

/// Gives the bugs of a replay the failure and the words of its new transcript.
pub(crate) fn transcript_published(
    tx: &Tx<'_>,
    replay: ReplayId,
    failure_title: Option<&str>,
    facts: &ReplayFacts,
    summary: &str,
) -> Result<()> {
    for row in tx.change(SET_FAILURE, &values![replay, failure_title, facts.signals.as_str(), facts.has_error])? {
        let (seq, title, description): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        set_words(tx, (row.get(3)?, seq), [&title, &description, failure_title.unwrap_or_default(), summary])?;
    }
    Ok(())
}

/// Gives every bug its words and its tags; `summary_of` tells the summary of a replay.
pub(crate) fn index_all(session: &dyn Session, summary_of: impl Fn(ReplayId) -> Result<String>) -> Result<()> {
    let mut last = 0i64;
    loop {
        let rows = session.query(ALL, &values![last, ROWS])?;
        let Some(newest) = rows.last() else { return Ok(()) };
        last = newest.get(0)?;
        for row in &rows {
            index_words(session, row, &summary_of)?;
            let (project, bug): (ProjectId, BugId) = (row.get(5)?, row.get(6)?);
            let (status, priority): (String, String) = (row.get(7)?, row.get(8)?);
            for tag in row.json::<Vec<String>>(9)? {
                session.execute(ADD_TAG, &values![project, tag, status.as_str(), priority.as_str(), bug])?;
            }
        }
    }
}

/// Gives the bugs their words that have none since a migration made their table anew. Some in one commit: an interrupted
/// start goes on where it was.
pub(crate) fn index_missing(session: &dyn Session, summary_of: impl Fn(ReplayId) -> Result<String>) -> Result<()> {
    if session.dialect() == Dialect::Postgres {
        return Ok(());
    }
    loop {
        let Some(row) = session.query_one(WITHOUT_WORDS, &[])? else { return Ok(()) };
        let (done, total): (i64, i64) = (row.get(0)?, row.get(1)?);
        if done >= total {
            return Ok(());
        }
        tracing::info!(done, total, "bugs get the words by which they are searched");
        in_transaction(session, || {
            let rows = session.query(ALL, &values![done, ROWS])?;
            rows.iter().try_for_each(|row| index_words(session, row, &summary_of))
        })?;
    }
}

/// Writes the words of a row of [`ALL`].
fn index_words(session: &dyn Session, row: &Row, summary_of: impl Fn(ReplayId) -> Result<String>) -> Result<()> {
    let (title, description): (String, String) = (row.get(1)?, row.get(2)?);
    let failure = row.get::<Option<String>>(3)?.unwrap_or_default();
    let summary = row.get::<Option<ReplayId>>(4)?.map_or(Ok(String::new()), summary_of)?;
    let texts = [title.as_str(), &description, &failure, &summary];
    let words = words(session.dialect(), (row.get(5)?, row.get(0)?), texts);
    session.execute(SET_WORDS.of(session.dialect()), &words).map(drop)
}

/// Sets the words of a bug: those of title, description, failure and summary.
pub(super) fn set_words(tx: &Tx<'_>, bug: (ProjectId, i64), texts: [&str; 4]) -> Result<()> {
    tx.execute(SET_WORDS.of(tx.dialect()), &words(tx.dialect(), bug, texts)).map(drop)
}

/// The parameters of [`SET_WORDS`].
fn words(
    dialect: Dialect,
    (project, seq): (ProjectId, i64),
    [title, description, failure, summary]: [&str; 4],
) -> Vec<Value> {
    match dialect {
        Dialect::Embedded => values![seq, title, description, failure, summary].to_vec(),
        // The longest text last: positions end at 16,383.
        Dialect::Postgres => values![seq, lexemes::tsvector(project, [title, failure, summary, description])].to_vec(),
    }
}

/// Lists a bug under its tags as they are now, and no longer as they were.
pub(super) fn change_tags(
    tx: &Tx<'_>,
    bug: (ProjectId, BugId),
    was: ((&str, &str), &[String]),
    is: ((&str, &str), &[String]),
) -> Result<()> {
    for tag in was.1 {
        tx.execute(REMOVE_TAG, &values![bug.0, tag.as_str(), was.0.0, was.0.1, bug.1])?;
    }
    add_tags(tx, bug, is.0, is.1)
}

/// Lists a new bug under its tags.
pub(super) fn add_tags(
    tx: &Tx<'_>,
    (project, bug): (ProjectId, BugId),
    (status, priority): (&str, &str),
    tags: &[String],
) -> Result<()> {
    tags.iter()
        .try_for_each(|tag| tx.execute(ADD_TAG, &values![project, tag.as_str(), status, priority, bug]).map(drop))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::upload::Priority;
    use playhead_schemas::{EpochMs, ProjectId, ReplayId, ReplayKey, SegmentNo, Stream, Timeline};

    use crate::engine::{Connector, PAGE_BYTES, Sqlite, SqliteSettings};
    use crate::{BugQuery, CompressedPayload, NewBug, SegmentPart, SegmentPut, Store, StoreConfig};

    /// What the migration to another table of words leaves: none.
    #[tokio::test]
    async fn bugs_without_words_get_those_of_their_texts_and_of_their_transcript() {
        let dir = tempfile::tempdir().unwrap();
        let config = StoreConfig::new(dir.path());
        let store = Store::open(config.clone()).await.unwrap();
        let project = store.create_project(store.default_workspace().await.unwrap().id, "p", "P").await.unwrap().id;
        let key: ReplayKey = "r".parse().unwrap();
        let payload = CompressedPayload::from_raw(b"[]").unwrap();
        let part = SegmentPart { stream: Stream::Rrweb, window: None, payload };
        let n = SegmentNo(0);
        let (replay, replay_bytes_max) = (key.clone(), 1 << 20);
        let put = SegmentPut { project, replay, n, parts: vec![part], is_final: true, replay_bytes_max };
        store.put_segment(put).await.unwrap();
        let job = store.claim_job("w", EpochMs::now(), 1000).await.unwrap().unwrap();
        let replay = ReplayId(job.subject);
        store.publish_transcript(replay, job.id, "w", &Timeline::default(), "about kettles", 1).await.unwrap();
        let titles = ["one broken button", "another"];
        for title in titles {
            let new = NewBug { title: title.into(), replay: Some(key.clone()), ..bug(project) };
            store.create_bug(new).await.unwrap();
        }
        store.close().await;
        let settings = SqliteSettings { cache_mib: 1, connections: 1, page_bytes: PAGE_BYTES };
        let sqlite = Sqlite::open(&dir.path().join("catalog.sqlite"), &settings).unwrap();
        sqlite.connect().unwrap().batch("INSERT INTO bugs_words (bugs_words) VALUES ('delete-all')").unwrap();
        let store = Store::open(config).await.unwrap();
        for (text, found) in [("broken", vec![titles[0]]), ("kettl", vec![titles[1], titles[0]]), ("absent", vec![])] {
            let query = BugQuery { projects: vec![project], text: Some(text.into()), limit: 9, ..BugQuery::default() };
            let rows = store.bugs(query).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), found, "{text}");
        }
        store.close().await;
    }

    fn bug(project: ProjectId) -> NewBug {
        NewBug {
            project,
            client_id: None,
            title: String::new(),
            description: String::new(),
            reporter: Default::default(),
            page: Default::default(),
            system: Default::default(),
            metadata: Default::default(),
            tags: Vec::new(),
            priority: Priority::default(),
            cookies: Vec::new(),
            replay: None,
            screenshots: Vec::new(),
            attachments: Vec::new(),
        }
    }
}
