//! Settings as flags of a command: created from the declarations, kept as the texts that were given.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::declared::{self, Setting};
use super::values::Settings;

/// The settings that the flags of one command gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// These settings, by key. For commands that set some themselves.
    pub(crate) fn of(given: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Self {
        Self(given.into_iter().filter_map(|(key, text)| Some((key, text?))).collect())
    }

    /// What was given for a setting.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn take(settings: impl Iterator<Item = &'static Setting>, matches: &ArgMatches) -> Self {
        Self::of(settings.map(|setting| (setting.key, matches.get_one::<String>(setting.key).cloned())))
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let defaults = Settings::default();
        declared::GROUPS.iter().fold(command, |command, group| {
            let heading = format!("{} settings", group.title);
            command.args(group.settings.iter().map(|setting| arg(setting, &defaults).help_heading(heading.clone())))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self::take(declared::all(), matches))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The flags of a command that talks to a server, or opens the data folder when none runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetFlags(Flags);

/// The keys of [`TargetFlags`].
const TARGET: [&str; 2] = ["data", "url"];

impl From<TargetFlags> for Flags {
    fn from(target: TargetFlags) -> Self {
        target.0
    }
}

impl Args for TargetFlags {
    fn augment_args(command: Command) -> Command {
        let defaults = Settings::default();
        command.args(target().map(|setting| arg(setting, &defaults).global(true)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for TargetFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(Flags::take(target(), matches)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn target() -> impl Iterator<Item = &'static Setting> {
    TARGET.into_iter().filter_map(declared::of_key)
}

fn arg(setting: &'static Setting, defaults: &Settings) -> Arg {
    let docs = setting.docs();
    // Clap's own style: a help text of one sentence has no full stop.
    let docs = docs.strip_suffix('.').filter(|rest| !rest.contains(". ")).unwrap_or(docs);
    Arg::new(setting.key)
        .long(setting.flag())
        .value_name(setting.kind.placeholder())
        .help(format!("{docs} [default: {}]", setting.default(defaults)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_a_flag_and_is_taken_by_its_key() {
        let command = Flags::augment_args(Command::new("x"));
        for setting in declared::all() {
            let text = format!("--{}", setting.flag());
            let matches = command.clone().try_get_matches_from(["x", &text, "7"]).expect("the flag is known");
            let flags = Flags::from_arg_matches(&matches).expect("flags are texts");
            assert_eq!(flags.0, BTreeMap::from([(setting.key, "7".to_owned())]));
        }
    }

    #[test]
    fn help_ends_with_the_default() {
        let help = Flags::augment_args(Command::new("x")).term_width(0).render_help().to_string();
        for want in
            ["--body-bytes-max <BYTES>", "[default: 16MiB]", "[default: s3", "[default: http:// and the address"]
        {
            assert_eq!(help.contains(want), want != "[default: s3", "{want}:\n{help}");
        }
    }
}
