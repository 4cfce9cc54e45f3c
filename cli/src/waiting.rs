//! Waiting for another process: bounded, and said on standard error when it takes long enough to be noticed.

use std::time::{Duration, Instant};

use crate::progress::say;

/// The longest wait.
const TIME_MAX: Duration = Duration::from_secs(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Waits that are shorter than this are not worth a line.
const SILENT_TIME_MAX: Duration = Duration::from_millis(300);

/// One wait.
#[derive(Debug)]
pub(crate) struct Waiting {
    began: Instant,
    is_said: bool,
}

impl Waiting {
    /// Begins to wait.
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), is_said: false }
    }

    /// Waits a little, and says once for what. False when the longest wait is over.
    pub(crate) async fn pause(&mut self, notice: &str) -> bool {
        if self.began.elapsed() >= TIME_MAX {
            return false;
        }
        if !self.is_said && self.began.elapsed() >= SILENT_TIME_MAX {
            say(notice);
            self.is_said = true;
        }
        tokio::time::sleep(PAUSE).await;
        true
    }
}
