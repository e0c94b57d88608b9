//! A log format in each of its uses: read and rendered at every stage of a stream.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::vocab::fuzz::log_format(data));
