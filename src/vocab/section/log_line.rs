//! `log <target> [len n] [format f] [sample r] [profile p] <facility> [level [minlevel]]`.
//!
//! Used by `global`, proxies and `log-forward`. Which rings and backends there are is looked up later.

use crate::net::ServerAddr;
use crate::settings::{LogDestination, LogEnvelope, LogSample, LogTarget};
use crate::syntax::{Diagnostic, Span, Word};
use crate::vocab::address::{Accepts, Address, PortRule, Ports, parse_typed};
use crate::vocab::codes::BAD_LOG;
use crate::vocab::line::Line;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStringExt;

/// What a `log` line says.
#[derive(Clone, Debug)]
pub struct Logger {
    /// Where lines go.
    pub target: LogTarget,
    /// The name of the `log-profile` whose lines they are.
    pub profile: Option<Word>,
    /// The target's place in the text.
    pub span: Span,
}

/// Facilities by number.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2",
    "ftp", "ntp", "audit", "alert", "cron2", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

/// Levels by number.
/// The syslog levels by number.
pub const LEVELS: [&str; 8] = [
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
];

/// Words before the facility, each with a value.
const OPTIONS: [&str; 4] = ["len", "format", "sample", "profile"];

const ENVELOPES: [(&str, LogEnvelope); 8] = [
    ("local", LogEnvelope::Local),
    ("rfc3164", LogEnvelope::Rfc3164),
    ("rfc5424", LogEnvelope::Rfc5424),
    ("priority", LogEnvelope::Priority),
    ("short", LogEnvelope::Short),
    ("timed", LogEnvelope::Timed),
    ("iso", LogEnvelope::Iso),
    ("raw", LogEnvelope::Raw),
];

/// Where `log` can send to.
const TARGET: Accepts = Accepts {
    port: PortRule::Optional,
    range: false,
    offset: false,
    fd: true,
    stream: true,
    datagram: true,
};

/// The port of UDP syslog.
const SYSLOG_PORT: u16 = 514;

/// Reads the target of a `log` line; `None` after reporting why not.
pub fn target(line: &mut Line<'_, '_>, or_global: &str) -> Option<Logger> {
    if line.arg(2).is_none() {
        line.error(
            BAD_LOG,
            1,
            format!("log : expects <address> and <facility>{or_global} as arguments"),
        );
        return None;
    }
    let mut at = 2;
    let max_len = match option(line, &mut at, "len") {
        Some(text) => length(line, at - 1, &text)?,
        None => 1024,
    };
    let format = match option(line, &mut at, "format") {
        Some(text) => envelope(line, at - 1, &text)?,
        None => LogEnvelope::Default,
    };
    let sample = match option(line, &mut at, "sample") {
        Some(text) => Some(sample(line, at - 1, &text)?),
        None => None,
    };
    let profile = option(line, &mut at, "profile").and_then(|_| line.arg(at - 1).cloned());
    let facility = position(line, at, &FACILITIES, "unknown log facility", &OPTIONS)?;
    let max_level = match line.arg(at + 1) {
        Some(_) => position(line, at + 1, &LEVELS, "unknown optional log level", &[])?,
        None => 7,
    };
    let min_level = match line.arg(at + 2) {
        Some(_) => position(
            line,
            at + 2,
            &LEVELS,
            "unknown optional minimum log level",
            &[],
        )?,
        None => 0,
    };
    if !line.at_most(at + 2) {
        return None;
    }
    let target = LogTarget {
        to: destination(line)?,
        format,
        max_len,
        facility,
        max_level,
        min_level,
        sample,
    };
    Some(Logger {
        target,
        profile,
        span: line.place(1),
    })
}

/// The value after an optional word at `at`, moving past both.
fn option(line: &Line<'_, '_>, at: &mut usize, name: &str) -> Option<String> {
    line.arg(*at).filter(|word| **word == *name)?;
    *at += 2;
    Some(line.text(*at - 1).unwrap_or_default().into_owned())
}

fn length(line: &mut Line<'_, '_>, at: usize, text: &str) -> Option<usize> {
    let length = text.parse().ok().filter(|len| (80..=65_535).contains(len));
    if length.is_none() {
        let message = format!("log : invalid log length '{text}', must be between 80 and 65535");
        line.error(BAD_LOG, at, message);
    }
    length
}

fn envelope(line: &mut Line<'_, '_>, at: usize, text: &str) -> Option<LogEnvelope> {
    let found = envelope_named(text);
    if found.is_none() {
        let message = format!("log : unknown log format '{text}'");
        line.error_near(BAD_LOG, at, message, envelope_names());
    }
    found
}

