//! `show stat`: counters of proxies, listeners and servers.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::observe::stats::Format;
use crate::proxy::{StatQuery, Wanted};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show stat",
    "[domain {proxy | resolvers}] [{<proxy> | <id>} <kinds> <id>] [desc|json|no-maint|typed|up]...",
    "shows counters of each proxy and server",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let mut at = 2;
    if call.bytes(at) == b"domain" {
        match call.bytes(at + 1) {
            b"proxy" => {}
            // There are none: a table without lines.
            b"resolvers" => return Answer::text("# id,pid,\n"),
            _ => return Answer::error("Invalid statistics domain."),
        }
        at += 2;
    }
    let mut wanted = Wanted {
        legends: call.session.level >= AccessLevel::Operator,
        ..Wanted::default()
    };
    if call.has(at) && call.has(at + 1) && call.has(at + 2) {
        let Some(id) = proxy(call, at) else {
            return Answer::error("No such proxy.");
        };
        let number = |index: usize| leading(call.bytes(index));
        wanted.proxy = u32::try_from(id).ok();
        wanted.kinds = number(at + 1) as u8;
        wanted.id = u32::try_from(number(at + 2)).ok();
        at += 3;
    }
    let (mut format, mut docs) = (Format::Csv, false);
    while call.has(at) {
        match call.bytes(at) {
            b"typed" => format = Format::Typed,
            b"json" => format = Format::Json,
            b"desc" => docs = true,
            b"no-maint" => wanted.no_maint = true,
            b"up" => wanted.up = true,
            _ => {}
        }
        at += 1;
    }
    Answer::pieces(call.control.statistics(StatQuery {
        wanted,
        format,
        docs,
    }))
}

/// The id of a proxy given by its name or id; -1 stands for all, `None` for none.
fn proxy(call: &Call<'_>, at: usize) -> Option<i64> {
    let (config, name) = (call.control.config(), call.bytes(at));
    let fronts = config.frontends.iter().map(|own| (&own.name, own.uuid));
    let backs = config
        .backends
        .present()
        .map(|(_, own)| (&own.name, own.uuid));
    let named = fronts.chain(backs).find(|(own, _)| own.as_bytes() == name);
    let id = named.map_or_else(|| leading(name), |(_, id)| id.into());
    (id != 0).then_some(id)
}

/// The number a text begins with, as C reads it.
fn leading(text: &[u8]) -> i64 {
    crate::vocab::args::leading_integer(&String::from_utf8_lossy(text)).0
}
