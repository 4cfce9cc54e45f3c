#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| playhead_transcriber::fuzz::json(data));
