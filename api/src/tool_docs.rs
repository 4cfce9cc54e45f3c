//! The document's part about the tools: `query` serves them under `/api/v1/tools`, and says what each takes and gives.

use aide::openapi::PathItem;
use playhead_schemas::ErrorCode;
use playhead_web::openapi::{OpenApiDocument, ToolDescription};
use serde_json::{Map, Value, json};

/// Adds an operation for the list of tools and one for each tool.
pub(crate) fn describe(document: &mut OpenApiDocument, tools: &[ToolDescription]) {
    if tools.is_empty() {
        return;
    }
    add(document, "/api/v1/tools", "get", list());
    for tool in tools {
        add(document, &format!("/api/v1/tools/{}", tool.name), "post", call(tool));
    }
}

fn add(document: &mut OpenApiDocument, path: &str, method: &str, operation: Value) {
    let item: PathItem =
        serde_json::from_value(json!({ method: operation })).expect("it is written here as it is read");
    document.add_path(path, item);
}

fn list() -> Value {
    let tools = json!({"type": "object", "required": ["tools"], "properties": {"tools": {"type": "array", "items": {
        "type": "object",
        "required": ["name", "inputSchema"],
        "properties": {
            "name": {"type": "string"},
            "inputSchema": {"type": "object"},
            "outputSchema": {"type": "object"},
        },
    }}}});
    json!({
        "operationId": "listTools",
        "tags": ["tools"],
        "summary": "List the tools",
        "description": "Those that the token may call, as the Model Context Protocol describes them.",
        "security": [{"token": []}],
        "responses": responses(json!({
            "description": "The tools.",
            "content": {"application/json": {"schema": tools}},
        })),
    })
}

fn call(tool: &ToolDescription) -> Value {
    let mut answer = json!({
        "type": "object",
        "required": ["content", "isError"],
        "properties": {"content": content(), "isError": {"type": "boolean"}},
    });
    if let Some(output) = &tool.output {
        answer["properties"]["structuredContent"] = output.clone();
        answer["required"] = json!(["content", "structuredContent", "isError"]);
    }
    let description = format!(
        "{} It needs the scope {}. With Accept: text/markdown or text/plain the answer is its text alone.",
        tool.description, tool.scope
    );
    json!({
        "operationId": format!("call_{}", tool.name),
        "tags": ["tools"],
        "summary": tool.title,
        "description": description,
        "security": [{"token": []}],
        "requestBody": {"required": false, "content": {"application/json": {"schema": tool.input}}},
        "responses": responses(json!({"description": "The answer.", "content": contents(answer)})),
    })
}

/// The answer's text, and a picture beside it.
fn content() -> Value {
    json!({"type": "array", "items": {
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"type": "string", "enum": ["text", "image"]},
            "text": {"type": "string"},
            "data": {"type": "string"},
            "mimeType": {"type": "string"},
        },
    }})
}

/// The answer, and every refusal under its status.
fn responses(answer: Value) -> Value {
    let mut responses = Map::from_iter([("200".to_owned(), answer)]);
    for code in ErrorCode::ALL {
        let response = responses.entry(code.http_status().to_string()).or_insert_with(refusal);
        let codes = match response["description"].as_str() {
            Some(codes) => format!("{codes}, {code}"),
            None => code.to_string(),
        };
        response["description"] = codes.into();
    }
    responses.into()
}

/// A refusal before there is a call is the error alone, that of a call is an answer that holds it.
fn refusal() -> Value {
    let error = json!({
        "type": "object",
        "required": ["code", "message", "action"],
        "properties": {
            "code": {"type": "string", "enum": ErrorCode::ALL},
            "message": {"type": "string"},
            "action": {"type": "string"},
            "untrusted": {"type": "object"},
        },
    });
    let answer = json!({
        "type": "object",
        "required": ["content", "structuredContent", "isError"],
        "properties": {"content": content(), "structuredContent": error.clone(), "isError": {"const": true}},
    });
    json!({"content": contents(json!({"anyOf": [error, answer]}))})
}

/// What is answered as JSON of a schema, or as text alone.
fn contents(schema: Value) -> Value {
    let text = json!({"schema": {"type": "string"}});
    json!({"application/json": {"schema": schema}, "text/markdown": text, "text/plain": text})
}
