//! `circuit-limits`: how much a backend may do at once (SEMANTICS 8.7).

use super::{Build, ProxyDraft, word};
use crate::protect::circuit_limits::{LimitsSpec, OnOverflow, Priority, RetryBudget};
use crate::syntax::{Diagnostic, Span, Word};
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, Sense};
use crate::vocab::pairs::Pairs;

/// The word.
pub(super) const WORD: &[Keyword<Build>] = &[word(
    "circuit-limits",
    "[priority {default | high}] [max-connections <n>] [max-pending-requests <n>] \
     [max-requests <n>] [on-overflow {queue | reject}] [max-retries <n>] \
     [retry-budget <percent>% [min-retry-concurrency <n>]] [max-connections-per-server <n>] \
     [max-requests-per-server <n>] [shadow] [{status | deny_status} <code>] \
     [content-type <type>] [{default-errorfiles | errorfile <file> | errorfiles <name> | \
     file <file> | lf-file <file> | string <str> | lf-string <fmt>}] [hdr <name> <fmt>]*",
    Sections::BACK,
    "Limits what the backend does at once, all workers together: server connections (default \
     1024), requests waiting for a server (1024) or given to one (1024), retries (3, or with \
     `retry-budget` a share of all requests but at least `min-retry-concurrency`, 3). A request \
     beyond `max-requests` waits, or is refused with `on-overflow reject`; one that must not wait \
     is refused with 503 or what else is given. `priority high` is for requests with a negative \
     priority class; without such a line they share the other's limits. `shadow` counts and \
     refuses nothing. `no circuit-limits` cancels inherited lines.",
    read,
)];

/// One line.
#[derive(Clone, Debug)]
pub struct LimitsDraft<'d> {
    /// Which requests it is for.
    pub priority: Priority,
    /// The limits.
    pub spec: LimitsSpec,
    /// The words of the answer.
    pub response: Vec<Word>,
    /// The keyword.
    pub keyword: &'d Word,
    /// Its section's opening line.
    pub section: Span,
}

const NAMES: [&str; 11] = [
    "priority",
    "max-connections",
    "max-pending-requests",
    "max-requests",
    "on-overflow",
    "max-retries",
    "retry-budget",
    "min-retry-concurrency",
    "max-connections-per-server",
    "max-requests-per-server",
    "shadow",
];

fn read<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    if line.sense != Sense::Set {
        draft.settings.circuit_limits.clear();
        return;
    }
    let Some(keyword) = line.arg(0) else { return };
    if line.arg(1).is_none() {
        let message = "'circuit-limits' expects at least one limit";
        return line.error(MISSING_ARGUMENT, 0, message);
    }
    let mut words = Words::default();
    let mut response = Vec::new();
    let mut pairs = Pairs::new(line, 1);
    while let Some(name) = pairs.name() {
        words.take(&name, &mut pairs, &mut response);
    }
    if !pairs.is_sound() {
        return;
    }
    if words.least_retries.is_some() && words.budget.is_none() {
        let message = "'min-retry-concurrency' requires 'retry-budget'";
        return line.error(MISSING_ARGUMENT, 0, message);
    }
    let high = words.high == Some(true);
    let per_server = words.per_server.is_some() || words.connections_per_server.is_some();
    if high && per_server {
        let message = "limits per server hold for all requests and stand on the line of \
                       'priority default'";
        let found = Diagnostic::error(BAD_CHOICE, message).at(line.span(), "");
        line.diags.push(found);
        return;
    }
    draft.settings.circuit_limits.push(LimitsDraft {
        priority: match high {
            true => Priority::High,
            false => Priority::Default,
        },
        spec: words.spec(),
        response,
        keyword,
        section: draft.opening,
    });
}

/// What stood on a line.
#[derive(Default)]
struct Words {
    high: Option<bool>,
    connections: Option<u32>,
    pending: Option<u32>,
    requests: Option<u32>,
    reject: Option<bool>,
    retries: Option<u32>,
    budget: Option<u32>,
    least_retries: Option<u32>,
    connections_per_server: Option<u32>,
    per_server: Option<u32>,
    shadow: Option<()>,
}

impl Words {
    fn take(&mut self, name: &str, pairs: &mut Pairs<'_, '_, '_>, response: &mut Vec<Word>) {
        let (slot, least) = match name {
            "max-connections" => (&mut self.connections, 0),
            "max-pending-requests" => (&mut self.pending, 0),
            "max-requests" => (&mut self.requests, 0),
            "max-retries" => (&mut self.retries, 0),
            "min-retry-concurrency" => (&mut self.least_retries, 0),
            "max-connections-per-server" => (&mut self.connections_per_server, 1),
            "max-requests-per-server" => (&mut self.per_server, 1),
            _ => return self.take_other(name, pairs, response),
        };
        let value = pairs.number(least);
        pairs.put(slot, value);
    }

    fn take_other(&mut self, name: &str, pairs: &mut Pairs<'_, '_, '_>, response: &mut Vec<Word>) {
        match name {
            "priority" => {
                let value = pairs.either("default", "high");
                pairs.put(&mut self.high, value);
            }
            "on-overflow" => {
                let value = pairs.either("queue", "reject");
                pairs.put(&mut self.reject, value);
            }
            "retry-budget" => {
                let value = pairs.percent();
                pairs.put(&mut self.budget, value);
            }
            "shadow" => pairs.put(&mut self.shadow, Some(())),
            _ if pairs.response(response) => {}
            _ => pairs.unknown(&NAMES, true),
        }
    }

    fn spec(&self) -> LimitsSpec {
        let default = LimitsSpec::default();
        LimitsSpec {
            connections: self.connections.unwrap_or(default.connections),
            pending: self.pending.unwrap_or(default.pending),
            requests: self.requests.unwrap_or(default.requests),
            retries: self.retries.unwrap_or(default.retries),
            retry_budget: self.budget.map(|percent| RetryBudget {
                percent,
                least: self.least_retries.unwrap_or(3),
            }),
            on_overflow: match self.reject {
                Some(true) => OnOverflow::Reject,
                _ => OnOverflow::Queue,
            },
            connections_per_server: self.connections_per_server,
            requests_per_server: self.per_server,
            shadow: self.shadow.is_some(),
        }
    }
}
