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
        |_| Answer::text(STATUS),
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
        b"off" => Answer::Done,
        b"on" | b"auto" => Answer::error(format!("{what} profiling not compiled in.")),
        _ => Answer::error("Expects either 'on', 'auto' or 'off'."),
    }
}
