//! How long credentials are valid, and how often they may be tried.

use super::setting::group;
use crate::settings::kind::Kind;

group! {
    "Sign-in and OAuth", "How long credentials are valid, and how often somebody may try them.";

    /// How long a browser stays signed in.
    sign_in_days = pages.session_ms: Kind::days(1, 365);
    /// Wrong passwords for one account in `sign_in_window_minutes`.
    sign_in_tries_per_account = pages.sign_in.per_account: Kind::whole("tries", 1, 1_000_000);
    /// Wrong passwords from one address in `sign_in_window_minutes`.
    sign_in_tries_per_address = pages.sign_in.per_address: Kind::whole("tries", 1, 1_000_000);
    /// The time in which wrong passwords are counted.
    sign_in_window_minutes = pages.sign_in.window_ms: Kind::minutes(1, 1440);
    /// Passwords that are hashed at the same time, each with 19 MiB of memory. Further ones wait.
    passwords_at_once = pages.passwords_at_once: Kind::whole("passwords", 1, 64);
    /// How long an OAuth access token is valid.
    access_token_minutes = oauth.lifetimes.access_ms: Kind::minutes(1, 1440);
    /// How long an OAuth refresh token is valid when it is not used.
    refresh_token_days = oauth.lifetimes.refresh_ms: Kind::days(1, 365);
    /// The time in which a refresh token that was exchanged gives the same answer again.
    refresh_grace_seconds = oauth.refresh_grace_ms: Kind::seconds(1, 3600);
    /// How long an OAuth authorization code is valid.
    authorization_code_seconds = oauth.code_ms: Kind::seconds(1, 600);
    /// OAuth clients that may register from one address in an hour.
    registrations_per_hour = oauth.clients.per_address_hour: Kind::whole("clients", 1, 1_000_000);
    /// Registered OAuth clients that nobody has used yet. Beyond that no further one may register.
    unused_clients_max = oauth.clients.unused_max: Kind::whole("clients", 1, 10_000_000);
}
