//! A mirror of one window's DOM, kept up to date from rrweb events.
//!
//! In: full snapshots and mutations as JSON text. Out: a tree for names, selectors and outcomes, and a log of changes.
//! Nodes are in one arena, texts and attribute values in one buffer beside it. Only attributes that some rule reads are
//! kept.
//!
//! Never here: recursion over nodes (documents nest without limit), layout, style sheets, moments.

pub(crate) mod apply;
pub(crate) mod attr;
pub(crate) mod build;
pub(crate) mod context;
pub(crate) mod editor;
pub(crate) mod graft;
mod ids;
pub(crate) mod message;
pub(crate) mod name;
mod name_table;
pub(crate) mod role;
pub(crate) mod selector;
mod tag;
pub(crate) mod tree;

#[cfg(test)]
mod tests;

pub(crate) use attr::AttrName;
pub(crate) use tag::{Tag, Tags};
pub(crate) use tree::{Mirror, NodeIndex, NodeKind};
