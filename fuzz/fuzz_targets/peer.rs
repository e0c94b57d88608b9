//! What another peer sends.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::peers::fuzz_peer(data));
