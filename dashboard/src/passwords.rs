//! Checking and hashing passwords, off the threads that serve.

use http::StatusCode;
use playhead_access::password;

use crate::app::App;
use crate::browser::Failure;

/// Checks a new password and its repetition; says what is wrong with it.
pub(crate) fn check_new(new: &str, repeat: &str, email: &str) -> Result<(), String> {
    if new != repeat {
        return Err("The passwords do not match. Enter the same password twice.".to_owned());
    }
    if new.eq_ignore_ascii_case(email) {
        return Err("The password must not be your email address.".to_owned());
    }
    password::check(new).map_err(|error| error.to_string())
}

/// The PHC string of a password.
pub(crate) async fn hash(app: &App, new: &str) -> Result<String, Failure> {
    let new = new.to_owned();
    let hashed = off_thread(app, move || password::hash(&new)).await?;
    hashed.map_err(|error| {
        Failure::refused(StatusCode::UNPROCESSABLE_ENTITY, "The password can't be used", error.to_string())
    })
}

/// True when the password is the one that this PHC string was made of; costs the same when there is none.
pub(crate) async fn verify(app: &App, typed: &str, phc: Option<String>) -> Result<bool, Failure> {
    let typed = typed.to_owned();
    off_thread(app, move || password::verify(&typed, phc.as_deref())).await
}

/// Runs what takes memory and time, a few at a time.
async fn off_thread<T: Send + 'static>(app: &App, run: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let failed = || {
        let advice = "The server is shutting down. Try again in a moment.";
        Failure::refused(StatusCode::SERVICE_UNAVAILABLE, "The server is not available", advice)
    };
    let _place = app.hashing.acquire().await.map_err(|_| failed())?;
    tokio::task::spawn_blocking(run).await.map_err(|_| failed())
}
