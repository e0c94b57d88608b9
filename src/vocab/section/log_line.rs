//! `log <target> [len n] [format f] [sample r] [profile p] <facility> [level [minlevel]]`.
//!
//! Used by `global` and by proxies. Sampling ranges are checked but every line is sent.

use crate::settings::{LogDestination, LogEnvelope, LogTarget};
use crate::syntax::{Diagnostic, Word};
use crate::vocab::address::{Accepts, Address, PortRule, Ports, parse};
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
    stream: false,
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
    if let Some(text) = option(line, &mut at, "sample") {
        if !good_sample(&text) {
            line.error(
                BAD_LOG,
                at - 1,
                format!("log : invalid sample range '{text}'"),
            );
            return None;
        }
        line.no_effect(at - 2, "'sample'", "every log line is sent");
    }
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
    };
    Some(Logger { target, profile })
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
    let found = ENVELOPES.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let message = format!("log : unknown log format '{text}'");
        line.error_near(
            BAD_LOG,
            at,
            message,
            ENVELOPES.iter().map(|(name, _)| *name),
        );
    }
    found.map(|&(_, envelope)| envelope)
}

/// `1-3,5:10`: ranges and a size not smaller than any of them.
fn good_sample(text: &str) -> bool {
    let Some((ranges, size)) = text.split_once(':') else {
        return false;
    };
    let Ok(size) = size.parse::<u32>() else {
        return false;
    };
    ranges.split(',').all(|range| {
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        match (low.parse::<u32>(), high.parse::<u32>()) {
            (Ok(low), Ok(high)) => 0 < low && low <= high && high <= size,
            _ => false,
        }
    })
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
    let found = match &*text {
        "stdout" => Ok(LogDestination::Fd(1)),
        "stderr" => Ok(LogDestination::Fd(2)),
        _ => match parse(&text, TARGET, line.host) {
            Ok(Address::Unix(path)) => Ok(LogDestination::Unix(
                std::ffi::OsString::from_vec(path).into(),
            )),
            Ok(Address::Fd(fd)) => Ok(LogDestination::Fd(fd)),
            Ok(Address::Inet(target, ports)) => {
                let port = match ports {
                    Ports::Range(port, _) if port != 0 => port,
                    _ => SYSLOG_PORT,
                };
                target
                    .ip(line.host)
                    .map(|ip| LogDestination::Udp(SocketAddr::new(ip, port)))
                    .map_err(|_| format!("invalid address: '{text}'"))
            }
            Ok(Address::Abstract(_)) => {
                line.not_yet(1, "'abns@' as a log target", "");
                return None;
            }
            Ok(Address::NotYet(what)) => {
                line.not_yet(1, &format!("'{what}' as a log target"), "");
                return None;
            }
            Err(message) => Err(message),
        },
    };
    found
        .map_err(|message| line.error(BAD_LOG, 1, format!("log : {message}")))
        .ok()
}
