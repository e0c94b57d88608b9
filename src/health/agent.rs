//! Agents: what their line says, and doing it (SEMANTICS 1.8).

use super::counter::Outcome;
use super::registry::Health;
use super::spec::Place;
use super::status::CheckStatus;
use super::weight::weight_of;

/// What an agent's line asks for, of each kind the last.
#[derive(Debug, Default, PartialEq, Eq)]
struct Line<'a> {
    health: Option<&'a str>,
    admin: Option<&'a str>,
    weight: Option<&'a str>,
    maxconn: Option<&'a str>,
    /// The first word that is none of these.
    unknown: Option<&'a str>,
    /// What follows a `#`.
    text: &'a str,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Self {
        let mut read = Self::default();
        let (words, text) = match words_end(line) {
            Some(at) => line.split_at(at),
            None => (line, ""),
        };
        read.text = text.trim_start_matches('#').trim_start_matches([' ', '\t']);
        for word in words
            .split([' ', '\t', ','])
            .filter(|word| !word.is_empty())
        {
            let lower = word.to_ascii_lowercase();
            let after = |prefix: &str| {
                lower
                    .starts_with(prefix)
                    .then(|| word.get(prefix.len()..).unwrap_or_default())
            };
            match &*lower {
                "up" | "down" | "stopped" | "fail" => read.health = Some(word),
                "ready" | "drain" | "maint" => read.admin = Some(word),
                _ if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('%') => {
                    read.weight = Some(word);
                }
                _ => {
                    if let Some(maxconn) = after("maxconn:") {
                        read.maxconn = Some(maxconn);
                    } else if let Some(weight) = after("weight:") {
                        read.weight = Some(weight);
                    } else if read.unknown.is_none() {
                        read.unknown = Some(word);
                    }
                }
            }
        }
        read
    }
}

/// Where the description begins: a `#` at the start of a word.
fn words_end(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    memchr::memchr_iter(b'#', bytes)
        .find(|&at| at == 0 || bytes.get(at - 1).is_some_and(|b| b" \t,".contains(b)))
}

/// Does what an agent's line asks for; what that says about the server's health.
pub(super) fn apply(health: &Health, place: Place, line: &[u8]) -> Outcome {
    let end = line.iter().position(|b| b"\r\n\0".contains(b));
    let Some(line) = end.and_then(|end| line.get(..end)) else {
        return unfinished(line);
    };
    let text = String::from_utf8_lossy(line);
    let line = Line::read(&text);
    match line.admin.map(str::to_ascii_lowercase).as_deref() {
        Some("drain") => health.set_drain(place, ""),
        Some("maint") => health.set_maint(place, ""),
        Some(_) => health.set_ready(place),
        None => {}
    }
    let weight = line
        .weight
        .and_then(|weight| set_weight(health, place, weight).err());
    let maxconn = line
        .maxconn
        .and_then(|limit| set_maxconn(health, place, limit).err());
    // Commands show the same words as lines.
    let warning = weight.or(maxconn).map(str::trim_end);
    outcome(&line, warning)
}

/// What comes of an agent that left before its line ended: nothing is changed.
fn unfinished(line: &[u8]) -> Outcome {
    let (status, info) = match line {
        [] => (
            CheckStatus::L7Response,
            "TCPCHK got an empty response at step 2",
        ),
        _ => (
            CheckStatus::L7Timeout,
            "Ignoring incomplete line from agent",
        ),
    };
    Outcome::with(status, info)
}

/// Does what a line asks for; what is said about the server then.
#[cfg(any(test, fuzzing))]
pub fn fuzz_agent(health: &Health, place: Place, line: &[u8]) -> String {
    apply(health, place, line).info
}

