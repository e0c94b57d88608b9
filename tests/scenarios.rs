//! What has no twin in HAProxy, or no single exchange to compare: errors in configurations, signals,
//! limits under load.
//!
//! One file per feature under `tests/scenarios/<area>/`. The harness is `tests/support`.

#![forbid(unsafe_code)]
#![allow(
    clippy::indexing_slicing,
    reason = "a wrong index here fails the test, as it should"
)]

mod support;

#[path = "scenarios/abuse/connections.rs"]
mod abuse_connections;
#[path = "scenarios/abuse/floods.rs"]
mod abuse_floods;
#[path = "scenarios/abuse/keys.rs"]
mod abuse_keys;
#[path = "scenarios/abuse/slow.rs"]
mod abuse_slow;
#[path = "scenarios/config/errors.rs"]
mod config_errors;
#[path = "scenarios/config/starting.rs"]
mod config_starting;
#[path = "scenarios/connections/maxconn.rs"]
mod connections_maxconn;
#[path = "scenarios/connections/queue.rs"]
mod connections_queue;
#[path = "scenarios/connections/tcp_keep_alive.rs"]
mod connections_tcp_keep_alive;
#[path = "scenarios/examples.rs"]
mod examples;
#[path = "scenarios/health/mod.rs"]
mod health;
#[path = "scenarios/http/browser.rs"]
mod http_browser;
#[path = "scenarios/http/framing.rs"]
mod http_framing;
#[path = "scenarios/http/pieces.rs"]
mod http_pieces;
#[path = "scenarios/http/pipeline.rs"]
mod http_pipeline;
#[path = "scenarios/http/statistics.rs"]
mod http_statistics;
#[path = "scenarios/http/trace.rs"]
mod http_trace;
#[path = "scenarios/log/mod.rs"]
mod log;
#[path = "scenarios/process/dynamic.rs"]
mod process_dynamic;
#[path = "scenarios/process/frontends.rs"]
mod process_frontends;
#[path = "scenarios/process/inspection.rs"]
mod process_inspection;
#[path = "scenarios/process/peers.rs"]
mod process_peers;
#[path = "scenarios/process/real_clients.rs"]
mod process_real_clients;
#[path = "scenarios/process/reload.rs"]
mod process_reload;
#[path = "scenarios/process/reload_load.rs"]
mod process_reload_load;
#[path = "scenarios/process/signals.rs"]
mod process_signals;
#[path = "scenarios/process/stats_socket.rs"]
mod process_stats_socket;
#[path = "scenarios/process/table_flood.rs"]
mod process_table_flood;
#[path = "scenarios/process/table_load.rs"]
mod process_table_load;
#[path = "scenarios/protect/mod.rs"]
mod protect;

/// An HTTP proxy with one server `${s}`; `lines` go to its defaults.
fn proxy(lines: &str) -> String {
    format!(
        "global\n    nbthread 1\n    log \"${{log}}\" len 8192 local0\n\
         defaults\n    mode http\n    log global\n    option httplog\n    timeout connect 6s\n    \
         timeout client 6s\n    timeout server 6s\n    {lines}\n\
         frontend fe\n    bind \"fd@${{fe}}\"\n    monitor-uri {}\n    default_backend be\n\
         backend be\n    server s ${{s}}\n",
        support::script::MONITOR
    )
}
