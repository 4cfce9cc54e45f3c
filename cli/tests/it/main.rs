//! The binary as its users run it: real processes, real files, real sockets, each test in a folder of its own.

#![allow(clippy::unwrap_used, missing_docs)]

mod admin;
mod config;
mod demo;
mod help;
mod import;
mod mcp;
mod people;
mod playhead;
mod serve;
mod slow_clients;
mod stuck_server;
mod transcribe;
