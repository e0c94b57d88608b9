//! `log`, `log-format`, `log-tag` of a proxy.

use super::{Build, LogFormat, LogLine, ProxyDraft, ProxyKind, word};
use crate::observe::{LogStep, LogSteps};
use crate::vocab::codes::{
    BAD_CHOICE, IGNORED_HERE, MISSING_ARGUMENT, OVERWRITES, UNEXPECTED_ARGUMENT,
};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, Sense};
use crate::vocab::section::log_line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "log",
        "{global | <target> [len <length>] [format <format>] [sample <ranges>:<size>] <facility> [<level> [<minlevel>]]}",
        Sections::PROXIES,
        "Where log lines go.",
        log,
    ),
    word(
        "log-format",
        "<format>",
        Sections::PROXIES,
        "What log lines say.",
        |line, draft| {
            let Some(format) = one_string(line) else {
                return;
            };
            set_format(line, draft, LogFormat::Custom(format), "log-format");
        },
    ),
    word(
        "error-log-format",
        "<format>",
        Sections::PROXIES,
        "What log lines of connections without a request say.",
        |line, draft| {
            draft.settings.error_log_format = one_string(line).or(draft.settings.error_log_format)
        },
    ),
    word(
        "log-format-sd",
        "<format>",
        Sections::PROXIES,
        "Structured data of RFC 5424 log lines.",
        |line, draft| {
            draft.settings.log_format_sd = one_string(line).or(draft.settings.log_format_sd)
        },
    ),
    word(
        "unique-id-format",
        "<format>",
        Sections::PROXIES,
        "What makes the unique id of a request; in backends, that of a health check.",
        |line, draft| draft.settings.unique_id = one_string(line).or(draft.settings.unique_id),
    ),
    word(
        "unique-id-header",
        "<name>",
        Sections::FRONT,
        "The request header that carries the unique id.",
        |line, draft| {
            if line.at_most(1) {
                draft.settings.unique_id_header = line.expect(1, "a header name");
            }
        },
    ),
    word(
        "log-steps",
        "{all | <step>[,<step>]...}",
        Sections::FRONT,
        "At which steps of a stream lines are written, instead of one in the end: `accept`, \
         `request`, `connect`, `response`, `close`. A `log-profile` may give each its own line.",
        steps,
    ),
    word(
        "log-tag",
        "<text>",
        Sections::PROXIES,
        "Program name in syslog headers.",
        |line, draft| {
            if let Some(tag) = line.expect(1, "a tag for use in syslog") {
                draft.settings.log_tag = Some(tag);
            }
        },
    ),
];

fn steps(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let Some(word) = line.expect(1, "'all' or a list of logging steps separated by commas") else {
        return;
    };
    let mut steps = LogSteps::default();
    let text = word.text();
    if text == "all" {
        steps = LogSteps::ALL;
    } else {
        for name in text.split(',').filter(|name| !name.is_empty()) {
            let Some((_, step)) = LogStep::NAMED.iter().find(|(known, _)| *known == name) else {
                let names = LogStep::NAMED.map(|(name, _)| name);
                let message = format!(
                    "invalid log step name ({name}). Expected values are: {}",
                    names.join(", ")
                );
                return line.error_near(BAD_CHOICE, 1, message, names);
            };
            steps.add(*step);
        }
    }
    draft.settings.log_steps = Some(steps);
}

/// Replaces the log format, with HAProxy's warnings.
pub(super) fn set_format<'d>(
    line: &mut Line<'_, 'd>,
    draft: &mut ProxyDraft<'d>,
    format: LogFormat<'d>,
    what: &str,
) {
    let old = match draft.settings.log_format {
        LogFormat::Unset => None,
        LogFormat::Http | LogFormat::HttpClf => Some("option httplog"),
        LogFormat::Https => Some("option httpslog"),
        LogFormat::Tcp | LogFormat::TcpClf => Some("option tcplog"),
        LogFormat::Custom(_) => Some("log-format"),
    };
    if let (ProxyKind::Defaults, Some(old)) = (draft.kind, old) {
        let message = format!("'{what}' overrides previous '{old}' in 'defaults' section");
        line.warning(OVERWRITES, 0, message);
    }
    if draft.kind == ProxyKind::Backend {
        let message = format!(
            "backend '{}' : '{what}' directive is ignored in backends",
            draft.name
        );
        line.warning(IGNORED_HERE, 0, message);
    }
    draft.settings.log_format = format;
}

fn one_string<'d>(line: &mut Line<'_, 'd>) -> Option<&'d crate::syntax::Word> {
    let name = line.name();
    if line.arg(1).is_none_or(|word| word.bytes.is_empty()) {
        line.error(MISSING_ARGUMENT, 1, format!("{name} expects an argument"));
        return None;
    }
    if line.arg(2).is_some() {
        let message = format!("{name} expects only one argument, don't forget to escape spaces!");
        line.error(UNEXPECTED_ARGUMENT, 2, message);
        return None;
    }
    line.arg(1)
}

fn log(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let logs = &mut draft.settings.logs;
    if line.sense == Sense::No {
        if line.arg(1).is_some() {
            line.error(
                UNEXPECTED_ARGUMENT,
                1,
                "log : 'no log' does not expect arguments",
            );
        }
        logs.clear();
    } else if line.words.len() == 2 && line.text(1).as_deref() == Some("global") {
        if !logs.iter().any(|line| matches!(line, LogLine::Global)) {
            logs.push(LogLine::Global);
        }
    } else {
        // An unreadable line still says that there are logs.
        let target = log_line::target(line, " or global");
        logs.push(target.map_or(LogLine::Global, LogLine::Target));
    }
}
