//! What is logged while something runs.

use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing::Level;
use tracing::instrument::WithSubscriber;

/// Log lines in memory. Clones share them.
#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `work` gives, and everything that it logged, at every level. What other tasks log is not in it.
pub async fn logged<F: Future>(work: F) -> (F::Output, String) {
    // Without a subscriber of the whole process, what a test beside this one logs first may switch a line off for all.
    static EVERYTHING: Once = Once::new();
    EVERYTHING.call_once(|| {
        let nowhere = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(std::io::sink).finish();
        // An error means that a test has set another one: as good.
        let _ = tracing::subscriber::set_global_default(nowhere);
    });
    let buffer = LogBuffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false);
    let given = work.with_subscriber(subscriber.with_writer(move || writer.clone()).finish()).await;
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    (given, text)
}

/// The lines of a log that tell of requests: one for each, from [`crate::trace`].
pub fn request_lines(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains("playhead_web::trace: ")).collect()
}
