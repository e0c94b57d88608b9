//! `show activity`: counts of the whole process, and of each worker in brackets.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::proxy::WorkerLoad;
use crate::settings::AccessLevel;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show activity",
    "",
    "shows what the process and its workers have done",
    AccessLevel::Operator,
    run,
)];

/// One number of a worker.
type Row = fn(&WorkerLoad) -> u64;

fn run(call: &mut Call<'_>) -> Answer {
    let control = call.control;
    let loads = control.load();
    let clock = control.clock();
    let wall_us = clock.wall_us(clock.now_us());
    let uptime_ms = control.uptime();
    let mut text = String::new();
    // Writing to memory cannot fail.
    let _ = write!(
        text,
        "thread_count: {}\ndate_now: {}.{:06}\nuptime_now: {}.{:03}\n",
        loads.len(),
        wall_us / 1_000_000,
        wall_us % 1_000_000,
        uptime_ms / 1000,
        uptime_ms % 1000,
    );
    let rows: [(&str, Row); 6] = [
        ("connections", |load| load.connections.into()),
        ("connections_total", |load| load.connections_total),
        ("requests", |load| load.requests),
        ("bytes_in", |load| load.bytes_in),
        ("bytes_out", |load| load.bytes_out),
        ("cpu_percent", |load| load.cpu_percent.into()),
    ];
    for (name, value) in rows {
        let values: Vec<u64> = loads.iter().map(value).collect();
        let _ = write!(text, "{name}: {}", values.iter().sum::<u64>());
        if values.len() > 1 {
            let each: Vec<_> = values.iter().map(u64::to_string).collect();
            let _ = write!(text, " [ {} ]", each.join(" "));
        }
        text.push('\n');
    }
    Answer::text(text)
}
