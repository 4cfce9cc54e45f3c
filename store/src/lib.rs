//! Everything that Playhead stores: objects (recordings, pictures, files), the catalog that names them (SQLite), and the
//! results of transcriptions (DuckDB); or catalog and results in PostgreSQL, for several nodes.
//!
//! In: compressed segments, bugs, timelines, jobs, keys and tokens. Out: the same, paged and bounded. Never here:
//! parsing of recordings, HTTP, MCP, decoding of pictures. Never elsewhere: `object_store`, `duckdb`, `rusqlite`,
//! `tokio-postgres`, SQL.
//!
//! Rules that every method keeps:
//! - An object is durable before the row that names it. An object without a row is harmless, and a piece without
//!   one is swept.
//! - What a method acknowledged survives `kill -9`.
//! - A lookup by id fails with [`StoreError::NotFound`]; a lookup by a name that may not exist returns an `Option`.
//! - Every list is paged: `after` is the last key of the page before.
//!
//! Where to look:
//!
//! | question | file |
//! |---|---|
//! | How is a store opened, and how does a method read and write the catalog? | `store.rs`, `config.rs` |
//! | What happens between an upload and its acknowledgement? | `segments/put.rs`, then `segments/batch.rs` |
//! | How do segments of other products' SDKs get their numbers, and which bug did an event become? | `sdk_uploads/` |
//! | How do pieces become one object when a replay is complete? | `segments/compact.rs` |
//! | What of a piece that no row came to name? | `segments/sweep.rs` |
//! | Which keys do objects have? | `objects/key.rs` |
//! | How is a job claimed, leased, retried, given up? | `jobs.rs` |
//! | How is a transcript published so that readers see the old or the new one? | `transcripts/publish.rs` |
//! | What do the tools answer from, and how is it stored? | `results/block.rs` |
//! | How do many publications share one commit? | `results/writer.rs` |
//! | How is a bug created once although the SDK sends it twice? | `bugs/create.rs` |
//! | How are bugs listed and searched? | `bugs/list.rs` |
//! | How is a bug changed, together with the entry of its activity? | `bugs/change.rs`, `activity.rs` |
//! | How does the same request make one thing although it comes twice? | `idempotency.rs` |
//! | Who are members and agents, what are their roles, how is a person invited? | `people/` |
//! | Which secrets are there, and what is stored of them? | `secret.rs`, `keys.rs`, `tokens.rs`, `sessions.rs` |
//! | How is a code or a refresh token redeemed exactly once? | `oauth/codes.rs`, `oauth/token_pairs.rs` |
//! | What is deleted some time after its end? | `ended_credentials.rs`, `audit.rs` |
//! | What is kept in memory: cached credentials, counters, rates, buffers? | `shared/` |
//! | How do many writes share one commit? | `engine/writer.rs` |
//! | How are SQLite and DuckDB set up, and what must another engine do? | `engine/sqlite.rs`, `engine/duck.rs`, `engine/contract.rs` |
//! | How does PostgreSQL serve several nodes? | `engine/postgres/`, `shared/` |
//! | How does the catalog change between versions? | `engine/migrate.rs`, `migrations/`, `upgrade/` |

mod activity;
mod attachments;
mod audit;
mod bugs;
mod comments;
mod config;
mod ended_credentials;
mod engine;
mod error;
mod idempotency;
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
mod results;
mod sdk_uploads;
mod secret;
mod segments;
mod server_keys;
mod sessions;
mod shared;
mod store;
mod tenants;
mod tokens;
mod transcripts;
mod upgrade;
mod zstd_context;

pub use activity::{Activity, Author, FieldChange};
pub use attachments::{Attachment, NewAttachment};
pub use audit::{AuditEntry, AuditQuery};
pub use bugs::{
    AssigneeIs, Bug, BugFields, BugListRow, BugPosition, BugQuery, ChangedBug, Filing, MoreConditions, NewBug,
};
pub use comments::{Comment, NewComment};
pub use config::{StoreConfig, test_catalog_url};
pub use ended_credentials::DeletedCredentials;
pub use engine::CatalogUrl;
pub use error::{Result, StoreError};
pub use idempotency::IdempotencyKey;
pub use jobs::{DeadJob, Job, JobKind, JobsSummary};
pub use keys::IngestKey;
pub use oauth::{
    AccessGrant, ClientLimits, Exchange, Grant, NewClient, NewCode, OAuthClient, TokenLifetimes, TokenPair,
};
pub use page::Page;
pub use payload::CompressedPayload;
pub use people::{Agent, Invitation, Member, NewInvitation, NewMember, ProjectPerson};
pub use pictures::{NewRendition, NewScreenshot, PictureState, RenditionKind, RenditionMeta, Screenshot};
pub use replays::{Replay, ReplayState, ReprocessFilter, TranscriptState};
pub use sdk_uploads::{PageSpan, SegmentOrigin, UnnumberedSegment};
pub use secret::Secret;
pub use segments::{PutOutcome, SegmentMeta, SegmentPart, SegmentPut, SegmentReceipt};
pub use sessions::{BrowserSession, SignInAttempt, SignInAttemptId, SignInLimits};
pub use shared::{Counted, Counter, Rate, RateSubject};
pub use store::Store;
pub use tenants::{Project, Workspace};
pub use tokens::{NewToken, Token};
pub use transcripts::{MomentLine, MomentQuery, MomentStep, Transcript};
pub use upgrade::UpgradeProgress;
