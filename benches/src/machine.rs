//! What a figure must be read with: the machine's processors and how busy it was.

use serde::Serialize;

/// What one tick of `/proc/*/stat` is on Linux, whatever its kernel is built with.
const TICK_MS: f64 = 10.0;

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

/// The processor time that this process took so far, in milliseconds; 0 where it is unknown.
pub fn cpu_ms() -> f64 {
    cpu_ms_of("self").unwrap_or(0.0)
}

/// The processor time that a process took so far, in milliseconds, where that is known.
pub fn cpu_ms_of(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name in brackets, which may hold spaces: state is the third field, utime and stime are 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks * TICK_MS)
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
