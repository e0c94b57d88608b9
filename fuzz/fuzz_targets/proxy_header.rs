//! PROXY protocol headers, versions 1 and 2: never panics, never asks for bytes it has.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate::net::fuzz_proxy_header(data));
