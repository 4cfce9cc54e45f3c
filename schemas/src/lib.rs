//! The words that Playhead's crates share.
//!
//! In: nothing. Out: ids, clocks, the timeline that a transcriber produces, the bodies that an
//! SDK uploads, limits, scopes and error codes, each with its JSON form.
//!
//! A type lives here if and only if two crates name it; so do the few wordings that the transcriber and the
//! tools share ([`fold`], [`alias`], [`text`]). Never here: I/O, parsing of recordings, SQL, HTTP.

pub mod alias;
pub mod clock;
pub mod code;
pub mod fold;
pub mod id;
pub mod limits;
pub mod oauth;
pub mod role;
pub mod scope;
mod string_enum;
pub mod text;
pub mod timeline;
pub mod tracker;
pub mod upload;

pub use clock::EpochMs;
pub use code::ErrorCode;
pub use id::{
    ActivityId, AgentId, AttachmentId, BugId, CommentId, GrantId, InvitationId, JobId, KeyId, MemberId, MomentId,
    ProjectId, ReplayId, ReplayKey, ScreenshotId, SessionId, TokenId, WindowNo, WorkspaceId,
};
pub use role::{Actor, ActorRoles, Role};
pub use scope::Scope;
pub use timeline::{Moment, MomentKind, Timeline};
pub use upload::{SegmentNo, Stream};
