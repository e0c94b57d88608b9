//! A dump of stick tables, loaded and dumped again.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::table::dump::fuzz_dump(data));
