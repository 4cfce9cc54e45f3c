//! Exit codes: what a script can rely on.

use std::fmt;
use std::process::ExitCode;

use playhead_schemas::ErrorCode;

/// Why a command ended. The numbers are documented in `playhead --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Something failed: a file, the network, the disk, the server itself.
    Failed = 1,
    /// The command line or a setting is wrong. Clap uses the same number.
    Usage = 2,
    /// The thing does not exist, or the server said no.
    Refused = 3,
    /// No server answers, or another process has the data folder.
    Unavailable = 4,
    /// A signal stopped it: 128 plus the number of SIGINT, as shells say it.
    Interrupted = 130,
}

/// The end of every help page.
pub(crate) const HELP: &str = "Exit codes:
  0  done
  1  failed; standard error says why
  2  wrong usage: a flag, an argument or a setting
  3  not found, or refused by the server
  4  no server answers, or another process has the data folder
  130  stopped by a signal before it was done";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that decides the exit code, anywhere in an anyhow chain.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// What the server refused with.
    code: Option<ErrorCode>,
    message: String,
}

impl Failure {
    /// An error of this kind. `message` says what was wrong and what to do.
    pub(crate) fn error(exit: Exit, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self { exit, code: None, message: message.into() })
    }

    /// What a server refused with this code.
    pub(crate) fn refused(exit: Exit, code: Option<ErrorCode>, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self { exit, code, message: message.into() })
    }

    /// `cause` as an error of this kind.
    pub(crate) fn wrap(cause: anyhow::Error, exit: Exit, message: impl Into<String>) -> anyhow::Error {
        cause.context(Self { exit, code: None, message: message.into() })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The exit code that an error asks for: the first [`Failure`] of its chain, else [`Exit::Failed`].
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<Failure>().map_or(Exit::Failed, |failure| failure.exit)
}

/// The code that a server refused with, if that is what an error says.
pub(crate) fn code_of(error: &anyhow::Error) -> Option<ErrorCode> {
    error.downcast_ref::<Failure>()?.code
}

/// True when the reader of our output has closed it (`playhead .. | head`), which is not a failure.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_failure_decides_from_anywhere_in_the_chain() {
        let plain = anyhow::anyhow!("disk full");
        assert_eq!(of(&plain), Exit::Failed);
        let refused = Err::<(), _>(Failure::error(Exit::Refused, "no such project"))
            .context("creating a key")
            .expect_err("it is an error");
        assert_eq!(of(&refused), Exit::Refused);
        assert_eq!(format!("{refused:#}"), "creating a key: no such project");
        let wrapped = Failure::wrap(plain, Exit::Unavailable, "no server").context("importing");
        assert_eq!(of(&wrapped), Exit::Unavailable);
        assert_eq!(format!("{wrapped:#}"), "importing: no server: disk full");
    }

    #[test]
    fn help_lists_every_code() {
        for exit in [Exit::Failed, Exit::Usage, Exit::Refused, Exit::Unavailable, Exit::Interrupted] {
            assert!(HELP.contains(&format!("\n  {}  ", exit as u8)), "{exit:?}");
        }
    }
}
