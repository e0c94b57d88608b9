//! `circuit-breaker <name> expression "<expr>" …`: refuses requests for a while after too many
//! went wrong (SEMANTICS 8.5).
//!
//! A line of a proxy, not a rule of `http-request`: the proxy runs its breakers after its rules.

use super::limit_key::{once, positive, positive_time};
use super::refusal::{Blocker, BlockerReader};
use super::{HttpAction, Keyword, Line};
use crate::protect::trigger::{METRIC_NAMES, Trigger};
use crate::protect::{Admission, BreakerSpec};
use crate::syntax::{Span, Word};
use crate::vocab::arguments::part_of;
use crate::vocab::context::{ActionContext, ExtraHeaders, Verdict};
use crate::vocab::expression::did_you_mean;
use crate::vocab::outer::{Link, Reference, Target};
use crate::vocab::{rule_codes, suggest};

pub(super) const OF_PROXY: Keyword = Keyword {
    name: "circuit-breaker",
    sets: &[],
    usage: "circuit-breaker <name> expression <trigger> [ check-period <time> ] \
            [ fallback-duration <time> ] [ fallback-max <time> ] [ recovery-duration <time> ] \
            [ min-requests <n> ] [ window <time> ] [ latency-window <time> ] \
            [ latency { total | first-byte } ] [ probe-max <n> ] [ scope { proxy | server } ] \
            [ fallback-backend <backend> ] \
            [ retry-after ] [ shadow ] [ { status | deny_status } <code> ] [ content-type <type> ] \
            [ { default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | \
            lf-file <file> | string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]* \
            [ { if | unless } <condition> ]",
    doc: "Refuses requests for a while after too many went wrong. With `scope server` each server has a \
          breaker of its own, and one that opens takes just that server out of rotation.",
    build,
};

#[derive(Debug)]
struct CircuitBreaker {
    /// Its number.
    breaker: usize,
    blocker: Blocker,
    /// Where requests go instead of being refused.
    fallback: Option<Link<u32>>,
    tells_when: bool,
}

#[derive(Default)]
struct Draft {
    trigger: Option<Trigger>,
    check_period: Option<u64>,
    fallback: Option<u64>,
    fallback_max: Option<u64>,
    recovery: Option<u64>,
    min_requests: Option<u32>,
    window: Option<u64>,
    latency_window: Option<u64>,
    first_byte: Option<bool>,
    probe_max: Option<u32>,
    fallback_backend: Option<Link<u32>>,
    tells_when: bool,
    of_servers: Option<bool>,
}

/// Whether a line makes a breaker for each server: `scope server`.
pub(crate) fn is_of_servers(words: &[Word]) -> bool {
    let mut pairs = words.windows(2);
    pairs.any(|pair| matches!(pair, [scope, of] if *scope == *"scope" && *of == *"server"))
}

const NOBODY_REFUSED: &str = "remove it: such a breaker takes its server out of rotation and answers nobody, so that words about requests and answers have no place";

/// Reads such a line: what the breaker of each server is like. It refuses nobody, so words that say
/// how have no place.
pub(super) fn of_servers(line: &mut Line<'_, '_, '_>) -> Option<BreakerSpec> {
    let name = name(line)?;
    let owner = format!("circuit-breaker '{name}'");
    let mut draft = Draft::default();
    let mut shadow = false;
    let mut unexpected = None;
    while let (None, Some(word)) = (unexpected, line.next()) {
        let of_proxy = *word == *"fallback-backend" || *word == *"retry-after";
        if *word == *"shadow" {
            shadow = true;
        } else if of_proxy || !draft.word(line, word, &name)? {
            unexpected = Some(word);
        }
    }
    // A condition is about requests.
    if let Some(word) = unexpected.or(line.rest.first()) {
        let message = format!(
            "{owner}: unexpected argument '{}' with 'scope server'",
            word.text()
        );
        line.report(
            rule_codes::BAD_ACTION_ARGUMENT,
            word.span,
            message,
            NOBODY_REFUSED.to_owned(),
        );
        return None;
    }
    match draft.trigger.take() {
        Some(trigger) => Some(draft.spec(trigger, line.scope.site.proxy, &name, shadow)),
        None => {
            line.error(line.name, format!("{owner}: missing 'expression'"));
            None
        }
    }
}

