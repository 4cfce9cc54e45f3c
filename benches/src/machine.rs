//! What a figure must be read with: the machine's processors and how busy it was.

use serde::Serialize;

/// Processors and load at one time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub processors: usize,
    /// Mean number of processes that ran or waited to run in the last minute; absent where unknown.
    pub load_average: Option<f64>,
}

/// The machine as it is now.
pub fn now() -> Machine {
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    Machine {
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        load_average: load.and_then(|text| text.split_whitespace().next()?.parse().ok()),
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} processors", self.processors)?;
        match self.load_average {
            Some(load) => write!(f, ", load average {load:.2}"),
            None => Ok(()),
        }
    }
}
