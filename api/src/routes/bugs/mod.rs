//! Bugs: list, search, create, get, update.

mod create;
mod list;
mod place;
mod read;
mod update;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;

use crate::app::Api;

pub(crate) fn routes() -> ApiRouter<Api> {
    let bugs = get_with(list::list, list::list_docs).post_with(create::create, create::docs);
    let bug = get_with(read::read, read::docs).patch_with(update::update, update::docs);
    ApiRouter::new()
        .api_route("/api/v1/bugs", bugs)
        .api_route("/api/v1/bugs/search", get_with(list::search, list::search_docs))
        .api_route("/api/v1/bugs/{bug}", bug)
}
