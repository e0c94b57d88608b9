//! Actions that change how the stream goes on: `set-log-level`, `set-timeout`, `set-retries`,
//! `set-priority-*`, `disable-l7-retry`, `strict-mode`, and `set-nice`, which has no effect here.

use super::{ANSWERS, EVERYWHERE, HttpAction, Keyword, Line, REQUESTS, RuleSet};
use crate::observe::{ByRules, LogLevel, StreamTimeout};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::expression::Expression;
use crate::vocab::section::log_line::LEVELS;
use std::cell::Cell;

const FROM_CONTENT: &[RuleSet] = &[
    RuleSet::Content,
    RuleSet::ResponseContent,
    RuleSet::Request,
    RuleSet::Response,
    RuleSet::AfterResponse,
];
const NICE: &[RuleSet] = &[
    RuleSet::Content,
    RuleSet::ResponseContent,
    RuleSet::Request,
    RuleSet::Response,
];

pub(super) const WAIT_FOR_HANDSHAKE: Keyword = Keyword {
    name: "wait-for-handshake",
    sets: REQUESTS,
    usage: "wait-for-handshake [ { if | unless } <condition> ]",
    doc: "Waits for the end of the TLS handshake before a request that came as early data goes on; there is none \
          in clear text.",
    build: |_| Some(Box::new(Nothing)),
};

pub(super) const SET_LOG_LEVEL: Keyword = Keyword {
    name: "set-log-level",
    sets: FROM_CONTENT,
    usage: "set-log-level <level> [ { if | unless } <condition> ]",
    doc: "Logs this request at another level; \"silent\" does not log it.",
    build: set_log_level,
};

pub(super) const SET_NICE: Keyword = Keyword {
    name: "set-nice",
    sets: NICE,
    usage: "set-nice <nice> [ { if | unless } <condition> ]",
    doc: "Has no effect here: connections of a worker take turns.",
    build: set_nice,
};

pub(super) const SET_TIMEOUT: Keyword = Keyword {
    name: "set-timeout",
    sets: ANSWERS,
    usage: "set-timeout { client | connect | queue | server | tarpit | tunnel } \
            { <time> | <expression> } [ { if | unless } <condition> ]",
    doc: "Changes a timeout for this request; an expression gives milliseconds.",
    build: set_timeout,
};

pub(super) const SET_RETRIES: Keyword = Keyword {
    name: "set-retries",
    sets: &[RuleSet::Content, RuleSet::Request],
    usage: "set-retries { <number> | <expression> } [ { if | unless } <condition> ]",
    doc: "Changes \"retries\" for this request.",
    build: set_retries,
};

pub(super) const SET_PRIORITY_CLASS: Keyword = Keyword {
    name: "set-priority-class",
    sets: &[RuleSet::Content, RuleSet::Request],
    usage: "set-priority-class <expression> [ { if | unless } <condition> ]",
    doc: "Where requests wait for a server, those of a lower class go first: -2047 to 2047, 0 \
          without such a rule. A class below 0 also comes under \"circuit-limits priority high\".",
    build: set_priority_class,
};

pub(super) const SET_PRIORITY_OFFSET: Keyword = Keyword {
    name: "set-priority-offset",
    sets: &[RuleSet::Content, RuleSet::Request],
    usage: "set-priority-offset <expression> [ { if | unless } <condition> ]",
    doc: "Where requests wait for a server, this one takes its place among those of its class as if \
          it had come so many milliseconds later: -524287 to 524287.",
    build: set_priority_offset,
};

pub(super) const DISABLE_L7_RETRY: Keyword = Keyword {
    name: "disable-l7-retry",
    sets: REQUESTS,
    usage: "disable-l7-retry [ { if | unless } <condition> ]",
    doc: "Forbids to send this request a second time once a server may have seen it.",
    build: |_| Some(Box::new(DisableL7Retry)),
};

pub(super) const STRICT_MODE: Keyword = Keyword {
    name: "strict-mode",
    sets: EVERYWHERE,
    usage: "strict-mode { on | off } [ { if | unless } <condition> ]",
    doc: "Says whether a rewrite that fails, as for want of room, is an error, which is the \
          default, or left out. Holds for the rules after it, of requests or of responses.",
    build: strict_mode,
};

#[derive(Debug)]
struct SetLogLevel(LogLevel);

fn set_log_level(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let what = "exactly 1 argument (log level name or 'silent')";
    let word = line.required(what)?;
    let level = match &*word.text() {
        "silent" => Some(LogLevel::Silent),
        name => LEVELS
            .iter()
            .position(|level| *level == name)
            .and_then(|level| u8::try_from(level).ok())
            .map(LogLevel::Level),
    };
    let Some(level) = level else {
        line.error(word.span, format!("expects {what}"));
        return None;
    };
    Some(Box::new(SetLogLevel(level)))
}

impl HttpAction for SetLogLevel {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        cx.record.by_rules.log_level.set(self.0);
        Verdict::Continue
    }
}

