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
mod line;
mod server;

mod echo;
mod expert_mode;
mod help;
mod level;
mod prompt;
mod quit;
mod reload;
mod set_severity_output;
mod set_timeout;
mod show_cli;
mod show_env;
mod show_version;

pub use answer::{Answer, Pieces, Severity};
pub use command::{Call, Command, Restriction, Session, shown};
pub use server::serve;

/// Every command, those of one file together.
pub static ALL: &[&[Command]] = &[
    echo::COMMANDS,
    expert_mode::COMMANDS,
    help::COMMANDS,
    level::COMMANDS,
    prompt::COMMANDS,
    quit::COMMANDS,
    reload::COMMANDS,
    set_severity_output::COMMANDS,
    set_timeout::COMMANDS,
    show_cli::COMMANDS,
    show_env::COMMANDS,
    show_version::COMMANDS,
];

/// Every command.
pub fn commands() -> impl Iterator<Item = &'static Command> {
    ALL.iter().copied().flatten()
}

#[cfg(test)]
mod tests;
