//! The routes of administrators, once: what serves them and what the document says of them.

use axum::routing::{delete, get, post};
use http::Method;
use playhead_schemas::ErrorCode;

use super::{AdminApp, jobs, keys, page::PageView, projects, reprocess, table_people, tokens};
use crate::openapi::{Auth, Body, Operation, Param, SchemaOf, schema_of};
use crate::routes::{Route, route};

const CODES: &[ErrorCode] = &[
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::InvalidInput,
    ErrorCode::Conflict,
    ErrorCode::Internal,
];

pub(super) const AFTER: Param = Param {
    name: "after",
    place: "query",
    about: "The value of next of the page before.",
    schema: schema_of::<String>,
};
pub(super) const LIMIT: Param = Param {
    name: "limit",
    place: "query",
    about: "Rows of a page, 1 to 1000; 100 when it is left out.",
    schema: schema_of::<u32>,
};
pub(super) const PROJECT: Param =
    Param { name: "project", place: "query", about: "A project, by id or slug.", schema: schema_of::<String> };

/// Every route under `/v1/admin`.
pub(crate) fn table() -> Vec<Route<AdminApp>> {
    let mut routes = project_routes();
    routes.extend(key_routes());
    routes.extend(token_routes());
    routes.extend(table_people::table());
    routes.extend(job_routes());
    routes
}

fn project_routes() -> Vec<Route<AdminApp>> {
    let (all, one) = ("/v1/admin/projects", "/v1/admin/projects/{project}");
    const IN_PATH: &[Param] = &[Param { place: "path", ..PROJECT }];
    type Page = PageView<projects::ProjectView>;
    type One = projects::ProjectView;
    vec![
        route(
            Method::GET,
            all,
            get(projects::list),
            Operation {
                params: &[AFTER, LIMIT],
                ..operation("listProjects", "List the projects", 200, "A page.", schema_of::<Page>)
            },
        ),
        route(
            Method::POST,
            all,
            post(projects::create),
            Operation {
                bodies: const { &[json::<projects::NewProject>()] },
                ..operation("createProject", "Make a project", 201, "Made.", schema_of::<One>)
            },
        ),
        route(
            Method::DELETE,
            one,
            delete(projects::archive),
            Operation {
                about: "An archived project takes no uploads and keeps its data.",
                params: IN_PATH,
                ..operation("archiveProject", "Archive a project", 200, "Archived.", schema_of::<One>)
            },
        ),
    ]
}

fn key_routes() -> Vec<Route<AdminApp>> {
    let (all, one) = ("/v1/admin/keys", "/v1/admin/keys/{key}");
    const IN_PATH: &[Param] =
        &[Param { name: "key", place: "path", about: "The key's id.", schema: schema_of::<playhead_schemas::KeyId> }];
    type Page = PageView<keys::KeyView>;
    vec![
        route(
            Method::GET,
            all,
            get(keys::list),
            Operation {
                params: &[PROJECT, AFTER, LIMIT],
                ..operation("listKeys", "List the ingest keys of a project", 200, "A page.", schema_of::<Page>)
            },
        ),
        route(
            Method::POST,
            all,
            post(keys::create),
            Operation {
                about: "The secret is in this answer and never again.",
                bodies: const { &[json::<keys::NewKey>()] },
                ..operation("createKey", "Make an ingest key", 201, "Made.", schema_of::<keys::NewKeyView>)
            },
        ),
        route(
            Method::DELETE,
            one,
            delete(keys::revoke),
            Operation {
                params: IN_PATH,
                ..operation("revokeKey", "Revoke an ingest key", 200, "Revoked.", schema_of::<keys::KeyView>)
            },
        ),
    ]
}

fn token_routes() -> Vec<Route<AdminApp>> {
    let (all, one) = ("/v1/admin/tokens", "/v1/admin/tokens/{token}");
    const IN_PATH: &[Param] = &[Param {
        name: "token",
        place: "path",
        about: "The token's id.",
        schema: schema_of::<playhead_schemas::TokenId>,
    }];
    type Page = PageView<tokens::TokenView>;
    vec![
        route(
            Method::GET,
            all,
            get(tokens::list),
            Operation {
                params: &[AFTER, LIMIT],
                ..operation("listTokens", "List the tokens", 200, "A page.", schema_of::<Page>)
            },
        ),
        route(
            Method::POST,
            all,
            post(tokens::create),
            Operation {
                about: "The secret is in this answer and never again.",
                bodies: const { &[json::<tokens::NewToken>()] },
                ..operation("createToken", "Make a token", 201, "Made.", schema_of::<tokens::NewTokenView>)
            },
        ),
        route(
            Method::DELETE,
            one,
            delete(tokens::revoke),
            Operation {
                params: IN_PATH,
                ..operation("revokeToken", "Revoke a token", 200, "Revoked.", schema_of::<tokens::TokenView>)
            },
        ),
        route(
            Method::POST,
            "/v1/admin/tokens/{token}/rotate",
            post(tokens::rotate),
            Operation {
                about: "The old one is revoked as the new one begins. The secret is in this answer and never again.",
                params: IN_PATH,
                ..operation("rotateToken", "Replace a token", 201, "Made.", schema_of::<tokens::NewTokenView>)
            },
        ),
    ]
}

fn job_routes() -> Vec<Route<AdminApp>> {
    vec![
        route(
            Method::POST,
            "/v1/admin/reprocess",
            post(reprocess::create),
            Operation {
                about: "Readers see the old transcript until the new one is published.",
                bodies: const { &[json::<reprocess::Reprocess>()] },
                ..operation("reprocess", "Transcribe replays again", 202, "Enqueued.", schema_of::<reprocess::Batch>)
            },
        ),
        route(
            Method::GET,
            "/v1/admin/jobs",
            get(jobs::list),
            Operation {
                params: &[AFTER, LIMIT],
                ..operation(
                    "listJobs",
                    "Count the jobs, list the dead ones",
                    200,
                    "The counts.",
                    schema_of::<jobs::JobsView>,
                )
            },
        ),
    ]
}

pub(super) const fn operation(
    id: &'static str,
    summary: &'static str,
    status: u16,
    means: &'static str,
    schema: SchemaOf,
) -> Operation {
    Operation {
        id,
        tag: "admin",
        summary,
        about: "",
        auth: Auth::Admin,
        params: &[],
        bodies: &[],
        success: (status, means, schema),
        codes: CODES,
    }
}

pub(super) const fn json<T: schemars::JsonSchema>() -> Body {
    Body { media_type: "application/json", schema: schema_of::<T> }
}
