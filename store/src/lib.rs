//! Everything that Playhead keeps: objects (recordings, pictures, files) and the catalog that names them.
//!
//! In: sealed segments, bugs, timelines, jobs, keys and tokens. Out: the same, paged and bounded.
//! Never here: parsing of recordings, HTTP, MCP, pictures' pixels. Never elsewhere: `object_store`,
//! `duckdb`, SQL.
//!
//! Rules that every method keeps:
//! - An object is durable before the row that names it. An object without a row is harmless: a retry
//!   writes the same bytes under the same key.
//! - What a method acknowledged survives `kill -9`.
//! - A lookup by id answers [`StoreError::NotFound`]; a lookup by a name that may name nothing answers
//!   an `Option`.
//! - Every list is paged: `after` is the last key of the page before.

mod attachments;
mod audit;
mod bugs;
mod comments;
mod config;
mod ended_credentials;
mod engine;
mod error;
mod jobs;
mod json;
mod keys;
mod oauth;
mod objects;
mod page;
mod payload;
mod people;
mod pictures;
mod replays;
mod secret;
mod segments;
mod server_keys;
mod sessions;
mod shared;
mod store;
mod tenants;
mod tokens;
mod transcripts;

pub use attachments::{Attachment, NewAttachment};
pub use audit::{AuditEntry, AuditQuery};
pub use bugs::{Bug, BugListRow, BugQuery, NewBug};
pub use comments::Comment;
pub use config::StoreConfig;
pub use ended_credentials::DeletedCredentials;
pub use error::{Result, StoreError};
pub use jobs::{DeadJob, Job, JobKind, JobsSummary};
pub use keys::IngestKey;
pub use oauth::{
    AccessGrant, ClientLimits, Exchange, Grant, NewClient, NewCode, OAuthClient, TokenLifetimes, TokenPair,
};
pub use page::Page;
pub use payload::CompressedPayload;
pub use people::{Agent, Invitation, Member, NewInvitation, NewMember};
pub use pictures::{NewRendition, NewScreenshot, PictureState, RenditionKind, RenditionMeta, Screenshot};
pub use replays::{Replay, ReplayState, ReprocessFilter, TranscriptState};
pub use secret::Secret;
pub use segments::{PutOutcome, SegmentMeta, SegmentPart, SegmentPut, SegmentReceipt};
pub use sessions::{BrowserSession, SignInAttempt, SignInAttemptId, SignInLimits};
pub use shared::{Counted, Counter, Rate, RateSubject};
pub use store::Store;
pub use tenants::{Project, Workspace};
pub use tokens::{NewToken, Token};
pub use transcripts::{MomentLine, MomentQuery, MomentStep, Transcript};
