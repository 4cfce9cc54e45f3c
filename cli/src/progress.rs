//! Progress on standard error: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A count on its way to a total.
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
        /// The count in the last line.
        reported: u64,
    },
}

impl Progress {
    /// Starts to count `what` up to `total`.
    pub(crate) fn new(what: &str, total: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines { what: what.to_owned(), total, reported: 0 };
        }
        let bar = ProgressBar::new(total).with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self::Bar(bar)
    }

    /// Reports the count so far.
    pub(crate) fn set(&mut self, done: u64) {
        match self {
            Self::Bar(bar) => bar.set_position(done),
            Self::Lines { what, total, reported } => {
                if let Some(line) = line(what, *total, *reported, done) {
                    *reported = done;
                    say(&line);
                }
            }
        }
    }

    /// Ends it. A bar is removed from the screen.
    pub(crate) fn finish(&self) {
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

/// The line to write when `done` is a tenth of the total ahead of `reported`, or has reached the total.
fn line(what: &str, total: u64, reported: u64, done: u64) -> Option<String> {
    let step = (total / 10).max(1);
    (done > reported && (done - reported >= step || done >= total)).then(|| format!("{what}: {done}/{total}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_come_at_each_tenth_and_at_the_end() {
        let reported: Vec<u64> = (0..=25_u64)
            .scan(0, |reported, done| {
                let line = super::line("x", 25, *reported, done);
                if line.is_some() {
                    *reported = done;
                }
                Some(line.map(|_| done))
            })
            .flatten()
            .collect();
        assert_eq!(reported, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 25]);
        assert_eq!(super::line("jobs", 3, 2, 3).as_deref(), Some("jobs: 3/3"));
    }
}
