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

/// The values of expressions, in one response. `<>` is an empty value and no value.
macro_rules! values {
    ($($expression:literal => $value:literal,)*) => {
        crate::case::http(
            concat!("frontend: http-request return status 200", $(" hdr x \"<%[", $expression, "]>\"",)*),
            concat!("c> GET / HTTP/1.1|host: a||\nc< HTTP/1.1 200 OK|content-length: 0|", $("x: <", $value, ">|",)* "|"),
        )
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
    "parity/balance.rs" balance;
    "parity/queue.rs" queue;
    "parity/words.rs" words;
    "parity/bandwidth.rs" bandwidth;
    "parity/checks.rs" checks;
    "parity/check_kinds.rs" check_kinds;
    "parity/observe.rs" observe;
    "parity/cache.rs" cache;
    "parity/compression.rs" compression;
    "parity/logs.rs" logs;
    "parity/options.rs" options;
    "parity/cookies.rs" cookies;
    "parity/dynamic.rs" dynamic;
    "parity/retries.rs" retries;
    "parity/aborts.rs" aborts;
    "parity/tcp.rs" tcp;
    "parity/tcp_rules.rs" tcp_rules;
    "parity/switch_mode.rs" switch_mode;
    "parity/statistics.rs" statistics;
    "parity/tables.rs" tables;
    "parity/proxy_protocol.rs" proxy_protocol;
    "parity/patterns.rs" patterns;
    "parity/maps.rs" maps;
    "parity/variables.rs" variables;
    "parity/states.rs" states;
    "parity/converters_a.rs" converters_a;
    "parity/converters_b.rs" converters_b;
    "parity/fetches.rs" fetches;
    "parity/layer7.rs" layer7;
    "parity/commands.rs" commands;
    "parity/info.rs" info;
    "parity/map_commands.rs" map_commands;
    "parity/table_commands.rs" table_commands;
    "parity/table_peers.rs" table_peers;
    "parity/server_commands.rs" server_commands;
    "parity/server_state.rs" server_state;
}
