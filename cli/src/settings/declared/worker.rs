//! How the worker transcribes replays, and what one transcription may cost.

use super::setting::group;
use crate::settings::kind::Kind;

group! {
    "Transcription", "How stored replays are transcribed, and what one transcription may cost. What is above a limit is \
                      left out of the transcript, which says so.";

    /// Transcriptions that run at the same time, each on a thread of its own. With 0 there is one for each processor.
    worker_threads = worker.threads: Kind::whole("threads", 0, 1024);
    /// A replay without a final segment is closed this long after its last segment, and then transcribed.
    idle_close_ms = worker.janitor.idle_close_ms: Kind::ms(1, 86_400_000);
    /// How often such replays are looked for.
    idle_check_ms = worker.janitor.idle_sweep_ms: Kind::ms(1, 3_600_000);
    /// How long a job is held without a sign of life. After a crash it is tried again when this time is over.
    job_lease_ms = worker.lease_ms: Kind::ms(100, 3_600_000);
    /// How often a job is tried before it is given up.
    job_attempts_max = worker.attempts_max: Kind::whole("attempts", 1, 1000);
    /// The pause after the first failed attempt. It doubles with each further one.
    job_retry_ms = worker.retry_ms: Kind::ms(0, 3_600_000);
    /// The longest pause between two attempts.
    job_retry_ms_max = worker.retry_ms_max: Kind::ms(0, 86_400_000);
    /// How often jobs are looked for that nobody announces: retries, and jobs whose lease ran out.
    job_poll_ms = worker.poll_ms: Kind::ms(10, 600_000);
    /// How long running jobs may take when the server is told to stop. Then they are released, and done again later.
    worker_grace_ms = worker.stop_grace_ms: Kind::ms(0, 600_000);
    /// Events of one replay.
    events_max = transcriber.events_max: Kind::whole("events", 1000, 1_000_000_000);
    /// Moments of one replay.
    moments_max = transcriber.moments_max: Kind::whole("moments", 100, 10_000_000);
    /// Nodes of the page that are visited in all to describe the targets of actions. Beyond that a target is described by
    /// its own attributes alone.
    described_nodes_max = transcriber.node_visits_max: Kind::whole("nodes", 1000, 1_000_000_000_000);
    /// A segment whose plain text is this large or larger is decompressed twice instead of being held as plain text, which
    /// saves memory and costs time.
    plain_text_bytes_max = transcriber.stream_bytes_min: Kind::Bytes { min: 1 << 20, max: 64 << 30 };
}
