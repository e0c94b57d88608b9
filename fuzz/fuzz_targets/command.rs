//! What somebody types at a stats socket: lines, payloads, and each command on a process.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::runtime_api::fuzz::fuzz_commands(data));
