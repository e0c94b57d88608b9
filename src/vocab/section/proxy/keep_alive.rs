//! `clitcpka-cnt`, `clitcpka-idle`, `clitcpka-intvl` and their `srvtcpka-` twins: how the kernel probes
//! silent peers once `option tcpka` says that it does.

use super::{Build, word};
use crate::vocab::args::TimeUnit;
use crate::vocab::codes::{BAD_NUMBER, MISSING_ARGUMENT};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "clitcpka-cnt",
        "<count>",
        Sections::FRONT,
        "After how many unanswered keep-alive probes a client's connection is broken. Default: the \
         system's.",
        |line, draft| count(line, &mut draft.settings.client_keep_alive.count),
    ),
    word(
        "clitcpka-idle",
        "<time>",
        Sections::FRONT,
        "After how much silence the first probe is sent to a client; a number alone is seconds. Default: \
         the system's.",
        |line, draft| time(line, &mut draft.settings.client_keep_alive.idle_s),
    ),
    word(
        "clitcpka-intvl",
        "<time>",
        Sections::FRONT,
        "The time between probes to a client; a number alone is seconds. Default: the system's.",
        |line, draft| time(line, &mut draft.settings.client_keep_alive.interval_s),
    ),
    word(
        "srvtcpka-cnt",
        "<count>",
        Sections::BACK,
        "After how many unanswered keep-alive probes a server's connection is broken. Default: the \
         system's.",
        |line, draft| count(line, &mut draft.settings.server_keep_alive.count),
    ),
    word(
        "srvtcpka-idle",
        "<time>",
        Sections::BACK,
        "After how much silence the first probe is sent to a server; a number alone is seconds. Default: \
         the system's.",
        |line, draft| time(line, &mut draft.settings.server_keep_alive.idle_s),
    ),
    word(
        "srvtcpka-intvl",
        "<time>",
        Sections::BACK,
        "The time between probes to a server; a number alone is seconds. Default: the system's.",
        |line, draft| time(line, &mut draft.settings.server_keep_alive.interval_s),
    ),
];

/// The argument of a word, which must be there.
fn argument(line: &mut Line<'_, '_>) -> Option<String> {
    let text = line.text(1).filter(|text| !text.is_empty());
    if text.is_none() {
        let message = format!("'{}' expects an integer value", line.name());
        line.error(MISSING_ARGUMENT, 0, message);
    }
    text.map(|text| text.to_string())
}

fn count(line: &mut Line<'_, '_>, to: &mut u32) {
    let Some(text) = argument(line) else { return };
    match text.parse() {
        Ok(count) => *to = count,
        Err(_) => {
            let name = line.name();
            let message = match text.chars().find(|c| !c.is_ascii_digit()) {
                Some(c) => {
                    format!("'{name}' : unexpected character '{c}' in integer value '{text}'")
                }
                None => format!("'{name}' : integer value '{text}' is too large"),
            };
            line.error(BAD_NUMBER, 1, message);
        }
    }
}

fn time(line: &mut Line<'_, '_>, to: &mut u32) {
    if argument(line).is_none() {
        return;
    }
    let name = line.name();
    if let Some(seconds) = line.duration(1, &name, TimeUnit::Seconds) {
        *to = u32::try_from(seconds).unwrap_or(u32::MAX);
    }
}
