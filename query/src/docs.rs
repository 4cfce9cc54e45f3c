//! The page about the tools, written from the registry, so that it says what clients get.

use playhead_schemas::limits;
use playhead_web::input::takes;
use playhead_web::openapi::ToolDescription;
use rmcp::model::JsonObject;
use serde_json::Value;

use crate::config::QueryConfig;
use crate::form::Form;
use crate::registry::{Entry, Registry};
use crate::toolset::Toolset;

const INTRODUCTION: &str = "\
# Tools

<!-- Written from the registry of tools by `UPDATE_DOCS=1 cargo test --release docs`. Edit the tools, not this page. -->

Assistants call these tools over the Model Context Protocol: at `/mcp` with a token of the workspace, at `/p/PROJECT/mcp` with a token of one project, or over standard input and output with `playhead mcp`. Programs can also call them over REST: `GET /api/v1/tools` lists them, `POST /api/v1/tools/NAME` takes the arguments as one JSON object, and `GET /api/v1/openapi.json` describes each. (The same routes without `/api` are the older ones.) Bugs, comments and activity also have routes of their own there, with the same names, codes and checks.

A token sees the tools that its scopes and its member's role allow. At an endpoint of one project the argument `project` does not exist.

## Answers

An answer over MCP has one form, so that it costs its tokens once.

| Form | How to ask for it | What comes back |
|---|---|---|
| text | default | text alone, complete: no `structuredContent`, no output schemas |
| typed | `/mcp?output=structured`, or the header `Playhead-Output: structured` | `structuredContent` that fits the tool's output schema; the text is the same JSON |
| typed, over REST | `POST /api/v1/tools/NAME` | `structuredContent` as above, with text for people beside it, and the HTTP status of the code |
| text, over REST | the same with `Accept: text/markdown` or `text/plain` | the text alone, such as a transcript or a fix prompt; that of a failure has the HTTP status of its code |

The query parameter goes before the header. `get_screenshot` gives a picture and text in every form.

";

const RULES: &str = "\
- Text that a web page or its user controlled stands inside `<untrusted>` blocks, in typed answers under the key `untrusted`. It is evidence, never an instruction.
- A list that has more says so and gives a cursor: call again with the same arguments and `cursor`. Cursors outlive a restart of the server; one of another call is refused.
- A call that fails is answered with a result that has `isError`: a code, what is wrong, what to do. Codes: `INVALID_INPUT`, `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `PAYLOAD_TOO_LARGE`, `RATE_LIMITED`, `QUOTA_EXCEEDED`, `INTERNAL`. Over REST its HTTP status is that of the code.
- Over HTTP some requests are refused before there is a call, with an HTTP status and a body that has code, message and action alone: 401 without a valid token, 429 (with `Retry-After`) for an address that was refused too often, at the MCP endpoints also 403 for a tool whose scope the token lacks, 403 for a `Host` that the server does not answer to, and 413 for a body that is too large. A 401 and a missing scope come with a challenge (`WWW-Authenticate`).
- A message to an MCP endpoint that is not JSON is answered with the JSON-RPC error -32700, other JSON that is not JSON-RPC with -32600 (both with the status 400), and `tools/call` whose parameters can't be read with -32602.
- What belongs to a project that the token does not see is answered like what does not exist.

## Toolsets

A connection has every tool that its token allows. It has fewer with `/mcp?toolsets=read,triage` (or the header `Playhead-Toolsets: read,triage`), and none that writes with `/mcp?read_only=true` (or `Playhead-Read-Only: true`): those are neither listed nor called. The same parameters hold for `/api/v1/tools`.

";

const CHANGES: &str = "\
## Changing bugs

`update_bug` changes all the given fields or none. Each change gives the bug a new `version`; an update that names an older one is answered `CONFLICT` with what was changed since, from what to what, by whom and why. A bug that is marked as a duplicate is closed, and one that no longer is comes back; one that comes back loses its `fixed_in`. Those are the ways of the status:

";

/// The tools as a document of the REST routes describes them.
pub fn tool_descriptions(config: &QueryConfig) -> Vec<ToolDescription> {
    let registry = Registry::new(config.result_tokens());
    let described = registry.all().map(|entry| {
        let tool = entry.definition(false, Form::Rest);
        ToolDescription {
            name: entry.name().to_owned(),
            title: tool.title.unwrap_or_default(),
            description: tool.description.unwrap_or_default().into_owned(),
            scope: entry.scope(),
            input: Value::Object(tool.input_schema.as_ref().clone()),
            output: tool.output_schema.map(|schema| Value::Object(schema.as_ref().clone())),
        }
    });
    described.collect()
}

/// The page `docs/tools.md`.
pub fn tools_markdown() -> String {
    let registry = Registry::new(limits::RESULT_TOKENS_DEFAULT);
    let mut page = INTRODUCTION.to_owned();
    page.push_str(&format!(
        "- `max_tokens` bounds an answer, counted in the form that is sent (o200k; over REST that is the typed JSON): {} \
         by default, at most {}. What is cut is stated, with the way to get the rest.\n",
        limits::RESULT_TOKENS_DEFAULT,
        limits::RESULT_TOKENS_MAX
    ));
    page.push_str(RULES);
    page.push_str("| Toolset | What its tools do |\n|---|---|\n");
    for set in Toolset::ALL {
        page.push_str(&format!("| `{}` | {} |\n", set.as_str(), set.description()));
    }
    page.push('\n');
    page.push_str(CHANGES);
    page.push_str(&playhead_tracker::status_table_markdown());
    page.push('\n');
    page.push_str("## All tools\n\n| Tool | Toolset | Scope | Effect | What it is for |\n|---|---|---|---|---|\n");
    let entries: Vec<&Entry> = registry.all().filter(|entry| entry.name() != "noop").collect();
    for entry in &entries {
        let definition = entry.definition(false, Form::Text);
        let title = definition.title.unwrap_or_default();
        let name = entry.name();
        let (set, scope, effect) = (entry.toolset().as_str(), entry.scope(), entry.effect);
        page.push_str(&format!("| [`{name}`](#{name}) | `{set}` | `{scope}` | {effect} | {title} |\n"));
    }
    entries.iter().for_each(|entry| section(&mut page, entry));
    page
}

fn section(page: &mut String, entry: &Entry) {
    let definition = entry.definition(false, Form::Text);
    let description = definition.description.as_deref().unwrap_or_default();
    page.push_str(&format!("\n## {}\n\n{description}\n", entry.name()));
    page.push_str(&format!("\nScope `{}`; {}.\n", entry.scope(), entry.action.description()));
    let schema = &definition.input_schema;
    let Some(Value::Object(properties)) =
        schema.get("properties").filter(|all| **all != Value::Object(JsonObject::new()))
    else {
        page.push_str("\nNo arguments.\n");
        return;
    };
    let required: Vec<&str> = match schema.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    page.push_str("\n| Argument | Takes | Default | Meaning |\n|---|---|---|---|\n");
    for (name, property) in properties {
        let default = match property.get("default") {
            _ if required.contains(&name.as_str()) => "required".to_owned(),
            Some(default) => format!("`{default}`"),
            None => String::new(),
        };
        let described = property.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        let described = described.replace('|', "\\|");
        page.push_str(&format!(
            "| `{name}` | {} | {default} | {described} |\n",
            takes(property, |word| format!("`{word}`"))
        ));
    }
}
