//! `show errors`: the last bad request and response of each proxy, with every byte of it.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;
use crate::vocab::args::leading_integer;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show errors",
    "[<proxy>|<id>] [request|response]",
    "shows the last bad messages of proxies",
    AccessLevel::Operator,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let proxy = match call.has(2).then(|| proxy(call)) {
        Some(None) => return Answer::error("No such proxy."),
        Some(Some(id)) => u32::try_from(id).ok(),
        None => None,
    };
    let only = match call.bytes(3) {
        b"request" => Some(false),
        b"response" => Some(true),
        _ => None,
    };
    let clock = call.control.clock();
    let bad = call.control.bad_messages();
    let now = log_date(clock.wall_us(clock.now_us()));
    let mut text = format!("Total events captured on [{now}] : {}\n", bad.count()).into_bytes();
    for (owner, message) in bad.last() {
        let is_wanted = proxy.is_none_or(|wanted| wanted == owner)
            && only.is_none_or(|response| response == message.is_response);
        if is_wanted {
            message.write(&log_date(message.wall_us), &mut text);
        }
    }
    Answer::text(text)
}

/// Local time as logs have it, with milliseconds.
fn log_date(wall_us: u64) -> String {
    let wall_us = i64::try_from(wall_us).unwrap_or(i64::MAX);
    let at = Timestamp::from_microsecond(wall_us).unwrap_or_default();
    let local = at.to_zoned(TimeZone::system());
    local.strftime("%d/%b/%Y:%H:%M:%S.%3f").to_string()
}

/// The id of the proxy that a word names; -1 stands for all, `None` for none.
fn proxy(call: &Call<'_>) -> Option<i64> {
    let (config, name) = (call.control.config(), call.text(2));
    let front = config.frontends.iter().find(|own| *own.name == *name);
    let back = || config.backend_named(name.as_bytes());
    let named = front.map(|front| front.uuid).or_else(|| {
        let backend = config.backends.get(back()?.0 as usize)?;
        Some(backend.uuid)
    });
    let id = named.map_or_else(|| leading_integer(&name).0, i64::from);
    (id != 0).then_some(id)
}