fn outcome(line: &Line<'_>, warning: Option<&str>) -> Outcome {
    let Some(word) = line.health else {
        return match (line.unknown, warning) {
            (Some(unknown), _) => Outcome::with(
                CheckStatus::Checked,
                format!("agent reports an error : {unknown}"),
            ),
            (None, Some(warning)) => {
                Outcome::with(CheckStatus::Checked, format!("agent warns : {warning}"))
            }
            (None, None) => Outcome::of(CheckStatus::Checked),
        };
    };
    let is_up = word.eq_ignore_ascii_case("up");
    let status = match is_up {
        true => CheckStatus::L7Ok,
        false => CheckStatus::L7Status,
    };
    let known = line
        .unknown
        .or(warning)
        .filter(|_| is_up || line.text.is_empty());
    let text = match known.unwrap_or(line.text) {
        "" => String::new(),
        text => format!(" ({text})"),
    };
    Outcome::with(status, format!("via agent : {word}{text}"))
}

/// Sets a weight as commands and agents write it: a number, or a percentage of the initial weight.
///
/// # Errors
/// In HAProxy's words.
pub fn set_weight(health: &Health, place: Place, text: &str) -> Result<(), &'static str> {
    let (Some(state), Some(backend)) = (health.state(place), health.backend_state(place)) else {
        return Err("No such server.\n");
    };
    let initial = state.initial_weight();
    let weight = weight_of(text, initial)?;
    if !backend.is_dynamic() && weight != 0 && weight != initial {
        return Err(
            "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n",
        );
    }
    backend.set_weight(place.server, weight);
    Ok(())
}

/// Sets the limit of concurrent requests.
///
/// # Errors
/// In HAProxy's words.
pub fn set_maxconn(health: &Health, place: Place, text: &str) -> Result<(), &'static str> {
    let Some(backend) = health.backend_state(place) else {
        return Err("No such server.\n");
    };
    match text.parse() {
        Ok(limit) => {
            backend.set_maxconn(place.server, limit);
            Ok(())
        }
        Err(_) if text.is_empty() => Err("Require <maxconn>.\n"),
        Err(_) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Err("Trailing garbage in maxconn string\n")
        }
        Err(_) => Err("maxconn string empty or preceded by garbage\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_each_kind_are_found_in_any_order() {
        let check = |line: &str, expected: Line<'_>| {
            assert_eq!(Line::read(line), expected, "{line}");
        };
        let none = Line::default;
        check("", none());
        check(
            "UP",
            Line {
                health: Some("UP"),
                ..none()
            },
        );
        check(
            "up,50%\tready",
            Line {
                health: Some("up"),
                weight: Some("50%"),
                admin: Some("ready"),
                ..none()
            },
        );
        check(
            "down fail",
            Line {
                health: Some("fail"),
                ..none()
            },
        );
        check(
            "weight:30 maxconn:10 drain",
            Line {
                weight: Some("30"),
                maxconn: Some("10"),
                admin: Some("drain"),
                ..none()
            },
        );
        check(
            "down # out of order",
            Line {
                health: Some("down"),
                text: "out of order",
                ..none()
            },
        );
        check(
            "hello world",
            Line {
                unknown: Some("hello"),
                ..none()
            },
        );
    }

    #[test]
    fn outcomes_are_in_haproxys_words() {
        let check = |line: &str, status, info: &str| {
            let outcome = outcome(&Line::read(line), None);
            assert_eq!((outcome.status, &*outcome.info), (status, info), "{line}");
        };
        check("up", CheckStatus::L7Ok, "via agent : up");
        check(
            "down # full",
            CheckStatus::L7Status,
            "via agent : down (full)",
        );
        check(
            "up nonsense",
            CheckStatus::L7Ok,
            "via agent : up (nonsense)",
        );
        check(
            "nonsense",
            CheckStatus::Checked,
            "agent reports an error : nonsense",
        );
        check("75%", CheckStatus::Checked, "");
    }

    #[test]
    fn lines_that_do_not_end_are_not_obeyed() {
        let check = |line: &[u8], status, info: &str| {
            let outcome = unfinished(line);
            assert_eq!((outcome.status, &*outcome.info), (status, info));
        };
        let empty = "TCPCHK got an empty response at step 2";
        check(b"", CheckStatus::L7Response, empty);
        let incomplete = "Ignoring incomplete line from agent";
        check(b"drain", CheckStatus::L7Timeout, incomplete);
        let said = Outcome::with(CheckStatus::Checked, "\u{e9}".repeat(500));
        assert_eq!(said.shown_info(), "\u{e9}".repeat(63));
    }
}
