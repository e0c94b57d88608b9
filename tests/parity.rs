//! The same script against Tidegate and, where it is installed, HAProxy.
//!
//! Every step of a script states what must be seen, so a case is complete without HAProxy; with it,
//! the statement itself is put to the test. Where Tidegate departs from HAProxy on purpose the
//! case holds both scripts and the reason. `tests/README.md` shows how to add one.

#![forbid(unsafe_code)]
#![allow(
    clippy::indexing_slicing,
    reason = "a wrong index here fails the test, as it should"
)]

mod support;

#[path = "parity/case.rs"]
mod case;
#[path = "parity/peers.rs"]
mod peers;

macro_rules! groups {
    ($($file:literal $name:ident;)*) => {
        $(#[path = $file] mod $name;)*
        /// Cases in all groups.
        const CASES: usize = 0 $(+ $name::COUNT)*;
    };
}

/// Makes one test per line `name: case`.
macro_rules! cases {
    ($($name:ident: $case:expr,)*) => {
        pub(crate) const COUNT: usize = <[&str]>::len(&[$(stringify!($name)),*]);
        $(#[test] fn $name() { crate::peers::compare($case); })*
    };
}

groups! {
    "parity/keep_alive.rs" keep_alive;
    "parity/bodies.rs" bodies;
    "parity/pipelining.rs" pipelining;
    "parity/refusals.rs" refusals;
    "parity/timeouts.rs" timeouts;
    "parity/rules.rs" rules;
    "parity/servers.rs" servers;
    "parity/aborts.rs" aborts;
    "parity/tcp.rs" tcp;
    "parity/proxy_protocol.rs" proxy_protocol;
    "parity/converters_a.rs" converters_a;
    "parity/layer7.rs" layer7;
}
