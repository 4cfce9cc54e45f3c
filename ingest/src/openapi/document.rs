//! Writing the document.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::operation::{Auth, Operation};
use crate::error::ErrorBody;

/// The document as text; made once.
pub(crate) fn document_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut text = format!("{:#}", document(&crate::routes::documented()));
        text.push('\n');
        text
    })
}

/// Schemas of what is read and of what is written: an optional field differs between them.
struct Generators {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Generators {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        let answers = settings.clone().for_serialize().into_generator();
        Self { requests: settings.into_generator(), answers }
    }
}

fn document(operations: &[(Method, &'static str, Operation)]) -> Value {
    let mut generators = Generators::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (method, path, operation) in operations {
        let described = describe(operation, method, &mut generators);
        paths.entry(path).or_default().insert(method.as_str().to_ascii_lowercase(), described);
    }
    let mut schemas = generators.requests.take_definitions(true);
    schemas.extend(generators.answers.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Playhead upload API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Browser session replays and bug reports go in. Every refusal is an \
                ErrorBody with a stable code, what was wrong and what to do.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": security_schemes() },
    })
}

fn describe(operation: &Operation, method: &Method, generators: &mut Generators) -> Value {
    // One handler may answer two methods; an operationId must be unique.
    let suffix = if *method == Method::PUT { "Put" } else { "" };
    let mut out = json!({
        "operationId": format!("{}{suffix}", operation.id),
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.about,
        "security": security(operation.auth),
        "responses": responses(operation, &mut generators.answers),
    });
    let parameters: Vec<Value> = operation
        .params
        .iter()
        .map(|param| {
            json!({
                "name": param.name,
                "in": param.place,
                "required": param.place == "path",
                "description": param.about,
                "schema": (param.schema)(&mut generators.requests),
            })
        })
        .collect();
    if !parameters.is_empty() {
        out["parameters"] = Value::Array(parameters);
    }
    let mut content = Map::new();
    for body in operation.bodies {
        let schema = (body.schema)(&mut generators.requests);
        content.insert(body.media_type.to_owned(), json!({ "schema": schema }));
    }
    if !content.is_empty() {
        out["requestBody"] = json!({ "required": true, "content": content });
    }
    out
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let (status, about, schema) = operation.success;
    let mut out = Map::new();
    let success = json!({
        "description": about,
        "content": { "application/json": { "schema": schema(generator) } },
    });
    out.insert(status.to_string(), success);
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in operation.codes {
        by_status.entry(code.http_status()).or_default().push(code.as_str());
    }
    for (status, codes) in by_status {
        let error = generator.subschema_for::<ErrorBody>();
        let mut answer = json!({
            "description": codes.join(", "),
            "content": { "application/json": { "schema": error } },
        });
        if status == 429 {
            answer["headers"] = json!({ "Retry-After": {
                "description": "Seconds until another try makes sense.",
                "schema": { "type": "integer" },
            } });
        }
        out.insert(status.to_string(), answer);
    }
    Value::Object(out)
}

fn security(auth: Auth) -> Value {
    match auth {
        Auth::None => json!([]),
        Auth::IngestKey => json!([{ "ingestKey": [] }, { "ingestKeyHeader": [] }, { "ingestKeyQuery": [] }]),
        Auth::Admin => json!([{ "adminToken": [] }]),
    }
}

fn security_schemes() -> Value {
    json!({
        "ingestKey": { "type": "http", "scheme": "bearer",
            "description": "A write-only ingest key of the project (phk_..)." },
        "ingestKeyHeader": { "type": "apiKey", "in": "header", "name": "X-Playhead-Key",
            "description": "The same key, for clients whose Authorization header is taken." },
        "ingestKeyQuery": { "type": "apiKey", "in": "query", "name": "key",
            "description": "The same key, for sendBeacon." },
        "adminToken": { "type": "http", "scheme": "bearer",
            "description": "A token with the scope admin (pht_..), or the secret that a running \
                server writes for the commands of its own machine." },
    })
}
