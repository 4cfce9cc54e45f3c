//! From a request body to a bug and the outcomes of its parts.

use bytes::{Bytes, BytesMut};
use playhead_json::repair;
use playhead_json::strict::Scanner;
use playhead_schemas::ProjectId;
use playhead_store::{NewAttachment, NewBug, NewScreenshot};
use playhead_web::Problem;

use super::fields;
use super::files::{self, FileIn};
use crate::answer::{FieldReport, FileReport, PartStatus};
use crate::config::IngestConfig;
use crate::form::{self, Part, Piece, ignored_names};

/// How deep the JSON of a bug may nest, metadata included. serde_json stops at 128.
const DEPTH_MAX: u32 = 100;
/// Files of one kind in one request, valid or not.
const FILES_MAX: usize = 100;

/// A bug as far as it is valid, and what became of the rest.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) bug: NewBug,
    pub(crate) screenshots: Vec<FileReport>,
    pub(crate) attachments: Vec<FileReport>,
    pub(crate) rejected: Vec<FieldReport>,
    pub(crate) ignored: Vec<String>,
}

/// Reads a JSON body.
pub(crate) fn read_json(body: Bytes, project: ProjectId, config: &IngestConfig) -> Result<Report, Problem> {
    let body = repaired(body);
    let mut bug = CollectedBug::of_members(form::members(&body, DEPTH_MAX)?)?;
    let screenshots = std::mem::take(&mut bug.screenshots);
    let attachments = std::mem::take(&mut bug.attachments);
    bug.finish(project, config, screenshots, attachments)
}

/// Reads the parts of a multipart body.
pub(crate) fn read_multipart(parts: Vec<Part>, project: ProjectId, config: &IngestConfig) -> Result<Report, Problem> {
    let mut bug = None;
    let (mut screenshots, mut attachments, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        match part.name.as_str() {
            "bug" if bug.is_none() => {
                let body = repaired(part.bytes);
                bug = Some(CollectedBug::of_members(form::members(&body, DEPTH_MAX)?)?);
            }
            "screenshot" | "screenshots" => screenshots.push(Ok(FileIn::of_part(part))),
            "attachment" | "attachments" => attachments.push(Ok(FileIn::of_part(part))),
            _ => unknown.push(part.name),
        }
    }
    let mut bug =
        bug.ok_or_else(|| Problem::invalid("there is no part named bug", "send the bug as JSON in a part named bug"))?;
    bug.ignored.extend(ignored_names(unknown.iter().map(String::as_str)));
    // Files inside the JSON come first.
    let mut all_screenshots = std::mem::take(&mut bug.screenshots);
    let mut all_attachments = std::mem::take(&mut bug.attachments);
    all_screenshots.append(&mut screenshots);
    all_attachments.append(&mut attachments);
    bug.finish(project, config, all_screenshots, all_attachments)
}

/// A cut text may end with a lone surrogate, which must not cost the whole report.
fn repaired(body: Bytes) -> Bytes {
    let mut bytes = body.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    repair::surrogates(&mut bytes);
    bytes.freeze()
}

/// The fields of a bug while they are collected.
#[derive(Default)]
struct CollectedBug {
    fields: fields::Fields,
    screenshots: Vec<Result<FileIn, Problem>>,
    attachments: Vec<Result<FileIn, Problem>>,
    rejected: Vec<FieldReport>,
    ignored: Vec<String>,
}

impl CollectedBug {
    fn of_members(members: Vec<Piece>) -> Result<Self, Problem> {
        let mut bug = Self::default();
        let mut unknown = Vec::new();
        for Piece { name, json } in &members {
            if &json[..] == b"null" {
                continue;
            }
            match name.as_str() {
                "screenshots" => bug.screenshots = files(json, "screenshots")?,
                "attachments" => bug.attachments = files(json, "attachments")?,
                name => match bug.fields.read(name, json) {
                    Some(Ok(())) => {}
                    Some(Err((field, error))) => bug.rejected.push(FieldReport { field, error }),
                    None => unknown.push(name),
                },
            }
        }
        bug.ignored = ignored_names(unknown);
        Ok(bug)
    }