/// The format of this name.
pub(super) fn envelope_named(text: &str) -> Option<LogEnvelope> {
    let found = ENVELOPES.iter().find(|(name, _)| *name == text);
    found.map(|&(_, envelope)| envelope)
}

/// The names of formats.
pub(super) fn envelope_names() -> impl Iterator<Item = &'static str> {
    ENVELOPES.iter().map(|(name, _)| *name)
}

fn sample(line: &mut Line<'_, '_>, at: usize, text: &str) -> Option<LogSample> {
    let found = ranges(text);
    if found.is_none() {
        let message = format!("log : invalid sample range '{text}'");
        line.error(BAD_LOG, at, message);
    }
    found
}

/// `1-3,5:10`: ranges that have nothing in common, and a size not smaller than any of them.
fn ranges(text: &str) -> Option<LogSample> {
    let (ranges, size) = text.split_once(':')?;
    let size = size.parse().ok()?;
    let range = |range: &str| {
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let (low, high) = (low.parse().ok()?, high.parse().ok()?);
        (0 < low && low <= high && high <= size).then_some((low, high))
    };
    let mut ranges: Vec<(u32, u32)> = ranges.split(',').map(range).collect::<Option<_>>()?;
    ranges.sort_unstable();
    let is_apart = ranges.windows(2).all(|pair| match pair {
        [(_, high), (low, _)] => high < low,
        _ => true,
    });
    is_apart.then_some(LogSample { ranges, size })
}

/// The number of a name; `others` are words that could have been meant too.
fn position(
    line: &mut Line<'_, '_>,
    at: usize,
    names: &[&str],
    what: &str,
    others: &[&str],
) -> Option<u8> {
    let text = line.text(at).unwrap_or_default();
    let found = names.iter().position(|name| *name == text);
    if found.is_none() {
        if others.contains(&&*text) {
            let found = Diagnostic::error(BAD_LOG, format!("log : {what} '{text}'"));
            let help = format!(
                "options stand before it, in this order: {}",
                others.join(", ")
            );
            line.diags.push(found.at(line.place(at), "").help(help));
            return None;
        }
        let candidates = names.iter().chain(others).copied();
        line.error_near(BAD_LOG, at, format!("log : {what} '{text}'"), candidates);
    }
    found.and_then(|index| u8::try_from(index).ok())
}

fn destination(line: &mut Line<'_, '_>) -> Option<LogDestination> {
    let text = line.text(1).unwrap_or_default();
    if let Some(name) = text.strip_prefix("ring@") {
        return Some(LogDestination::Ring(name.into()));
    }
    if let Some(name) = text.strip_prefix("backend@") {
        return Some(LogDestination::Backend(name.into()));
    }
    let found = match &*text {
        "stdout" => Ok(Some(LogDestination::Fd(1))),
        "stderr" => Ok(Some(LogDestination::Fd(2))),
        _ => parse_typed(&text, TARGET, line.host)
            .and_then(|(address, asked)| receiver(&text, address, asked == Some(true), line)),
    };
    match found {
        Ok(found) => found,
        Err(message) => {
            line.error(BAD_LOG, 1, format!("log : {message}"));
            None
        }
    }
}

/// What an address is: a receiver of datagrams, or one that is connected to. The inner `None` was
/// reported.
fn receiver(
    text: &str,
    address: Address,
    is_stream: bool,
    line: &mut Line<'_, '_>,
) -> Result<Option<LogDestination>, String> {
    Ok(Some(match address {
        Address::Fd(fd) => LogDestination::Fd(fd),
        Address::Unix(path) => {
            let path = std::ffi::OsString::from_vec(path).into();
            match is_stream {
                true => LogDestination::Stream(ServerAddr::Unix(path)),
                false => LogDestination::Unix(path),
            }
        }
        Address::Abstract(name) if is_stream => LogDestination::Stream(ServerAddr::Abstract(name)),
        Address::Inet(target, ports) => {
            let port = match ports {
                Ports::Range(port, _) if port != 0 => port,
                _ => SYSLOG_PORT,
            };
            let ip = target.ip(line.host);
            let ip = ip.map_err(|_| format!("invalid address: '{text}'"))?;
            let addr = SocketAddr::new(ip, port);
            match is_stream {
                true => LogDestination::Stream(ServerAddr::Tcp(addr)),
                false => LogDestination::Udp(addr),
            }
        }
        Address::Abstract(_) => {
            line.not_yet(1, "'abns@' as a log target", "");
            return Ok(None);
        }
        Address::NotYet(what) => {
            line.not_yet(1, &format!("'{what}' as a log target"), "");
            return Ok(None);
        }
    }))
}
