//! The upload API over a real store, each test with its own folder.
#![allow(clippy::unwrap_used)]

mod access;
mod admin;
mod app;
mod bugs;
mod openapi;
mod people;
mod segments;
mod server;
