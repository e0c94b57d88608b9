//! Words of `global` that set one number.

use super::{Build, GlobalDraft, word};
use crate::clock::NEVER;
use crate::settings::Global;
use crate::vocab::args::{self, TimeUnit};
use crate::vocab::codes::{BAD_NUMBER, BAD_UNIT, NOT_ALLOWED_HERE};
use crate::vocab::keyword::Keyword;
use crate::vocab::line::Line;

/// Bytes of the smallest buffer there is.
const SMALLEST_BUFFER: usize = 1024;
/// Most bytes of a buffer: HAProxy's limit.
const LARGEST_BUFFER: usize = 2_147_483_631;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "nbthread",
        "<number>",
        "Number of worker threads, 1 to 1024. Default: one for each core the process may use. \
         Must come before any proxy.",
        nbthread,
    ),
    word(
        "maxconn",
        "<number>",
        "Most concurrent client connections of the process; further ones wait in the kernel's \
         queue. Default: what the limit on open files allows. `-n` overrides it.",
        maxconn,
    ),
    word(
        "maxconnrate",
        "<number>",
        "Most new client connections of the process per second; further ones wait in the kernel's \
         queue. 0, the default, is no limit.",
        |line, draft| per_second(line, draft, |global| &mut global.maxconnrate),
    ),
    word(
        "maxsessrate",
        "<number>",
        "Most new sessions of the process per second, which are connections that no rule refused. \
         Further connections wait in the kernel's queue. 0, the default, is no limit.",
        |line, draft| per_second(line, draft, |global| &mut global.maxsessrate),
    ),
    word(
        "maxcomprate",
        "<kilobytes>",
        "Most kilobytes per second of responses that the process compresses; above it, further \
         responses go out as they are. 0, the default, is no limit.",
        |line, draft| {
            per_second(line, draft, |global| &mut global.maxcomprate);
            draft.config.maxcomprate = draft.config.maxcomprate.saturating_mul(1024);
        },
    ),
    word(
        "anonkey",
        "<key>",
        "What `set anon on` hides names with on the stats socket where it gives no key of its own, 0 to \
         4294967295. 0, the default, lets each session choose one.",
        anonkey,
    ),
    word(
        "hard-stop-after",
        "<time>",
        "Longest time a soft stop (SIGUSR1) waits for streams to end before it closes them. In \
         milliseconds without a unit. Default: no limit.",
        |line, draft| {
            if line.expect(1, "a time").is_some()
                && let Some(time) = line.duration(1, "hard-stop-after", TimeUnit::Millis)
            {
                draft.config.hard_stop_after = if time == 0 { NEVER } else { time };
            }
        },
    ),
    word(
        "grace",
        "<time>",
        "How long a soft stop (SIGUSR1) goes on accepting before it begins, so that a load \
         balancer in front can see it coming. In milliseconds without a unit. Default: not at all.",
        |line, draft| {
            if line.expect(1, "a time").is_some()
                && let Some(time) = line.duration(1, "grace", TimeUnit::Millis)
            {
                draft.config.grace = if time == 0 { NEVER } else { time };
            }
        },
    ),
    word(
        "max-spread-checks",
        "<time>",
        "Most time that the first checks of all servers are spread over. Default: the shortest \
         interval of a second or more.",
        |line, draft| {
            if line.expect(1, "a time").is_some()
                && let Some(time) = line.duration(1, "max-spread-checks", TimeUnit::Millis)
            {
                draft.config.max_spread_checks = time;
            }
        },
    ),
    word(
        "spread-checks",
        "<percent>",
        "Makes the time between checks of a server vary by up to this percentage, 0 to 50. Default 0.",
        |line, draft| match line.integer(1) {
            Some(percent @ 0..=50) => draft.config.spread_checks = percent as u32,
            Some(_) => line.error(
                BAD_NUMBER,
                1,
                "'spread-checks' needs a positive value in range 0..50",
            ),
            None => {}
        },
    ),
    word(
        "tune.bufsize",
        "<size>",
        "Size of a buffer in bytes, which bounds message heads and what is kept of a body for \
         rules and retries. Default 16384.",
        |line, draft| match size(line) {
            Some(0) => {
                line.error(
                    BAD_NUMBER,
                    1,
                    "'tune.bufsize' expects a positive integer argument",
                );
            }
            Some(size) if size > LARGEST_BUFFER => {
                let message =
                    format!("'tune.bufsize' expects a size in bytes from 0 to {LARGEST_BUFFER}");
                line.error(BAD_NUMBER, 1, message);
            }
            Some(size) => {
                draft.config.bufsize = size.max(SMALLEST_BUFFER);
                if size < SMALLEST_BUFFER {
                    let message = format!(
                        "'tune.bufsize' of {size} bytes is too small; buffers have {SMALLEST_BUFFER}"
                    );
                    line.warning(BAD_NUMBER, 1, message);
                }
            }
            None => {}
        },
    ),
    word(
        "tune.cli.max-payload-size",
        "<size>",
        "Most bytes of the payload of a command on a stats socket. Default 131072.",
        |line, draft| {
            if let Some(size) = size(line) {
                draft.config.max_payload = size;
            }
        },
    ),
    word(
        "tune.maxrewrite",
        "<size>",
        "Bytes of a buffer that a received head leaves free, so that rules can add headers. \
         Default 1024.",
        |line, draft| {
            if let Some(size) = size(line) {
                draft.config.maxrewrite = size;
            }
        },
    ),
    word(
        "tune.http.maxhdr",
        "<number>",
        "Most headers in a message, 1 to 32767; a message with more is refused. Default 101.",
        |line, draft| {
            if let Some(count) = bounded(line, 1, 32_767) {
                draft.config.maxhdr = count;
            }
        },
    ),
    word(
        "tune.http.logurilen",
        "<number>",
        "Longest request line kept for logs, in bytes; longer ones are cut. Default 1024.",
        |line, draft| {
            if let Some(length) = bounded(line, 1, i64::from(u32::MAX)) {
                draft.config.logurilen = length;
            }
        },
    ),
];

