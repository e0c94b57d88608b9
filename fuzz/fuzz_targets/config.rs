//! Configuration text: never panics; parse, print, parse is a fixed point.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::syntax::fuzz_entry(data));
