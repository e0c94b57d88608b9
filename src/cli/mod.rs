//! The command line: HAProxy's flags, our subcommands, and the life of the process around a proxy.
//!
//! What lives here: arguments, files, the environment, messages on the terminal, daemonising,
//! signals, pid file, privileges, exit statuses. What must hold: nothing is opened before the
//! whole configuration is accepted. Deliberately absent: serving (`proxy`), and reading or
//! rendering configuration text (`syntax`, `compile`).

mod args;
mod channel;
pub mod codes;
mod commands;
mod config;
mod console;
mod daemon;
mod demo;
mod files;
mod fmt;
mod keywords;
mod load;
mod master;
mod plan;
mod privileges;
mod report;
mod run;
mod signals;
mod version;

use args::{BadArgs, Request};
use console::Console;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program with the process's arguments; the result is its exit status.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match args.first() {
        Some(first) if commands::is_command(first) => commands::dispatch(&args),
        _ => haproxy_flags(&args),
    }
}

/// HAProxy's own command line.
fn haproxy_flags(args: &[OsString]) -> ExitCode {
    let console = Console { quiet: false };
    match args::parse(args) {
        Ok(Request::Load(flags)) if flags.files.is_empty() => {
            let code = run::load(&flags, args);
            console.err(version::USAGE);
            code
        }
        Ok(Request::Load(flags)) => run::load(&flags, args),
        Ok(Request::Version(form)) => {
            console::print(&version::text(form));
            ExitCode::SUCCESS
        }
        Ok(Request::Help) => {
            console::print(&(version::banner() + version::USAGE));
            ExitCode::SUCCESS
        }
        Ok(Request::MemoryHelp) => {
            let names = args::MEMORY_FEATURES.join(" ");
            console::print(&format!(
                "-dM[<byte>][,<option>...] is accepted for scripts written for HAProxy, and changes\n\
                 nothing: memory is managed by the allocator. The options are:\n  {names}\n"
            ));
            ExitCode::SUCCESS
        }
        Ok(Request::Condition(condition)) => match load::evaluate_condition(&condition) {
            Ok(value) => ExitCode::from(u8::from(!value)),
            Err(error) => {
                console.alert(&format!("Failed to evaluate condition: {error}"));
                ExitCode::from(2)
            }
        },
        Err(BadArgs::Usage(message)) => {
            console.alert(&message);
            console.err(version::USAGE);
            ExitCode::FAILURE
        }
        Err(BadArgs::Message(message)) => {
            console.alert(&message);
            ExitCode::FAILURE
        }
    }
}
