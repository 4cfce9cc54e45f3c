//! The declarations of all settings. One declaration makes a setting's flag, its environment variable, its key in the
//! file, its bounds, its help and its row of `docs/configuration.md`.
//!
//! A setting's default is the value of its field in the default [`Settings`](super::values::Settings), which take it from
//! the configuration of the crate that the field belongs to.

mod server;
mod setting;
mod sign_in;
mod signals;
mod tools;
mod uploads;
mod worker;

pub(crate) use setting::{Group, Setting};

/// All groups, in the order of the help and of the reference.
pub(super) const GROUPS: &[Group] =
    &[server::GROUP, uploads::GROUP, worker::GROUP, signals::GROUP, tools::GROUP, sign_in::GROUP];

/// All settings, in the order of the groups.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

/// The setting of a key.
pub(super) fn of_key(key: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.key == key)
}
