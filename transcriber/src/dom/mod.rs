//! A mirror of one window's DOM, kept up to date from rrweb events.
//!
//! In: full snapshots and mutations as JSON text. Out: a tree that names, selectors and outcomes are
//! read from, and a log of what changed. Nodes live in one arena; texts and attribute values in one
//! buffer beside it. Only the attributes that some rule reads are kept.
//!
//! Never here: recursion over nodes (documents nest without limit), layout, style sheets, moments.

pub(crate) mod apply;
pub(crate) mod attr;
pub(crate) mod build;
pub(crate) mod context;
mod ids;
mod known;
pub(crate) mod name;
pub(crate) mod role;
pub(crate) mod selector;
mod tag;
pub(crate) mod tree;

#[cfg(test)]
mod tests;

pub(crate) use attr::AttrName;
pub(crate) use tag::{Tag, Tags};
pub(crate) use tree::{Mirror, NodeKind, Nx};
