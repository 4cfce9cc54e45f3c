//! The upload API over a real store, each test with its own folder.
#![allow(clippy::unwrap_used)]

mod access;
mod app;
mod bugs;
mod flood;
mod openapi;
mod sdk;
mod sdks;
mod segments;
mod server;
