//! `show map`, `show acl`: the lists of patterns, or what is in one.

use super::answer::Answer;
use super::command::{Call, Command, shown};
use super::patterns::{self, Kind};
use crate::settings::AccessLevel;
use crate::vocab::pattern::PatternRef;
use std::io::Write;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "show map",
        "[[@<ver>] <map>]",
        "lists the maps, or the entries of one",
        AccessLevel::Admin,
        |call| run(call, Kind::Map),
    ),
    Command::new(
        "show acl",
        "[[@<ver>] <acl>]",
        "lists the ACLs, or the patterns of one",
        AccessLevel::Admin,
        |call| run(call, Kind::Acl),
    ),
];

fn run(call: &mut Call<'_>, kind: Kind) -> Answer {
    if !call.has(2) {
        return lists(call, kind);
    }
    let (version, at) = patterns::version(call);
    let list = match patterns::list(call, kind, at) {
        Ok(list) => list,
        Err(answer) => return answer,
    };
    let has_values = list.has_values();
    match version.filter(|version| *version != list.versions().0) {
        None => {
            let mut entries = list.entries();
            Answer::pieces(move |out| match entries.next_entry() {
                Some(entry) => {
                    show(out, entry.id.number(), entry.key, entry.value, has_values);
                    true
                }
                None => false,
            })
        }
        Some(version) => {
            let prepared = list.prepared(version).unwrap_or_default();
            Answer::each((0..).zip(prepared), move |(at, (key, value)), out| {
                show(out, at, &key, &value, has_values);
            })
        }
    }
}

fn lists(call: &Call<'_>, kind: Kind) -> Answer {
    let lists = call.control.config().patterns.iter();
    let lists: Vec<Arc<PatternRef>> = lists.filter(|list| kind.owns(list)).cloned().collect();
    let mut heading = Some("# id (file) description\n");
    let mut lists = lists.into_iter();
    Answer::pieces(move |out| {
        out.extend_from_slice(heading.take().unwrap_or_default().as_bytes());
        let Some(list) = lists.next() else {
            return false;
        };
        let (current, next) = list.versions();
        // A vector takes everything.
        let _ = writeln!(
            out,
            "{} ({}) {} curr_ver={current} next_ver={next} entry_cnt={}",
            list.id().unwrap_or_default(),
            list.name().unwrap_or_default(),
            list.description(),
            list.stored(),
        );
        true
    })
}

fn show(out: &mut Vec<u8>, number: u32, key: &[u8], value: &[u8], has_values: bool) {
    // A vector takes everything.
    let _ = match has_values {
        true => writeln!(out, "0x{number:x} {} {}", shown(key), shown(value)),
        false => writeln!(out, "0x{number:x} {}", shown(key)),
    };
}
