//! Errors and feedback as bugs.

use playhead_schemas::limits::{
    ATTACHMENTS_MAX, DESCRIPTION_CHARS_MAX, METADATA_BYTES_MAX, SCREENSHOTS_MAX, TAG_CHARS_MAX, TAGS_MAX,
    TITLE_CHARS_MAX,
};
use playhead_schemas::text::{one_line, prefix, visible};
use playhead_schemas::upload::Priority;
use playhead_schemas::{EpochMs, ProjectId};
use playhead_store::NewBug;
use serde_json::{Map, Value};

use super::account::Account;
use super::crumbs;
use super::error_report::{Context, ErrorReport, ID_BYTES_MAX, Product, Severity};
use super::value::cut;
use crate::bug::{BugFile, told_by_bytes};
use crate::config::IngestConfig;

/// Breadcrumbs in the description of a bug that no replay shows.
const CRUMB_LINES_MAX: usize = 30;

/// What a user wrote.
#[derive(Debug)]
pub(crate) struct Feedback {
    pub(crate) context: Context,
    pub(crate) message: String,
    /// The event that it is about.
    pub(crate) about_event: Option<String>,
}

/// The bug of an error that is the first of its kind.
pub(super) fn of_error(
    report: &ErrorReport,
    project: ProjectId,
    client_id: String,
    config: &IngestConfig,
    account: &mut Account,
) -> NewBug {
    let mut bug = of_context(&report.context, project, client_id, config, account);
    bug.title = report.title();
    bug.description = cut(&description(report), DESCRIPTION_CHARS_MAX);
    bug.priority = match report.severity {
        Severity::Fatal => Priority::High,
        Severity::Error => Priority::Medium,
        Severity::Warning | Severity::Info | Severity::Debug => Priority::Low,
    };
    bug
}

fn description(report: &ErrorReport) -> String {
    let mut text = String::new();
    if let Some(message) = &report.message {
        text.push_str(&visible(message));
        text.push_str("\n\n");
    }
    for (n, exception) in report.exceptions.iter().enumerate() {
        if n > 0 {
            text.push_str("Caused by ");
        }
        text.push_str(&exception.title());
        text.push('\n');
        for line in exception.stack().lines() {
            text.push_str("    ");
            text.push_str(&one_line(line, 500));
            text.push('\n');
        }
        text.push('\n');
    }
    if report.context.replay.is_none() {
        let lines = crumbs::as_text(&report.crumbs, CRUMB_LINES_MAX);
        if !lines.is_empty() {
            text.push_str("What happened before:\n");
            lines.iter().for_each(|line| {
                text.push_str(line);
                text.push('\n');
            });
        }
    }
    text.trim_end().to_owned()
}

/// The bug that errors join for which the project has no allowance left.
pub(super) fn of_flood(project: ProjectId, product: Product, now: EpochMs) -> NewBug {
    let day = now.to_rfc3339().chars().take(10).collect::<String>();
    NewBug {
        project,
        client_id: Some(format!("sdk-errors-more-{day}")),
        title: format!("More kinds of errors than bugs are made of on {day}"),
        description:
            "The page reported more kinds of errors than become bugs: 100 at once, and 60 an hour. These have \
                      no bug of their own; those with a replay stand in its transcript."
                .to_owned(),
        reporter: playhead_schemas::upload::Reporter::default(),
        page: playhead_schemas::upload::PageContext::default(),
        system: playhead_schemas::upload::SystemInfo::default(),
        metadata: Map::new(),
        tags: vec![product.name().to_owned(), "error".to_owned()],
        priority: Priority::Medium,
        cookies: Vec::new(),
        replay: None,
        screenshots: Vec::new(),
        attachments: Vec::new(),
    }
}

/// The bug of what a user wrote.
pub(super) fn of_feedback(
    feedback: &Feedback,
    project: ProjectId,
    config: &IngestConfig,
    account: &mut Account,
) -> NewBug {
    let context = &feedback.context;
    let client_id = format!("sdk-feedback-{}-{}", context.product.name(), prefix(&context.id, ID_BYTES_MAX));
    let mut bug = of_context(context, project, client_id, config, account);
    let message = visible(&feedback.message);
    let first = message.lines().map(|text| one_line(text, 120)).find(|text| !text.is_empty());
    bug.title = first.unwrap_or_else(|| "Feedback without words".to_owned());
    bug.description = cut(message.trim(), DESCRIPTION_CHARS_MAX);
    if let Some(event) = &feedback.about_event {
        bug.metadata.insert("associated_event_id".to_owned(), Value::from(event.as_str()));
    }
    bug
}

/// What bugs of both kinds have in common.
fn of_context(
    context: &Context,
    project: ProjectId,
    client_id: String,
    config: &IngestConfig,
    account: &mut Account,
) -> NewBug {
    let (mut screenshots, mut attachments) = (Vec::new(), Vec::new());
    for part in &context.files {
        match told_by_bytes(part.clone(), config) {
            Ok(BugFile::Screenshot(file)) if screenshots.len() < SCREENSHOTS_MAX => screenshots.push(file),
            Ok(BugFile::Attachment(file)) if attachments.len() < ATTACHMENTS_MAX => attachments.push(file),
            Ok(_) => account.reject("attachment", "a bug has at most 10 screenshots and 10 other files"),
            Err(problem) => account.reject("attachment", problem.message),
        }
    }
    NewBug {
        project,
        client_id: Some(client_id),
        title: String::new(),
        description: String::new(),
        reporter: context.reporter.clone(),
        page: context.page.clone(),
        system: context.system.clone(),
        metadata: bounded(&context.metadata),
        tags: tags(context),
        priority: Priority::default(),
        cookies: Vec::new(),
        replay: context.replay.clone(),
        screenshots,
        attachments,
    }
}

/// Members in their order, as many as fit.
fn bounded(metadata: &Map<String, Value>) -> Map<String, Value> {
    let mut left = METADATA_BYTES_MAX;
    let mut kept = Map::new();
    for (key, value) in metadata {
        let bytes = key.len() + value.to_string().len() + 4;
        if bytes <= left {
            left -= bytes;
            kept.insert(key.clone(), value.clone());
        }
    }
    kept
}

fn tags(context: &Context) -> Vec<String> {
    let mut tags = vec![context.product.name().to_owned()];
    for tag in &context.tags {
        let tag = one_line(tag, TAG_CHARS_MAX);
        if !tag.is_empty() && !tags.contains(&tag) && tags.len() < TAGS_MAX {
            tags.push(tag);
        }
    }
    tags
}

const _: () = assert!(TITLE_CHARS_MAX >= 300, "titles of errors have up to 300 characters");
