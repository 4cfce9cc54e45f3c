//! Signing out.

use axum::extract::State;
use http::header::SET_COOKIE;

use crate::app::App;
use crate::browser::{CsrfForm, Reply, see_other};

/// `POST /sign-out`
pub(crate) async fn sign_out(State(app): State<App>, form: CsrfForm) -> Reply {
    if let Some(visitor) = form.visitor {
        app.store.end_session(visitor.session.id, app.now()).await?;
        app.note(Some(&visitor.member), "sign out", None, None);
    }
    let mut response = see_other("/sign-in");
    response.headers_mut().append(SET_COOKIE, app.cookies.clear_session());
    Ok(response)
}
