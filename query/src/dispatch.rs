//! From a tool's name to its types: arguments are read into the tool's own type, run once, and the result is rendered.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use playhead_web::input;
use rmcp::model::JsonObject;
use serde_json::Value;

use crate::args::MaxTokens;
use crate::call::Call;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::reply::Reply;
use crate::tool::{Arguments, NamedRows, Tool};
use crate::untrusted;

/// Characters of what is said about wrong arguments.
const MESSAGE_CHARS_MAX: usize = 600;

/// The arguments of some tool, read and ready to run.
pub(crate) trait Request: Send + Sync {
    /// The rows that they name.
    fn named_rows(&self) -> NamedRows<'_>;
    /// The size that the caller asks for.
    fn max_tokens(&self) -> Option<MaxTokens>;
    /// Runs the tool. It takes the request, so there is no second time.
    fn run<'c>(self: Box<Self>, call: &'c Call) -> BoxFuture<'c, Result<Box<dyn Ran>, ToolError>>;
}

/// What some tool found or made.
pub(crate) trait Ran: Send + Sync {
    /// The reply, rendered to `aim`; `None` when it has more tokens than `allowed`.
    fn render(&self, aim: TokenBudget, allowed: TokenBudget) -> Result<Option<Reply>, ToolError>;
}

/// Reads the arguments of a tool.
///
/// # Errors
/// `INVALID_INPUT` that names the argument and what it may be.
pub(crate) fn parse<T: Tool>(arguments: JsonObject) -> Result<Box<dyn Request>, ToolError> {
    let input = input::from_value(&Value::Object(arguments)).map_err(|error| {
        let message = untrusted::line(&error.message("the arguments"), MESSAGE_CHARS_MAX);
        let stop = if message.ends_with('?') { "" } else { "." };
        let action = format!("Send the arguments that the schema of {} allows.", T::NAME);
        ToolError::invalid(format!("{message}{stop}"), action)
    })?;
    Ok(Box::new(Typed::<T>(input)))
}

struct Typed<T: Tool>(T::Input);

impl<T: Tool> Request for Typed<T> {
    fn named_rows(&self) -> NamedRows<'_> {
        self.0.named_rows()
    }

    fn max_tokens(&self) -> Option<MaxTokens> {
        self.0.max_tokens()
    }

    fn run<'c>(self: Box<Self>, call: &'c Call) -> BoxFuture<'c, Result<Box<dyn Ran>, ToolError>> {
        async move {
            let data = T::run(call, self.0).await?;
            Ok(Box::new(Done::<T>(data)) as Box<dyn Ran>)
        }
        .boxed()
    }
}

struct Done<T: Tool>(T::Data);

impl<T: Tool> Ran for Done<T> {
    fn render(&self, aim: TokenBudget, allowed: TokenBudget) -> Result<Option<Reply>, ToolError> {
        Reply::within(&T::render(&self.0, aim), allowed)
    }
}
