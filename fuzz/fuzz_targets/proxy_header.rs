//! What a connection may begin with: PROXY protocol headers, versions 1 and 2, and TLS hellos. Never
//! panics, never asks for bytes it has.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    tidegate::net::fuzz_proxy_header(data);
    tidegate::net::fuzz_tls_hello(data);
});