/// The name of a breaker.
fn name(line: &mut Line<'_, '_, '_>) -> Option<String> {
    match line.next().filter(|name| !name.bytes.is_empty()) {
        Some(name) => Some(name.text().into_owned()),
        None => {
            let message = "'circuit-breaker' expects <name> as first argument".to_owned();
            line.error(line.name, message);
            None
        }
    }
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let name = name(line)?;
    let mut draft = Draft::default();
    let mut blocker = BlockerReader::new(line, 503);
    while let Some(word) = line.next() {
        if !draft.word(line, word, &name)? && !blocker.word(line, word)? {
            let message = format!(
                "circuit-breaker '{name}': unknown argument '{}'",
                word.text()
            );
            line.error_near(word, message, OF_PROXY.words());
            return None;
        }
    }
    let Some(trigger) = draft.trigger.take() else {
        let message = format!("circuit-breaker '{name}': missing 'expression'");
        line.error(line.name, message);
        return None;
    };
    let spec = draft.spec(trigger, line.scope.site.proxy, &name, blocker.is_shadow());
    let breaker = line.scope.site.outer.protections().breaker(spec);
    Some(Box::new(CircuitBreaker {
        breaker,
        blocker: blocker.finish(line, "circuit-breaker", &name)?,
        fallback: draft.fallback_backend,
        tells_when: draft.tells_when,
    }))
}

impl Draft {
    /// Reads a word, with what belongs to it, if it is the breaker's own; whether it was.
    fn word(&mut self, line: &mut Line<'_, '_, '_>, word: &Word, name: &str) -> Option<bool> {
        let owner = format!("circuit-breaker '{name}': ");
        let time = match &*word.bytes {
            b"check-period" => &mut self.check_period,
            b"fallback-duration" => &mut self.fallback,
            b"fallback-max" => &mut self.fallback_max,
            b"recovery-duration" => &mut self.recovery,
            b"window" => &mut self.window,
            b"latency-window" => &mut self.latency_window,
            b"expression" => {
                let text = line.required("an expression after 'expression'")?;
                let trigger = trigger(line, text, &owner)?;
                once(line, word, &mut self.trigger, trigger)?;
                return Some(true);
            }
            b"min-requests" => {
                let number = positive(line, word)?;
                once(line, word, &mut self.min_requests, number)?;
                return Some(true);
            }
            b"probe-max" => {
                let number = positive(line, word)?;
                once(line, word, &mut self.probe_max, number)?;
                return Some(true);
            }
            b"latency" => {
                let first_byte = latency(line, word)?;
                once(line, word, &mut self.first_byte, first_byte)?;
                return Some(true);
            }
            b"fallback-backend" => {
                let value = line.required("a backend's name after 'fallback-backend'")?;
                let link = backend(line, value, &owner);
                once(line, word, &mut self.fallback_backend, link)?;
                return Some(true);
            }
            b"scope" => {
                let of_servers = scope(line, word, &owner)?;
                once(line, word, &mut self.of_servers, of_servers)?;
                return Some(true);
            }
            b"retry-after" => {
                self.tells_when = true;
                return Some(true);
            }
            _ => return Some(false),
        };
        let value = positive_time(line, word, &owner)?;
        once(line, word, time, value)?;
        Some(true)
    }

    fn spec(&self, trigger: Trigger, proxy: &str, name: &str, shadow: bool) -> BreakerSpec {
        BreakerSpec {
            name: format!("{proxy}/{name}").into(),
            trigger,
            check_period: self.check_period.unwrap_or(100),
            fallback: self.fallback.unwrap_or(10_000),
            fallback_max: self.fallback_max,
            recovery: self.recovery.unwrap_or(10_000),
            min_requests: self.min_requests.unwrap_or(0),
            window: self.window.unwrap_or(10_000),
            latency_window: self.latency_window.unwrap_or(60_000),
            first_byte: self.first_byte.unwrap_or(false),
            probe_max: self.probe_max,
            shadow,
            server: None,
        }
    }
}

