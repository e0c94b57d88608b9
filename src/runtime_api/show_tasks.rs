//! `show tasks`: how many tasks of each kind there are. How long they took is not measured.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::health::CheckKind;
use crate::settings::AccessLevel;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show tasks",
    "",
    "shows how many tasks there are",
    AccessLevel::Operator,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let control = call.control;
    let health = control.health();
    let checks = |kind| {
        let places = health.places();
        places
            .filter(|place| health.check(*place, kind).is_some())
            .count()
    };
    let rows = [
        ("client connections", control.connections() as usize),
        ("health checks", checks(CheckKind::Health)),
        ("agent checks", checks(CheckKind::Agent)),
    ];
    let total: usize = rows.iter().map(|(_, count)| count).sum();
    let mut text = format!("Tasks: {total} ({} threads)\n", control.threads());
    for (name, count) in rows {
        // Writing to memory cannot fail.
        let _ = writeln!(text, "  {name:28} {count}");
    }
    Answer::text(text)
}
