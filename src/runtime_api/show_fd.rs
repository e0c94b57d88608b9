//! `show fd`: the open descriptors, as the system names them.

use super::answer::Answer;
use super::command::{Call, Command, shown};
use crate::settings::AccessLevel;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show fd",
    "[<number>]",
    "shows open descriptors, or one of them",
    AccessLevel::Admin,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let only: Option<u32> = match call.has(2).then(|| call.text(2).parse()) {
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => return Answer::error("Invalid FD type"),
        None => None,
    };
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else {
        return Answer::error("The system does not list descriptors.");
    };
    let mut open: Vec<(u32, String)> = entries
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let target = std::fs::read_link(entry.path()).ok()?;
            Some((number, shown(target.as_os_str().as_bytes())))
        })
        .filter(|(number, _)| only.is_none_or(|only| only == *number))
        .collect();
    open.sort_unstable();
    let mut text = String::new();
    for (number, target) in open {
        // Writing to memory cannot fail.
        let _ = writeln!(text, "{number:7} : {target}");
    }
    Answer::text(text)
}
