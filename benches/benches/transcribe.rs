//! Bytes per second of `transcribe` on one thread, beside parsers that only parse the same bytes.

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use playhead_benches::contest::{Contestant, Corpus};
use playhead_benches::recording::Size;

/// Bytes of the generated recording: a long session.
const GENERATED_BYTES: usize = 60_000_000;

fn transcribe(criterion: &mut Criterion) {
    let corpora = [Corpus::testdata(), Corpus::generated(&Size::of_bytes(GENERATED_BYTES))];
    for corpus in corpora {
        let corpus = corpus.expect("testdata is part of the repository");
        corpus.check().expect("a corpus that is read without defects");
        let mut group = criterion.benchmark_group(corpus.name.clone());
        group.throughput(Throughput::Bytes(corpus.plain_bytes()));
        group.sampling_mode(SamplingMode::Flat).sample_size(10);
        group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
        for contestant in Contestant::ALL {
            group.bench_function(contestant.name(), |bencher| {
                bencher.iter_custom(|passes| (0..passes).map(|_| contestant.pass(&corpus)).sum());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, transcribe);
criterion_main!(benches);
