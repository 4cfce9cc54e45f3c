//! `get_bug_media`: which pictures and files came with a bug.

use playhead_access::Action;
use playhead_schemas::text::counted;
use playhead_schemas::{AttachmentId, BugId, ScreenshotId};
use playhead_store::PictureState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetBugMedia;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: Some(self.bug_id), ..NamedRows::default() }
    }
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    screenshots: Vec<Screenshot>,
    attachments: Vec<Attachment>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Screenshot {
    id: ScreenshotId,
    media_type: String,
    width: u32,
    height: u32,
    bytes: u64,
    /// Whether the smaller forms are made.
    state: &'static str,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Attachment {
    id: AttachmentId,
    bytes: u64,
    untrusted: File,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct File {
    name: String,
    media_type: String,
}

impl Tool for GetBugMedia {
    const NAME: &'static str = "get_bug_media";
    const TITLE: &'static str = "List a bug's media";
    const DESCRIPTION: &'static str = "Lists a bug's screenshots and attached files: ids, types, sizes.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Output;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Output, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let screenshots: Vec<Screenshot> =
            call.store().screenshots(bug.id).await?.into_iter().map(screenshot).collect();
        let attachments: Vec<Attachment> = call
            .store()
            .attachments(bug.id)
            .await?
            .into_iter()
            .map(|file| Attachment {
                id: file.id,
                bytes: file.bytes,
                untrusted: File {
                    name: untrusted::short_line(&file.file_name, 200, 60),
                    media_type: untrusted::short_line(&file.media_type, 80, 20),
                },
            })
            .collect();
        Ok(Output { screenshots, attachments })
    }

    /// A bug has few of either, so there is nothing to leave out.
    fn render(data: &Output, _: TokenBudget) -> Output {
        data.clone()
    }
}

fn screenshot(picture: playhead_store::Screenshot) -> Screenshot {
    Screenshot {
        id: picture.id,
        media_type: untrusted::short_line(&picture.media_type, 40, 10),
        width: picture.width,
        height: picture.height,
        bytes: picture.bytes,
        state: match picture.state {
            PictureState::Pending => "pending",
            PictureState::Ready => "ready",
            PictureState::Failed => "failed",
        },
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let mut text = format!(
            "{}. get_screenshot shows one by its id.\n",
            counted(self.screenshots.len() as u64, "screenshot", "screenshots")
        );
        for picture in &self.screenshots {
            text.push_str(&format!(
                "{} {} {} x {}, {} bytes, smaller forms {}\n",
                picture.id, picture.media_type, picture.width, picture.height, picture.bytes, picture.state
            ));
        }
        text.push_str(&format!("{}.\n", counted(self.attachments.len() as u64, "attachment", "attachments")));
        let files: Vec<String> = self
            .attachments
            .iter()
            .map(|file| {
                format!("{} {} bytes, {}, {}", file.id, file.bytes, file.untrusted.media_type, file.untrusted.name)
            })
            .collect();
        if !files.is_empty() {
            text.push_str(&untrusted::block(Source::Report, &files.join("\n")));
        }
        text
    }
}
