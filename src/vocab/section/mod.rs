//! The words of the sections: `global`, and the four kinds of proxy section.

pub mod cache;
pub mod global;
pub mod healthcheck;
pub mod log_forward;
pub mod log_line;
pub mod log_profile;
pub mod peers;
pub mod proxy;
pub mod ring;
pub mod userlist;

use super::codes;
use super::keyword::{Entry, Family, Status};
use super::line::{Line, Sense};
use crate::syntax::{Diagnostic, SectionKind};

/// Reports the fate of a word that does nothing.
pub fn report_family(line: &mut Line<'_, '_>, index: usize, family: &Family, what: &str) {
    match family.status {
        Status::NotYet => line.not_yet(index, what, family.why),
        Status::NoEffect | Status::Works => line.no_effect(index, what, family.why),
        Status::Removed => {
            let place = line.place(index);
            let message = format!("{what} is not supported anymore");
            line.diags.push(
                Diagnostic::error(codes::REMOVED, message)
                    .at(place, "")
                    .help(family.why),
            );
        }
    }
}

/// Whether `no` or `default` may precede the word; reports if not.
pub fn check_negation<B>(line: &mut Line<'_, '_>, entry: &Entry<B>) -> bool {
    let takes_it = match entry {
        Entry::Works(word) => match word.name {
            "option"
            | "log"
            | "insecure-fork-wanted"
            | "circuit-limits"
            | "outlier-detection"
            | "retry-backoff" => true,
            "circuit-breaker" => line.sense == Sense::No,
            _ => false,
        },
        Entry::Other(..) => matches!(
            &*line.name(),
            "busy-polling" | "set-dumpable" | "strict-limits" | "numa-cpu-mapping"
        ),
    };
    if !takes_it && line.sense != Sense::Set {
        line.error(
            codes::NEGATION,
            0,
            "negation/default currently supported only for options, log, busy-polling, set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping",
        );
        return false;
    }
    true
}

/// What opens sections: a mistyped one looks like a statement where nothing is indented.
pub fn section_keywords() -> impl Iterator<Item = &'static str> {
    SectionKind::ALL.iter().map(|&(keyword, _)| keyword)
}

/// Reports a keyword no section of this kind has.
pub fn report_unknown(line: &mut Line<'_, '_>, section: &str, near: Option<&str>) {
    let name = line.name();
    let place = line.place(0);
    let mut found = Diagnostic::error(
        codes::UNKNOWN_KEYWORD,
        format!("unknown keyword '{name}' in '{section}' section"),
    )
    .at(place, "");
    if let Some(near) = near {
        found = found.help(format!("did you mean '{near}'?"));
    } else if name.starts_with("//") {
        found = found.help("a comment begins with '#'");
    } else if let Some(home) = home_of(&name) {
        found = found.help(format!("'{name}' stands in {home}"));
    }
    line.diags.push(found);
}

/// The sections that have a keyword, if it is one of `global` or of proxies.
fn home_of(name: &str) -> Option<&'static str> {
    match (global::has(name), proxy::has(name)) {
        (true, _) => Some("'global'"),
        (false, true) => Some("'defaults' and in the sections of proxies"),
        (false, false) => None,
    }
}
