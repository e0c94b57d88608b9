//! `show pools`: what memory is kept for. There are no pools of fixed-size objects here as in HAProxy:
//! these are the stores that may grow, each with its bound.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show pools",
    "",
    "shows what memory is kept for",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let control = call.control;
    let mut text = "Dumping stores that grow, with what they hold and may hold.\n".to_owned();
    let mut line = |name: &str, used: u64, most: u64| {
        // Writing to memory cannot fail.
        let _ = writeln!(text, "  - {name} : {used} used, {most} at most");
    };
    let global = &control.config().global;
    let connections = u64::from(control.connections());
    line("connections", connections, global.maxconn.into());
    line(
        "idle server connections",
        control.idle_connections(),
        global.maxconn.into(),
    );
    for table in control.tables() {
        let spec = table.spec();
        let (used, most) = (u64::from(table.used()), u64::from(spec.size));
        line(&format!("table {}", spec.name), used, most);
    }
    let resident = resident_kb();
    let _ = writeln!(text, "Total: {resident} kB resident.");
    Answer::text(text)
}

/// Memory of the process in use, in kilobytes; 0 where the system does not say.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.unwrap_or(0)
}
