//! The reply to a call: an answer or a failure, in the form that the caller gets.

use playhead_access::Refusal;
use playhead_schemas::ErrorCode;
use serde_json::Value;

use crate::error::ToolError;
use crate::form::Form;
use crate::llm_tokens;
use crate::meter::TokenBudget;
use crate::tool::{Output, Picture};

/// The reply to a call.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// All of the answer as text; in the structured form that is its JSON.
    pub(crate) text: String,
    /// The typed form, for callers that asked for it.
    pub(crate) structured: Option<Value>,
    pub(crate) picture: Option<Picture>,
    /// Set when it is a failure.
    pub(crate) code: Option<ErrorCode>,
    /// Set when a check refused the call.
    pub(crate) refusal: Option<Refusal>,
}

impl Reply {
    /// `output` as a reply; `None` when it has more tokens than `budget` in the form that counts.
    pub(crate) fn within<O: Output>(output: &O, budget: TokenBudget) -> Result<Option<Self>, ToolError> {
        let value = (O::IS_TYPED && budget.form.is_typed()).then(|| serde_json::to_value(output)).transpose();
        let structured = value.map_err(|error| ToolError::internal(&error))?;
        let json = structured.as_ref().map(Value::to_string);
        let (counted, text) = match (json, budget.form) {
            (Some(json), Form::Rest) => (json, Some(output.text())),
            (Some(json), _) => (json, None),
            (None, _) => (output.text(), None),
        };
        // A token is at least one byte, so a short text needs no counting.
        let fits = output.is_size_acknowledged()
            || counted.len() <= budget.tokens_max
            || llm_tokens::count(&counted) <= budget.tokens_max;
        let reply =
            || Self { text: text.unwrap_or(counted), structured, picture: output.picture(), code: None, refusal: None };
        Ok(fits.then(reply))
    }

    /// A failure. Its text says everything, for clients show a model nothing else of failures.
    pub(crate) fn failure(error: ToolError, form: Form) -> Self {
        Self {
            text: error.to_string(),
            structured: if form.is_typed() { serde_json::to_value(&error).ok() } else { None },
            picture: None,
            code: Some(error.code),
            refusal: None,
        }
    }
}