fn nbthread(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    if !line.at_most(1) {
        return;
    }
    if draft.after_proxies {
        return line.error(
            NOT_ALLOWED_HERE,
            0,
            "'nbthread' not allowed if a non-global section was previously defined. This parameter must be declared in the first global section",
        );
    }
    let text = line.text(1).unwrap_or_default();
    match args::leading_integer(&text) {
        (count @ 1..=1024, true) => draft.config.nbthread = usize::try_from(count).ok(),
        (count, true) => line.error(
            BAD_NUMBER,
            1,
            format!("'nbthread' value must be between 1 and 1024 (was {count})"),
        ),
        (_, false) => line.error(
            BAD_NUMBER,
            1,
            format!("'nbthread' passed a missing or unparsable integer value in '{text}'"),
        ),
    }
}

fn maxconn(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    if !line.at_most(1) || !draft.once(line) {
        return;
    }
    let Some(word) = line.expect(1, "an integer argument") else {
        return;
    };
    let text = word.text();
    match args::leading_integer(&text) {
        (count, true) if count > 0 => {
            draft.config.maxconn = u32::try_from(count).unwrap_or(u32::MAX);
            draft.config.is_maxconn_set = true;
        }
        // Not set.
        (_, true) => {}
        _ => line.error(
            BAD_NUMBER,
            1,
            format!("cannot parse 'maxconn' value '{text}', an integer is expected"),
        ),
    }
}

fn per_second(line: &mut Line<'_, '_>, draft: &mut GlobalDraft, to: fn(&mut Global) -> &mut u32) {
    if line.at_most(1)
        && draft.once(line)
        && let Some(rate) = line.count(1)
    {
        *to(&mut draft.config) = rate;
    }
}

/// The first key that is none but 0 stays.
fn anonkey(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    if line.expect(1, "a key").is_none() {
        return;
    }
    let most = u32::MAX;
    match u32::try_from(line.lenient_integer(1)) {
        Ok(key) if draft.config.anonkey == 0 => draft.config.anonkey = key,
        Ok(_) => {}
        Err(_) => {
            let text = line.text(1).unwrap_or_default();
            let message = format!("'anonkey' value must be within range 0-{most} (was '{text}')");
            line.error(BAD_NUMBER, 1, message);
        }
    }
}

fn size(line: &mut Line<'_, '_>) -> Option<usize> {
    if !line.at_most(1) {
        return None;
    }
    let word = line.expect(1, "a size argument")?;
    match args::size(&word.text()) {
        Ok(size) => usize::try_from(size).ok(),
        Err(found) => {
            let message = format!(
                "unexpected '{}' after size passed to '{}'",
                found.unwrap_or(' '),
                line.name()
            );
            line.error(BAD_UNIT, 1, message);
            None
        }
    }
}

fn bounded(line: &mut Line<'_, '_>, low: i64, high: i64) -> Option<usize> {
    if !line.at_most(1) {
        return None;
    }
    line.expect(1, "an integer argument")?;
    let text = line.text(1).unwrap_or_default();
    let value = args::leading_integer(&text).0;
    if !(low..=high).contains(&value) {
        let name = line.name();
        let message = format!("'{name}' expects a numeric value between {low} and {high}");
        line.error(BAD_NUMBER, 1, message);
        return None;
    }
    usize::try_from(value).ok()
}
