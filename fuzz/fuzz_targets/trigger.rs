//! A trigger expression of a circuit breaker: read and evaluated.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::protect::fuzz_trigger(data));
