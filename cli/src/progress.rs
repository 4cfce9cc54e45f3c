//! Progress on standard error: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A count that goes up to a total.
#[derive(Debug)]
pub(crate) enum Progress {
    /// On a terminal.
    Bar(ProgressBar),
    /// In a log: a line for each tenth of the way.
    Lines {
        /// What is counted.
        what: String,
        /// How many there will be.
        total: u64,
        /// How many there were at the last line.
        told: u64,
    },
}

impl Progress {
    /// Begins to count `what` up to `total`.
    pub(crate) fn new(what: &str, total: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines { what: what.to_owned(), total, told: 0 };
        }
        let bar = ProgressBar::new(total).with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self::Bar(bar)
    }

    /// Says how far it is.
    pub(crate) fn set(&mut self, done: u64) {
        match self {
            Self::Bar(bar) => bar.set_position(done),
            Self::Lines { what, total, told } => {
                if let Some(line) = line(what, *total, *told, done) {
                    *told = done;
                    say(&line);
                }
            }
        }
    }

    /// Ends it; a bar is taken off the screen.
    pub(crate) fn finish(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// A line for people on standard error.
#[allow(clippy::print_stderr)]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// The line to write when `done` has got a tenth further than `told`, or to the end.
fn line(what: &str, total: u64, told: u64, done: u64) -> Option<String> {
    let step = (total / 10).max(1);
    (done > told && (done - told >= step || done >= total)).then(|| format!("{what}: {done}/{total}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_come_at_each_tenth_and_at_the_end() {
        let told: Vec<u64> = (0..=25_u64)
            .scan(0, |told, done| {
                let line = super::line("x", 25, *told, done);
                if line.is_some() {
                    *told = done;
                }
                Some(line.map(|_| done))
            })
            .flatten()
            .collect();
        assert_eq!(told, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 25]);
        assert_eq!(super::line("jobs", 3, 2, 3).as_deref(), Some("jobs: 3/3"));
    }
}