fn trigger(line: &mut Line<'_, '_, '_>, word: &Word, owner: &str) -> Option<Trigger> {
    let text = word.text();
    let fault = match Trigger::parse(&text) {
        Ok(trigger) => return Some(trigger),
        Err(fault) => fault,
    };
    let before = text.get(..fault.at).unwrap_or_default();
    let column = before.chars().count() + 1;
    let message = format!("{owner}expression, column {column}: {}", fault.why);
    let span: Span = part_of(word, fault.at, fault.at + 1);
    let rest = text.get(fault.at..).unwrap_or_default();
    let is_relation = |word: &Word| word.bytes.starts_with(b">") || word.bytes.starts_with(b"<");
    let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let metrics = METRIC_NAMES.iter().copied();
    let near = name.and_then(|name| suggest::closest(name, metrics));
    let help = match (rest.chars().next(), near) {
        (Some('!'), _) => "turn the comparison round: '<=' is the opposite of '>'".to_owned(),
        _ if line.rest.first().is_some_and(is_relation) => {
            "the expression is one word: write it between quotes".to_owned()
        }
        (_, Some(near)) if name != Some(near) => did_you_mean(near),
        _ => "such as \"NetworkErrorRatio() > 0.30 && RequestThreshold() >= 20\"".to_owned(),
    };
    line.report(rule_codes::BAD_TRIGGER, span, message, help);
    None
}

/// Whether each server has its own.
fn scope(line: &mut Line<'_, '_, '_>, word: &Word, owner: &str) -> Option<bool> {
    let value = line.next();
    match value.map(|value| &*value.bytes) {
        Some(b"proxy") => Some(false),
        Some(b"server") => Some(true),
        _ => {
            let text = value.map(Word::text).unwrap_or_default();
            let message = format!("{owner}'scope' expects 'proxy' or 'server' but got '{text}'");
            line.error_near(value.unwrap_or(word), message, ["proxy", "server"]);
            None
        }
    }
}

/// Whether a latency ends with the first byte.
fn latency(line: &mut Line<'_, '_, '_>, word: &Word) -> Option<bool> {
    let value = line.next();
    match value.map(|value| &*value.bytes) {
        Some(b"total") => Some(false),
        Some(b"first-byte") => Some(true),
        _ => {
            let text = value.map(Word::text).unwrap_or_default();
            let message = format!("'latency' expects 'total' or 'first-byte' but got '{text}'");
            line.error_near(value.unwrap_or(word), message, ["total", "first-byte"]);
            None
        }
    }
}

fn backend(line: &mut Line<'_, '_, '_>, word: &Word, owner: &str) -> Link<u32> {
    let link = Link::default();
    let site = line.scope.site;
    site.outer.refer(Reference {
        target: Target::Backend(link.clone()),
        name: word.text().into(),
        proxy: site.proxy.into(),
        span: word.span,
        what: owner.trim_end_matches(": ").to_owned(),
    });
    link
}

impl HttpAction for CircuitBreaker {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let protections = cx.state.protections();
        let Some(breaker) = protections.and_then(|all| all.breakers.get(self.breaker)) else {
            return Verdict::Continue;
        };
        let (admission, news) = breaker.admit();
        cx.holds.tell(news);
        let left_ms = match admission {
            Admission::Pass(pass) => {
                cx.holds.keep(pass);
                return Verdict::Continue;
            }
            Admission::Refused(left_ms) => left_ms,
        };
        let fallback = self.fallback.as_ref().and_then(Link::get);
        if let Some(backend) = fallback.filter(|_| !self.blocker.is_shadow) {
            self.blocker.note(cx.record);
            return Verdict::SendTo(*backend);
        }
        let mut extra = ExtraHeaders::new();
        if self.tells_when {
            let seconds = left_ms.div_ceil(1000).max(1).to_string();
            extra.push((
                b"retry-after".as_slice().into(),
                seconds.into_bytes().into(),
            ));
        }
        self.blocker.refuse(cx, extra)
    }
}
