//! From the sources to the values: each setting is read from the first source that gives it, then all are checked
//! together.

use std::path::PathBuf;

use super::declared;
use super::flags::Flags;
use super::sources::Sources;
use super::values::{Origin, Row, Settings};
use crate::exit::{Exit, Failure};

impl Settings {
    /// Resolves every setting from the process's environment, the file and `flags`.
    pub(crate) fn resolve(flags: &Flags, file: Option<PathBuf>) -> anyhow::Result<Self> {
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::resolve_from(flags, file, environment).map_err(|error| Failure::error(Exit::Usage, format!("{error:#}")))
    }

    pub(super) fn resolve_from(
        flags: &Flags,
        file: Option<PathBuf>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let sources = Sources::read(flags, file, environment)?;
        let mut settings = Self::default();
        let mut rows = Vec::new();
        for setting in declared::all() {
            let given = sources.find(setting);
            if let Some((origin, text)) = &given {
                setting.set(&mut settings, text).map_err(|expected| {
                    anyhow::anyhow!("{origin}: `{}` is {text:?}; it must be {expected}", setting.key)
                })?;
            }
            let origin = given.map_or(Origin::Default, |(origin, _)| origin);
            rows.push(Row { key: setting.key, value: setting.value(&settings), origin });
        }
        settings.rows = rows;
        settings.check()?;
        Ok(settings)
    }

    /// Thresholds that contradict each other are refused here, with the origin of the one to change.
    fn check(&self) -> anyhow::Result<()> {
        self.options().check().map_err(|error| {
            let row = self.rows.iter().find(|row| row.key == error.name);
            let place = row.map(|row| format!("{}: ", row.origin)).unwrap_or_default();
            anyhow::anyhow!("{place}{error}")
        })
    }
}
