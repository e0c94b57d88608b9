//! A whole client connection with a scripted server: whatever both send, what the proxy makes of it
//! is read alike by others. `tidegate::proxy::fuzz` says what a script is.

#![no_main]

#[path = "../../tests/oracle/mod.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::check(data));
