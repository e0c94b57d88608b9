//! The stats socket: commands that look at the running process and change it.
//!
//! `line` turns bytes into command lines, `connection` answers them one after the other, and each
//! command is one file with its name, level, usage and function, listed in [`ALL`]. What must hold:
//! a command needs the level it names; what a client sends is bounded, and so is what waits for a
//! slow reader, since long answers are made piece by piece; what a message repeats is shown without
//! control characters. All of it runs on the control thread. Deliberately absent: the data path,
//! which commands only reach through shared state (`proxy::Control`).

mod answer;
mod command;
mod connection;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub(crate) mod line;
mod server;

mod add_backend;
mod add_map;
mod add_server;
mod anon;
mod clear_counters;
mod clear_map;
mod clear_rate_limit;
mod clear_table;
mod debug_dev;
mod del_backend;
mod del_map;
mod del_server;
mod dump_stats_file;
mod dynamic_cookie;
mod echo;
mod eject;
mod enable_server;
mod expert_mode;
mod frontends;
mod get_map;
mod help;
mod level;
mod map_version;
mod patterns;
mod profiling;
mod prompt;
mod publish_backend;
mod quit;
mod reload;
mod servers;
mod set_circuit_breaker;
mod set_map;
mod set_maxconn;
mod set_rate_limit;
mod set_server;
mod set_severity_output;
mod set_table;
mod set_timeout;
mod show_activity;
mod show_backend;
mod show_cache;
mod show_circuit_breaker;
mod show_circuit_limits;
mod show_cli;
mod show_dev;
mod show_env;
mod show_errors;
mod show_events;
mod show_fd;
mod show_info;
mod show_libs;
mod show_map;
mod show_outlier;
mod show_peers;
mod show_pools;
mod show_rate_limit;
mod show_resolvers;
mod show_servers;
mod show_sess;
mod show_startup_logs;
mod show_stat;
mod show_table;
mod show_tasks;
mod show_threads;
mod show_version;
mod shutdown_session;
mod tables;
mod trace;
pub(crate) mod unsupported;
mod var;
mod wait;
mod weight;

pub use anon::Anon;
pub use answer::{Answer, Pieces, Severity};
use command::shown_lines;
pub use command::{Call, Command, Restriction, Session, shown};
pub use server::serve;

/// Every command, those of one file together.
pub static ALL: &[&[Command]] = &[
    add_backend::COMMANDS,
    add_map::COMMANDS,
    add_server::COMMANDS,
    anon::COMMANDS,
    clear_counters::COMMANDS,
    clear_map::COMMANDS,
    clear_rate_limit::COMMANDS,
    clear_table::COMMANDS,
    debug_dev::COMMANDS,
    del_backend::COMMANDS,
    del_map::COMMANDS,
    del_server::COMMANDS,
    dump_stats_file::COMMANDS,
    dynamic_cookie::COMMANDS,
    echo::COMMANDS,
    enable_server::COMMANDS,
    expert_mode::COMMANDS,
    frontends::COMMANDS,
    get_map::COMMANDS,
    help::COMMANDS,
    level::COMMANDS,
    map_version::COMMANDS,
    profiling::COMMANDS,
    prompt::COMMANDS,
    publish_backend::COMMANDS,
    quit::COMMANDS,
    reload::COMMANDS,
    set_circuit_breaker::COMMANDS,
    set_map::COMMANDS,
    set_maxconn::COMMANDS,
    set_rate_limit::COMMANDS,
    set_server::COMMANDS,
    set_severity_output::COMMANDS,
    set_table::COMMANDS,
    set_timeout::COMMANDS,
    show_activity::COMMANDS,
    show_backend::COMMANDS,
    show_cache::COMMANDS,
    show_circuit_breaker::COMMANDS,
    show_circuit_limits::COMMANDS,
    show_cli::COMMANDS,
    show_dev::COMMANDS,
    show_env::COMMANDS,
    show_errors::COMMANDS,
    show_fd::COMMANDS,
    show_events::COMMANDS,
    show_info::COMMANDS,
    show_libs::COMMANDS,
    show_map::COMMANDS,
    show_outlier::COMMANDS,
    show_peers::COMMANDS,
    show_pools::COMMANDS,
    show_rate_limit::COMMANDS,
    show_resolvers::COMMANDS,
    show_servers::COMMANDS,
    show_sess::COMMANDS,
    show_startup_logs::COMMANDS,
    show_stat::COMMANDS,
    show_table::COMMANDS,
    show_tasks::COMMANDS,
    show_threads::COMMANDS,
    show_version::COMMANDS,
    shutdown_session::COMMANDS,
    trace::COMMANDS,
    var::COMMANDS,
    wait::COMMANDS,
    weight::COMMANDS,
];

/// Every command.
pub fn commands() -> impl Iterator<Item = &'static Command> {
    ALL.iter().copied().flatten()
}

#[cfg(test)]
mod tests;
