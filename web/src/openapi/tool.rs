//! A tool, as the surface that serves it tells the one that writes the document.

use playhead_schemas::Scope;
use serde_json::Value;

/// A tool that is called by a POST of its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolDescription {
    /// The name, the last part of its path.
    pub name: String,
    /// A few words.
    pub title: String,
    /// What it gives and when to call it.
    pub description: String,
    /// What a token needs.
    pub scope: Scope,
    /// The schema of its arguments.
    pub input: Value,
    /// The schema of its typed answer, or of a refusal in its place; `None` for a tool that answers with a picture.
    pub output: Option<Value>,
}
