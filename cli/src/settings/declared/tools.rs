//! What calls of the tools may cost.

use playhead_schemas::limits;

use super::setting::group;
use crate::settings::kind::Kind;

group! {
    "Tools", "What an assistant may ask for. A call above a limit is answered with a code that says what to do.";

    /// The size of one tool result, unless the caller asks for another one.
    result_tokens_default = tools.result_tokens_default: Kind::whole("LLM tokens", 4000, limits::RESULT_TOKENS_MAX as u64);
    /// The body of one request to /mcp or /api/v1/tools.
    tool_body_bytes_max = tools.body_bytes_max: Kind::Bytes { min: 1 << 10, max: 64 << 20 };
    /// The longest time for one call. Then it is answered INTERNAL.
    tool_call_ms_max = tools.call_ms_max: Kind::ms(100, 600_000);
    /// Calls in one UTC day in one project. Calls that name no project are counted for the workspace.
    calls_per_day = tools.calls_per_day: Kind::whole("calls", 1, 1_000_000_000_000);
    /// Calls in one minute by one principal.
    calls_per_minute = tools.calls_per_minute: Kind::whole("calls", 1, 1_000_000_000);
    /// Scopes that nobody may use on this server, whatever tokens say.
    scopes_off = tools.scopes_off: Kind::Scopes, empty "none";
}
