//! `clear rate-limit`: fills the buckets of a rate limit.

use super::answer::Answer;
use super::command::{Call, Command};
use super::show_rate_limit::unknown_rate_limit;
use crate::settings::AccessLevel;
use std::net::IpAddr;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "clear rate-limit",
    "<name> [key <key>]",
    "forgets what was counted for all keys of a rate limit, or for one",
    AccessLevel::Operator,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    if !call.has(2) {
        return Answer::error("'clear rate-limit' expects the name of a rate limit.");
    }
    let name = call.text(2);
    let mut limits = call.control.protections().rate_limits.iter();
    let Some(limit) = limits.find(|limit| *limit.spec().name == *name) else {
        return unknown_rate_limit(call);
    };
    match call.bytes(3) {
        b"" => limit.forget_all(),
        b"key" if !call.has(4) => return Answer::error("'key' expects a key."),
        b"key" if limit.spec().by_address => match call.text(4).parse() {
            Ok(IpAddr::V4(v4)) => {
                limit.forget(&v4.octets());
            }
            Ok(IpAddr::V6(v6)) => {
                limit.forget(&v6.octets());
            }
            Err(_) => return Answer::error("Invalid key"),
        },
        b"key" => {
            limit.forget(call.bytes(4));
        }
        _ => return Answer::error("Optional argument only supports key <key>"),
    }
    Answer::Done
}
