#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| playhead_ingest::fuzz::envelope(data));
