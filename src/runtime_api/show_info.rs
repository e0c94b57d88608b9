//! `show info`: facts about the process; `show schema json`: the schema of what is shown as JSON.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::observe::stats::{Format, InfoOptions, write_info, write_json_schema};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "show info",
        "[desc|json|typed|float]...",
        "shows facts about the process",
        AccessLevel::User,
        info,
    ),
    Command::new(
        "show schema json",
        "",
        "shows the schema of statistics as JSON",
        AccessLevel::User,
        |_| {
            let mut out = Vec::new();
            write_json_schema(&mut out);
            Answer::text(out)
        },
    ),
];

fn info(call: &mut Call<'_>) -> Answer {
    let mut options = InfoOptions {
        format: Format::Csv,
        docs: false,
        float: false,
    };
    let mut at = 2;
    while call.has(at) {
        match call.bytes(at) {
            b"typed" => options.format = Format::Typed,
            b"json" => options.format = Format::Json,
            b"desc" => options.docs = true,
            b"float" => options.float = true,
            _ => {}
        }
        at += 1;
    }
    let mut out = Vec::new();
    call.control
        .with_process(|process| write_info(process, options, &mut out));
    Answer::text(out)
}