    fn finish(
        self,
        project: ProjectId,
        config: &IngestConfig,
        screenshots: Vec<Result<FileIn, Problem>>,
        attachments: Vec<Result<FileIn, Problem>>,
    ) -> Result<Report, Problem> {
        if screenshots.len() > FILES_MAX || attachments.len() > FILES_MAX {
            return Err(too_many_files());
        }
        let (screenshots, screenshot_reports) =
            keep(screenshots, playhead_schemas::limits::SCREENSHOTS_MAX, |file| files::screenshot(file, config));
        let (attachments, attachment_reports) =
            keep(attachments, playhead_schemas::limits::ATTACHMENTS_MAX, |file| files::attachment(file, config));
        let bug = new_bug(self.fields, project, screenshots, attachments, &self.rejected)?;
        Ok(Report {
            bug,
            screenshots: screenshot_reports,
            attachments: attachment_reports,
            rejected: self.rejected,
            ignored: self.ignored,
        })
    }
}

fn files(json: &Bytes, field: &str) -> Result<Vec<Result<FileIn, Problem>>, Problem> {
    let elements = Scanner::new(json, DEPTH_MAX).elements(FILES_MAX).map_err(|error| {
        Problem::invalid(
            format!("{field}: {error}"),
            "send an array of at most 10 base64 strings or objects with data, name and media_type",
        )
    })?;
    Ok(elements.into_iter().map(|span| FileIn::of_json(&json[span])).collect())
}

/// Keeps the files that are valid, up to `files_max`, and says of each what became of it.
fn keep<T>(
    files: Vec<Result<FileIn, Problem>>,
    files_max: usize,
    check: impl Fn(FileIn) -> Result<T, Problem>,
) -> (Vec<T>, Vec<FileReport>) {
    let (mut kept, mut reports) = (Vec::new(), Vec::new());
    for (index, file) in files.into_iter().enumerate() {
        let checked = if kept.len() == files_max {
            Err(Problem::new(
                playhead_schemas::ErrorCode::PayloadTooLarge,
                format!("a bug has at most {files_max} of these files"),
                "send the rest with another bug",
            ))
        } else {
            file.and_then(&check)
        };
        let outcome = match checked {
            Ok(file) => {
                kept.push(file);
                PartStatus::Accepted
            }
            Err(error) => PartStatus::Rejected { error },
        };
        reports.push(FileReport { index, outcome });
    }
    (kept, reports)
}

fn new_bug(
    fields: fields::Fields,
    project: ProjectId,
    screenshots: Vec<NewScreenshot>,
    attachments: Vec<NewAttachment>,
    rejected: &[FieldReport],
) -> Result<NewBug, Problem> {
    let title = fields.title_or_first_line().ok_or_else(|| nameless(rejected))?;
    Ok(NewBug {
        project,
        client_id: fields.client_id,
        title,
        description: fields.description.unwrap_or_default(),
        reporter: fields.reporter,
        page: fields.page,
        system: fields.system,
        metadata: fields.metadata,
        tags: fields.tags,
        priority: fields.priority,
        cookies: fields.cookies,
        replay: fields.replay,
        screenshots,
        attachments,
    })
}

/// A bug without words. Says so, unless its words were there and were not valid.
fn nameless(rejected: &[FieldReport]) -> Problem {
    let worded = rejected.iter().find(|report| matches!(report.field, "title" | "description"));
    match worded {
        Some(FieldReport { field, error }) => {
            Problem { message: format!("{field}: {}", error.message), ..error.clone() }
        }
        None => Problem::invalid("the bug has neither title nor description", "send a title"),
    }
}

fn too_many_files() -> Problem {
    Problem::invalid(
        format!("the request holds more than {FILES_MAX} files of one kind"),
        "send at most 10 screenshots and 10 attachments",
    )
}
