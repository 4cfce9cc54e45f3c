//! `PUT /v1/replays/{replay}/segments/{n}`.

mod encodings;
mod forms;
mod idempotency;
mod limits;
mod validity;
