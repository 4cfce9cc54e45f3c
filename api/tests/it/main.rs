//! The management API over a real store, each test with its own folder.
#![allow(clippy::unwrap_used)]

mod admin;
mod app;
mod bugs;
mod callers;
mod comments;
mod openapi;
mod people;
mod requests;
