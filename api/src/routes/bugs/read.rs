//! One bug.

use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::BugId;
use playhead_store as store;
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, path};

use crate::app::Api;
use crate::caller::Caller;
use crate::extract::PathId;
use crate::types::{Bug, Report, Untrusted};

pub(super) fn docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("get_bug")
        .summary("Get a bug")
        .description(
            "The report whole. What its replay tells, and the prompt to fix it: POST /api/v1/tools/get_bug_context, \
             get_replay_transcript and generate_fix_prompt.",
        )
        .with(path::<BugId>("bug", "The bug's id."))
}

pub(super) async fn read(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    bug: PathId<BugId>,
) -> Result<Answer<Bug>, ApiError> {
    let bug = caller.bug(&api, &bug).await?;
    let duplicates = api.store.duplicate_count(bug.id).await?;
    let assignee = match bug.assignee {
        Some(actor) => api.store.actor_roles(actor).await?.map(|roles| roles.name),
        None => None,
    };
    Ok(Answer(shown(bug, duplicates, assignee)))
}

fn shown(bug: store::Bug, duplicates: u64, assignee: Option<String>) -> Bug {
    let report = Report {
        title: bug.title,
        description: bug.description,
        reporter: bug.reporter,
        assignee,
        milestone: bug.milestone,
        release: bug.release,
        fixed_in: bug.fixed_in,
        tags: bug.tags,
        page: bug.page,
        system: bug.system,
        metadata: bug.metadata,
    };
    Bug {
        id: bug.id,
        project: bug.project,
        status: bug.status,
        priority: bug.priority,
        version: bug.version,
        created_at: bug.created_at,
        updated_at: bug.updated_at,
        assignee: bug.assignee,
        answered_by: bug.answered_by,
        duplicate_of: bug.duplicate_of,
        duplicates,
        replay_id: bug.replay,
        screenshot_count: bug.screenshot_count,
        attachment_count: bug.attachment_count,
        comment_count: bug.comment_count,
        untrusted: Untrusted(report),
    }
}