#[derive(Debug)]
struct Nothing;

fn set_nice(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    line.required("exactly 1 argument (integer value)")?;
    Some(Box::new(Nothing))
}

impl HttpAction for Nothing {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::Continue
    }
}

/// A number that is written or made for each request.
#[derive(Debug)]
enum Number {
    Fixed(u64),
    Made(Expression),
}

impl Number {
    fn of(&self, cx: &ActionContext<'_>) -> Option<u64> {
        match self {
            Self::Fixed(value) => Some(*value),
            Self::Made(expression) => {
                let mut number = None;
                expression.one(&cx.view(), &mut |value| {
                    number = value.int().and_then(|value| u64::try_from(value).ok());
                });
                number
            }
        }
    }
}

#[derive(Debug)]
struct SetTimeout {
    which: StreamTimeout,
    value: Number,
}

fn set_timeout(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let word = line.required("exactly 2 arguments")?;
    let which = match &*word.bytes {
        b"client" => StreamTimeout::Client,
        b"connect" => StreamTimeout::Connect,
        b"queue" => StreamTimeout::Queue,
        b"server" => StreamTimeout::Server,
        b"tarpit" => StreamTimeout::Tarpit,
        b"tunnel" => StreamTimeout::Tunnel,
        _ => {
            let message =
                "'set-timeout' rule supports 'server'/'tunnel'/'client'/'connect'/'queue'/'tarpit'";
            line.error(word.span, message.to_owned());
            return None;
        }
    };
    let fixed = line.rest.first().and_then(|word| line.duration(word));
    let value = match fixed {
        Some(0) => {
            let message = "null value is not valid for a 'set-timeout' rule".to_owned();
            line.error(line.name, message);
            return None;
        }
        Some(time) => {
            line.next();
            Number::Fixed(time)
        }
        None => Number::Made(line.expression()?),
    };
    Some(Box::new(SetTimeout { which, value }))
}

impl HttpAction for SetTimeout {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        if let Some(value) = self.value.of(cx).filter(|value| *value > 0) {
            cx.record.by_rules.set_timeout(self.which, value);
        }
        Verdict::Continue
    }
}

#[derive(Debug)]
struct SetRetries(Number);

fn set_retries(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let fixed = line.rest.first().and_then(|word| word.text().parse().ok());
    let value = match fixed {
        Some(number) => {
            line.next();
            Number::Fixed(number)
        }
        None => Number::Made(line.expression()?),
    };
    Some(Box::new(SetRetries(value)))
}

impl HttpAction for SetRetries {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let retries = self.0.of(cx).and_then(|value| u32::try_from(value).ok());
        if retries.is_some() {
            cx.record.by_rules.retries.set(retries);
        }
        Verdict::Continue
    }
}

/// Largest class, and offset, in either direction.
const MOST_CLASS: i64 = 0x7ff;
const MOST_OFFSET: i64 = 0x7_ffff;

#[derive(Debug)]
struct SetPriority {
    value: Expression,
    most: i64,
    slot: fn(&ByRules) -> &Cell<i32>,
}

fn set_priority_class(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    Some(Box::new(SetPriority {
        value: line.expression()?,
        most: MOST_CLASS,
        slot: |by_rules| &by_rules.priority_class,
    }))
}

fn set_priority_offset(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    Some(Box::new(SetPriority {
        value: line.expression()?,
        most: MOST_OFFSET,
        slot: |by_rules| &by_rules.priority_offset,
    }))
}

impl HttpAction for SetPriority {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let mut number = None;
        self.value
            .one(&cx.view(), &mut |value| number = value.int());
        let bounded = number.map(|number| number.clamp(-self.most, self.most));
        if let Some(value) = bounded.and_then(|number| i32::try_from(number).ok()) {
            (self.slot)(&cx.record.by_rules).set(value);
        }
        Verdict::Continue
    }
}

#[derive(Debug)]
struct DisableL7Retry;

impl HttpAction for DisableL7Retry {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        cx.record.by_rules.no_l7_retry.set(true);
        Verdict::Continue
    }
}

#[derive(Debug)]
struct StrictMode {
    on: bool,
    on_request: bool,
}

fn strict_mode(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let word = line.required("exactly 1 arguments")?;
    let on = match &*word.text().to_ascii_lowercase() {
        "on" => true,
        "off" => false,
        _ => {
            let message = format!(
                "Unexpected value '{}'. Only 'on' and 'off' are supported",
                word.text()
            );
            line.error(word.span, message);
            return None;
        }
    };
    let on_request = line.set == RuleSet::Request;
    Some(Box::new(StrictMode { on, on_request }))
}

impl HttpAction for StrictMode {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let by_rules = &cx.record.by_rules;
        match self.on_request {
            true => by_rules.lenient_request.set(!self.on),
            false => by_rules.lenient_response.set(!self.on),
        }
        Verdict::Continue
    }
}
