//! `show libs`: the program and the libraries in its memory.

use super::answer::Answer;
use super::command::{Command, shown};
use crate::settings::AccessLevel;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show libs",
    "",
    "shows the libraries in memory",
    AccessLevel::Operator,
    |_| match std::fs::read_to_string("/proc/self/maps") {
        Ok(maps) => Answer::text(libraries(&maps)),
        Err(_) => Answer::error("The system does not list libraries."),
    },
)];

/// The files of which parts can be run, each with all of its addresses.
fn libraries(maps: &str) -> String {
    let mut found: Vec<(u64, u64, &str, bool)> = Vec::new();
    for (from, to, rights, path) in maps.lines().filter_map(mapping) {
        let runs = rights.contains('x');
        match found.iter_mut().find(|(.., known, _)| *known == path) {
            Some(known) => *known = (known.0.min(from), known.1.max(to), path, known.3 || runs),
            None => found.push((from, to, path, runs)),
        }
    }
    let mut text = String::new();
    for (from, to, path, _) in found.into_iter().filter(|(.., runs)| *runs) {
        let (size, path) = (to.saturating_sub(from), shown(path.as_bytes()));
        // Writing to memory cannot fail.
        let _ = writeln!(text, "{from:#014x}-{to:#014x} ({size:#09x}) {path}");
    }
    text
}

/// Addresses, rights and file of a line.
fn mapping(line: &str) -> Option<(u64, u64, &str, &str)> {
    let mut words = line.split_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    let (rights, path) = (words.next()?, words.nth(3)?);
    let address = |text| u64::from_str_radix(text, 16).ok();
    path.starts_with('/')
        .then_some((address(from)?, address(to)?, rights, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_file_are_one_library() {
        let maps = "\
7f0000001000-7f0000002000 r--p 00000000 08:01 1 /lib/a.so
7f0000002000-7f0000004000 r-xp 00001000 08:01 1 /lib/a.so
7f0000005000-7f0000006000 r--p 00000000 08:01 2 /usr/locale
7f0000007000-7f0000008000 rw-p 00000000 00:00 0 [heap]
nonsense
";
        assert_eq!(
            libraries(maps),
            "0x7f0000001000-0x7f0000004000 (0x0003000) /lib/a.so\n"
        );
    }
}
