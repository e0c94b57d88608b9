//! `show events`: the lines that rings keep, and those that come.

use super::answer::{Answer, Feed, Severity};
use super::command::{Call, Command, PERMISSION_DENIED};
use crate::observe::log::Ring;
use crate::settings::AccessLevel;
use std::fmt::Write;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show events",
    "[<sink>] [-w] [-n] [-0]",
    "shows the lines of a ring; -w waits for more, -n begins with new ones, -0 ends them with NUL",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let rings = call.control.rings();
    if !call.has(2) {
        return Answer::message(Severity::Warning, list(&rings));
    }
    if call.session.level < AccessLevel::Operator {
        return Answer::error(PERMISSION_DENIED);
    }
    let name = call.text(2);
    if name == "stdout" || name == "stderr" {
        return Answer::message(Severity::Notice, "Nothing to report for this sink");
    }
    let Some(ring) = rings.into_iter().find(|ring| ring.name() == name) else {
        return Answer::error("No such event sink");
    };
    let (mut waits, mut is_new, mut end) = (false, false, b'\n');
    for word in 3..call.words.len() {
        match call.bytes(word) {
            b"-w" => waits = true,
            b"-n" => is_new = true,
            b"-0" => end = 0,
            b"-nw" | b"-wn" => (waits, is_new) = (true, true),
            _ => return Answer::error("unknown option"),
        }
    }
    let (next, news) = ring.follow();
    let mut at = if is_new { next } else { 0 };
    let next = move |out: &mut Vec<u8>| {
        let (reached, more) = ring.copy(at, end, out);
        at = reached;
        more
    };
    match waits {
        true => Answer::Feed(Feed {
            next: Box::new(next),
            news,
        }),
        false => Answer::pieces(next),
    }
}

fn list(rings: &[Arc<Ring>]) -> String {
    let mut text = "Supported events sinks are listed below. Add -0(zero), -w(wait), -n(new). \
                    Any key to stop.\n"
        .to_owned();
    let mut line = |name: &str, kind: &str, dropped: u64, what: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "    {name:<10} : type={kind}, {dropped} dropped, {what}"
        );
    };
    line("stdout", "fd", 0, "standard output (fd#1)");
    line("stderr", "fd", 0, "standard output (fd#2)");
    for ring in rings {
        line(ring.name(), "buffer", ring.dropped(), ring.description());
    }
    text
}
