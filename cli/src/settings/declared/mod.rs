//! The declarations of all settings. One declaration makes a setting's flag, its environment variable, its key in the
//! file, its bounds, its help and its row of `docs/configuration.md`.
//!
//! A setting's default is the value of its field in [`Settings::default`], which takes it from the configuration of the
//! crate that the field belongs to.

mod server;
mod sign_in;
mod signals;
mod tools;
mod uploads;
mod worker;

use super::Settings;
use super::kind::Kind;

/// Settings that belong together.
pub(super) struct Group {
    /// The heading, in the help and in the reference.
    pub(super) title: &'static str,
    /// What holds for all of them, for the reference.
    pub(super) about: &'static str,
    pub(super) settings: &'static [Setting],
}

/// One setting, declared.
pub(super) struct Setting {
    /// Its name in the file.
    pub(super) key: &'static str,
    /// What it is, in whole sentences.
    docs: &'static str,
    /// What holds when it is left out, for settings whose default is no value.
    empty: &'static str,
    pub(super) kind: Kind,
    read: fn(&mut Settings, &Kind, &str) -> Option<()>,
    show: fn(&Settings, &Kind) -> String,
}

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

impl Setting {
    /// What it is, in whole sentences.
    pub(super) fn docs(&self) -> &'static str {
        self.docs.trim_start()
    }

    /// The flag: `data` is `--data`, `body_bytes_max` is `--body-bytes-max`.
    pub(super) fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The environment variable: `data` is `PLAYHEAD_DATA`.
    pub(super) fn variable(&self) -> String {
        format!("PLAYHEAD_{}", self.key.to_ascii_uppercase())
    }

    /// Sets it; the error says what its value must be.
    pub(super) fn set(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        (self.read)(settings, &self.kind, text).ok_or_else(|| self.kind.expected())
    }

    /// Its value, in the form that [`Setting::set`] takes; empty when it is left out.
    pub(super) fn value(&self, settings: &Settings) -> String {
        (self.show)(settings, &self.kind)
    }

    /// Its default for people: the value, or what holds without one.
    pub(super) fn default(&self, defaults: &Settings) -> String {
        let value = self.value(defaults);
        if value.is_empty() { self.empty.to_owned() } else { value }
    }
}

/// Declares a group: for each setting its documentation, its key, the field that holds it, its kind, and what holds
/// when it is empty.
macro_rules! group {
    ($title:literal, $about:literal;
     $($(#[doc = $docs:literal])+ $key:ident = $($field:ident).+: $kind:expr $(, empty $empty:literal)?;)+) => {
        pub(super) const GROUP: super::Group = super::Group {
            title: $title,
            about: $about,
            settings: &[$(super::Setting {
                key: stringify!($key),
                docs: concat!($($docs),+),
                empty: concat!($($empty)?),
                kind: $kind,
                read: |settings, kind, text| {
                    settings.$($field).+ = crate::settings::field::Field::read(text, kind)?;
                    Some(())
                },
                show: |settings, kind| crate::settings::field::Field::show(&settings.$($field).+, kind),
            }),+],
        };
    };
}
use group;
