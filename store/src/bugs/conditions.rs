//! Lists of bugs with conditions and orders that no index of states has.
//!
//! One project at a time is walked along the index of the order, and what does not fit is passed over.

use playhead_schemas::tracker::BugSort;
use playhead_schemas::upload::Priority;
use playhead_schemas::{BugId, EpochMs, ProjectId};
use ulid::Ulid;

use super::list::one_of;
use super::{AssigneeIs, BugPosition, BugQuery};
use crate::Result;
use crate::engine::{Session, Value, values};
use crate::json::to_json;
use crate::page::page_limit;

/// A walk: where it begins, and its order.
macro_rules! walk {
    ($place:literal, $order:literal) => {
        concat!(
            "SELECT b.id, b.updated_at FROM bugs b WHERE b.project = $1
                AND ($2::text[] IS NULL OR b.status = ANY($2::text[]))
                AND ($3::text[] IS NULL OR b.priority = ANY($3::text[]))
                AND ($4::text[] IS NULL OR $5 = (SELECT count(*) FROM bug_tags t WHERE t.project = b.project
                    AND t.tag = ANY($4::text[]) AND t.status = b.status AND t.priority = b.priority AND t.bug = b.id))
                AND ($6::text IS NULL OR coalesce(b.assignee, '') = $6::text)
                AND ($7::text IS NULL OR strpos(b.reporter, $7::text) > 0)
                AND ($8::text IS NULL OR b.release = $8::text)
                AND ($9::text IS NULL OR strpos(lower(b.browser), $9::text) > 0)
                AND ($10::boolean IS NULL OR (b.replay IS NOT NULL) = $10::boolean)
                AND ($11::boolean IS NULL OR b.has_error = $11::boolean)
                AND ($12::text IS NULL OR strpos(b.signals, $12::text) > 0)
                AND ($13::bigint IS NULL OR b.created_at >= $13::bigint)
                AND ($14::bigint IS NULL OR b.created_at < $14::bigint)
                AND ($15::bigint IS NULL OR b.updated_at >= $15::bigint)
                AND ($16::bigint IS NULL OR b.updated_at < $16::bigint)
                AND ($18::text IS NULL OR b.duplicate_of = $18::text)
                AND ",
            $place,
            " ORDER BY ",
            $order,
            " LIMIT $17"
        )
    };
}

const NEWEST: &str = walk!("b.id < $19", "b.id DESC");
const OLDEST: &str = walk!("b.id > $19", "b.id");
const UPDATED: &str =
    walk!("(b.updated_at < $20 OR (b.updated_at = $20 AND b.id < $19))", "b.updated_at DESC, b.id DESC");

/// The ids of a page, in the query's order.
pub(super) fn ids(session: &dyn Session, query: &BugQuery) -> Result<Vec<Ulid>> {
    match query.sort {
        BugSort::Newest => walked(session, query, NEWEST, query.after),
        BugSort::Oldest => walked(session, query, OLDEST, query.after),
        BugSort::Updated => walked(session, query, UPDATED, query.after),
        BugSort::Priority => by_priority(session, query),
    }
}

/// One priority after the other, the most urgent first.
fn by_priority(session: &dyn Session, query: &BugQuery) -> Result<Vec<Ulid>> {
    let limit = page_limit(query.limit) as usize;
    let from = query.after.and_then(|after| after.priority);
    let asked = |priority: &Priority| query.priority.is_empty() || query.priority.contains(priority);
    let left =
        Priority::ALL.into_iter().rev().filter(asked).filter(|priority| from.is_none_or(|from| *priority <= from));
    let mut found: Vec<Ulid> = Vec::new();
    for priority in left {
        let after = query.after.filter(|_| from == Some(priority));
        let of_one = BugQuery { priority: vec![priority], limit: (limit - found.len()) as u32, ..query.clone() };
        found.extend(walked(session, &of_one, NEWEST, after)?);
        if found.len() >= limit {
            break;
        }
    }
    Ok(found)
}

fn walked(session: &dyn Session, query: &BugQuery, sql: &'static str, after: Option<BugPosition>) -> Result<Vec<Ulid>> {
    let mut found: Vec<(EpochMs, Ulid)> = Vec::new();
    let mut projects: Vec<ProjectId> = query.projects.clone();
    projects.sort();
    projects.dedup();
    for project in projects {
        for row in session.query(sql, &params(query, project, sql, after)?)? {
            found.push((row.get(1)?, row.get(0)?));
        }
    }
    match query.sort {
        BugSort::Updated => found.sort_by(|a, b| b.cmp(a)),
        BugSort::Oldest => found.sort_by_key(|(_, id)| *id),
        BugSort::Newest | BugSort::Priority => found.sort_by_key(|(_, id)| std::cmp::Reverse(*id)),
    }
    Ok(found.into_iter().map(|(_, id)| id).take(page_limit(query.limit) as usize).collect())
}

fn params(query: &BugQuery, project: ProjectId, sql: &str, after: Option<BugPosition>) -> Result<Vec<Value>> {
    let more = &query.more;
    let assignee = more.assignee.map(|assignee| match assignee {
        AssigneeIs::Nobody => String::new(),
        AssigneeIs::Actor(actor) => actor.to_string(),
    });
    // Reporters and signals are JSON: a value stands in it in its quoted form.
    let reporter = more.reporter.as_ref().map(|text| Ok::<_, crate::StoreError>(format!(":{}", to_json(text)?)));
    let signal = more.signal.map(|signal| format!("\"{signal}\""));
    let browser = more.browser.as_ref().map(|text| text.to_ascii_lowercase());
    let first = if query.sort == BugSort::Oldest { 0 } else { u128::MAX };
    let place = after.map_or(BugId(Ulid::from(first)), |after| after.bug);
    let mut params = values![
        project,
        one_of(query.status.iter().map(|status| status.as_str())),
        one_of(query.priority.iter().map(|priority| priority.as_str())),
        one_of(query.tags.iter().map(String::as_str)),
        query.tags.len() as u64,
        assignee,
        reporter.transpose()?,
        more.release.as_deref(),
        browser,
        more.has_replay,
        more.has_error,
        signal,
        more.created_from,
        more.created_before,
        more.updated_from,
        more.updated_before,
        page_limit(query.limit),
        more.duplicate_of,
        place
    ]
    .to_vec();
    if sql == UPDATED {
        params.push(after.and_then(|after| after.updated_at).unwrap_or(EpochMs(i64::MAX)).into());
    }
    Ok(params)
}
