//! The parts of a declaration.

use crate::settings::kind::Kind;
use crate::settings::values::Settings;

/// Settings that belong together.
pub(crate) struct Group {
    /// The heading, in the help and in the reference.
    pub(crate) title: &'static str,
    /// What holds for all of them, for the reference.
    pub(crate) about: &'static str,
    pub(crate) settings: &'static [Setting],
}

/// One setting, declared.
pub(crate) struct Setting {
    /// Its name in the file.
    pub(crate) key: &'static str,
    /// What it is, in whole sentences.
    pub(super) docs: &'static str,
    /// What holds when it is left out, for settings whose default is no value.
    pub(super) empty: &'static str,
    pub(crate) kind: Kind,
    pub(super) read: fn(&mut Settings, &Kind, &str) -> Option<()>,
    pub(super) show: fn(&Settings, &Kind) -> String,
}

impl Setting {
    /// What it is, in whole sentences.
    pub(crate) fn docs(&self) -> &'static str {
        self.docs.trim_start()
    }

    /// The flag: `data` is `--data`, `body_bytes_max` is `--body-bytes-max`.
    pub(crate) fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The environment variable: `data` is `PLAYHEAD_DATA`.
    pub(crate) fn variable(&self) -> String {
        format!("PLAYHEAD_{}", self.key.to_ascii_uppercase())
    }

    /// Sets it; the error says what its value must be.
    pub(crate) fn set(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        (self.read)(settings, &self.kind, text).ok_or_else(|| self.kind.expected())
    }

    /// Its value, in the form that [`Setting::set`] reads; empty when it is left out.
    pub(crate) fn value(&self, settings: &Settings) -> String {
        (self.show)(settings, &self.kind)
    }

    /// Its default for people: the value, or what holds without one.
    pub(crate) fn default(&self, defaults: &Settings) -> String {
        let value = self.value(defaults);
        if value.is_empty() { self.empty.to_owned() } else { value }
    }
}

/// Declares a group: for each setting its documentation, its key, the field that holds it, its kind, and what holds
/// when it is empty.
macro_rules! group {
    ($title:literal, $about:literal;
     $($(#[doc = $docs:literal])+ $key:ident = $($field:ident).+: $kind:expr $(, empty $empty:literal)?;)+) => {
        pub(super) const GROUP: $crate::settings::declared::setting::Group = $crate::settings::declared::setting::Group {
            title: $title,
            about: $about,
            settings: &[$($crate::settings::declared::setting::Setting {
                key: stringify!($key),
                docs: concat!($($docs),+),
                empty: concat!($($empty)?),
                kind: $kind,
                read: |settings, kind, text| {
                    settings.$($field).+ = $crate::settings::field::Field::read(text, kind)?;
                    Some(())
                },
                show: |settings, kind| $crate::settings::field::Field::show(&settings.$($field).+, kind),
            }),+],
        };
    };
}
pub(super) use group;
