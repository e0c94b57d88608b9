//! `get var`, `set var`: variables of the process.

use super::answer::Answer;
use super::command::{Call, Command, Restriction};
use crate::compile::variables;
use crate::settings::AccessLevel;
use crate::vocab::sample::{ROOM, Sample};
use crate::vocab::variable::VarScope;
use std::net::IpAddr;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "get var",
        "<name>",
        "shows a variable of the process",
        AccessLevel::Operator,
        get,
    ),
    Command {
        restriction: Restriction::Experimental,
        ..Command::new(
            "set var",
            "<name> [fmt|expr] {<format>|<expression>}",
            "sets a variable of the process",
            AccessLevel::Operator,
            set,
        )
    },
];

const NO_NAME: &str = "Missing process-wide variable identifier.";

fn get(call: &mut Call<'_>) -> Answer {
    if !call.has(2) {
        return Answer::error(NO_NAME);
    }
    let process = call.control.variables();
    let name = call.text(2);
    let shown = name.strip_prefix("proc.").and_then(|own| {
        let mut names = process.directory().names(VarScope::Process).iter();
        let index = names.position(|known| **known == *own)?;
        process.with_value(index, |value| show(&name, value))
    });
    match shown {
        Some(text) => Answer::info(text),
        None => Answer::error("Variable not found."),
    }
}

fn show(name: &str, value: Sample<'_>) -> String {
    let kind = match value {
        Sample::Addr(IpAddr::V4(_)) => "ipv4",
        Sample::Addr(IpAddr::V6(_)) => "ipv6",
        Sample::Bool(_) => "bool",
        Sample::Sint(_) => "sint",
        Sample::Str(_) => "str",
        Sample::Bin(_) => "bin",
        Sample::Meth(_) => "meth",
    };
    let room = &mut ROOM.clone();
    let bytes = value.text(room).iter();
    let text: String = bytes
        .map(|&byte| match byte {
            b' '..=b'~' => char::from(byte),
            _ => '.',
        })
        .collect();
    format!("{name}: type={kind} value=<{text}>")
}

fn set(call: &mut Call<'_>) -> Answer {
    if !call.has(2) {
        return Answer::error(NO_NAME);
    }
    if !call.has(3) {
        return Answer::error("Missing either 'expr', 'fmt' or expression.");
    }
    let (is_format, at) = match call.bytes(3) {
        _ if !call.has(4) => (false, 3),
        b"fmt" => (true, 4),
        b"expr" => (false, 4),
        _ => {
            let kind = call.shown(3);
            return Answer::error(format!(
                "'set var': arg type must be either 'expr' or 'fmt' but got '{kind}'."
            ));
        }
    };
    let (name, value) = (call.bytes(2), call.bytes(at));
    if !name.starts_with(b"proc.") {
        let name = call.shown(2);
        return Answer::error(format!(
            "'set var': cannot set variable '{name}', only scope 'proc' is permitted here."
        ));
    }
    let (process, clock) = (call.control.variables(), call.control.clock());
    match variables::assign(process, clock, name, value, is_format) {
        Ok(()) => Answer::Done,
        Err(why) => Answer::error(super::shown(why.as_bytes())),
    }
}
