//! What an agent of a server says.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::runtime_api::fuzz::fuzz_agent_line(data));
