//! The store as its callers see it, over a real catalog in a fresh folder.
#![allow(clippy::unwrap_used)]

mod audit;
mod bugs;
mod counters;
mod crash;
mod jobs;
mod keys;
mod nodes;
mod oauth;
mod opening;
mod people;
mod rates;
mod restart;
mod sdk_uploads;
mod segments;
mod segments_any_order;
mod server_keys;
mod sessions;
mod support;
mod tenants;
mod tracker;
mod transcripts;
