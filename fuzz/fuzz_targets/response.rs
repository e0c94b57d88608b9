//! Response heads and bodies: any split of the bytes gives the same result as all at once.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::http1::fuzz_response(data));
