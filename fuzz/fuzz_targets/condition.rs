//! A condition and its ACLs: read and evaluated at every stage of a stream.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::vocab::fuzz::condition(data));
