//! `show profiling`, `set profiling`: this program measures neither tasks nor memory, and says so as
//! HAProxy does when it was built without.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "show profiling",
        "[all|status|tasks|memory]",
        "shows whether tasks or memory are profiled",
        AccessLevel::Operator,
        show,
    ),
    Command::new(
        "set profiling",
        "{tasks|memory} {on|auto|off}",
        "turns profiling off; there is none",
        AccessLevel::Admin,
        set,
    ),
];

const STATUS: &str = "\
Per-task CPU profiling              : off           # not compiled in
Memory usage profiling              : off           # not compiled in
";

fn set(call: &mut Call<'_>) -> Answer {
    let what = match call.bytes(2) {
        b"tasks" => "Task",
        b"memory" => "Memory",
        _ => return Answer::error("Expects either 'tasks' or 'memory'."),
    };
    match call.bytes(3) {
        b"off" if what == "Task" => Answer::Done,
        b"on" | b"auto" | b"lock" | b"no-lock" | b"memory" | b"no-memory" => not_compiled_in(what),
        _ if what == "Memory" => not_compiled_in(what),
        _ => Answer::error(
            "Expects a combination of either 'on', 'auto', 'off', 'lock', 'no-lock', 'memory' or 'no-memory'.",
        ),
    }
}

fn not_compiled_in(what: &str) -> Answer {
    Answer::error(format!("{what} profiling not compiled in."))
}

fn show(call: &mut Call<'_>) -> Answer {
    let known = [
        "all", "status", "tasks", "memory", "byaddr", "bytime", "byctx", "aggr",
    ];
    let is_known = |word: &Vec<u8>| {
        known.iter().any(|known| known.as_bytes() == word) || word.iter().all(u8::is_ascii_digit)
    };
    match call.words.iter().skip(2).all(is_known) {
        true => Answer::text(STATUS),
        false => Answer::error(
            "Expects either 'all', 'status', 'tasks', 'memory', 'byaddr', 'bytime', 'byctx', 'aggr' or a max number of output lines.",
        ),
    }
}
