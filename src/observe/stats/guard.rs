//! What protects a service, as statistics show it: limits, breakers and detectors, and what they
//! refused.
//!
//! What must hold: a number stands in [`NUMBERS`], or nobody shows it. Metrics have each guard by its
//! name; `show stat` has what those of one proxy or server come to.

use super::field::{Field, Nature, Value, metric};
use super::metrics::{Family, Query};

/// What sort of guard it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is called as the word it is made with")]
pub enum GuardKind {
    RateLimit,
    InflightLimit,
    CircuitBreaker,
    CircuitLimits,
    /// `circuit-limits priority high`
    CircuitLimitsHigh,
    OutlierDetection,
}

impl GuardKind {
    /// The word it is made with.
    pub fn word(self) -> &'static str {
        match self {
            Self::RateLimit => "rate-limit",
            Self::InflightLimit => "inflight-limit",
            Self::CircuitBreaker => "circuit-breaker",
            Self::CircuitLimits | Self::CircuitLimitsHigh => "circuit-limits",
            Self::OutlierDetection => "outlier-detection",
        }
    }
}

/// A limit or a breaker at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// What it is.
    pub kind: GuardKind,
    /// Its name.
    pub name: String,
    /// Its state in words.
    pub state: String,
    /// Why it refused something last, or would.
    pub reason: String,
    /// Whether it lets requests through.
    pub is_open_for_traffic: bool,
    /// It decides and counts only.
    pub shadow: bool,
    /// Requests it refused, or would have.
    pub refused: u64,
    /// Other numbers: their names as in metrics, and values.
    pub numbers: Vec<(&'static str, u64)>,
}

/// The numbers of guards: what each is called, what it says, and whether it only rises.
const NUMBERS: &[(&str, &str, bool)] = &[
    ("passed", "requests let through", true),
    ("delayed", "requests held back", true),
    ("refused", "requests refused, or that would have been", true),
    ("trips", "times it opened, or found a server bad", true),
    ("in_flight", "requests in flight", false),
    ("keys", "keys known now", false),
    ("open", "1 while it refuses all requests", false),
    ("state", "0 closed, 1 open, 2 recovering", false),
    ("samples", "requests in its window", false),
    ("latency_p50_ms", "median latency of its window", false),
    (
        "latency_p99_ms",
        "99th percentile of the latencies of its window",
        false,
    ),
    ("connections", "server connections", false),
    ("waiting", "requests that wait for a server", false),
    ("retries", "retries under way", false),
    (
        "connections_full",
        "1 while there are as many connections as allowed",
        false,
    ),
    (
        "requests_full",
        "1 while there are as many requests as allowed",
        false,
    ),
    ("waiting_full", "1 while as many wait as may", false),
    (
        "retries_full",
        "1 while there are as many retries as allowed",
        false,
    ),
    (
        "connections_left",
        "connections that may still be made",
        false,
    ),
    (
        "requests_left",
        "requests that may still be given to servers",
        false,
    ),
    ("waiting_left", "requests that may still wait", false),
    ("retries_left", "retries that may still be made", false),
    (
        "connections_overflow",
        "requests that got no connection",
        true,
    ),
    (
        "requests_overflow",
        "requests refused because enough were active",
        true,
    ),
    (
        "waiting_overflow",
        "requests refused because enough were waiting",
        true,
    ),
    ("retries_overflow", "retries that were not made", true),
    ("ejected", "servers ejected now", false),
    (
        "spared",
        "times a bad server was kept for the sake of the others",
        true,
    ),
];

fn rises(number: &str) -> bool {
    let mut all = NUMBERS.iter();
    all.any(|(name, _, rises)| *name == number && *rises)
}

impl Guard {
    fn number(&self, name: &str) -> Option<u64> {
        match name {
            "refused" => Some(self.refused),
            "open" => Some(u64::from(!self.is_open_for_traffic)),
            _ => {
                let found = self.numbers.iter().find(|(own, _)| *own == name);
                found.map(|(_, value)| *value)
            }
        }
    }
}

/// What a number of all guards of a kind comes to: the sum, of states the one that matters most.
pub(super) fn field<'a>(guards: &[Guard], kind: GuardKind, number: &str) -> Option<Field<'a>> {
    let own = guards.iter().filter(|guard| guard.kind == kind);
    let values = own.filter_map(|guard| guard.number(number));
    let value = match number {
        // Open comes before recovering.
        "state" => values.min_by_key(|state| state.wrapping_sub(1)),
        _ => values.reduce(u64::saturating_add),
    };
    let nature = match rises(number) {
        true => Nature::Counter,
        false => Nature::Gauge,
    };
    Some(metric(nature, Value::U64(value?)))
}

/// Writes the metrics `tidegate_guard_…`.
pub fn write_guards(guards: &[Guard], query: &Query, out: &mut Vec<u8>) {
    for (number, doc, rises) in NUMBERS {
        let suffix = if *rises { "_total" } else { "" };
        let name = format!("tidegate_guard_{number}{suffix}");
        let Some(mut family) = Family::named(name, doc, query) else {
            continue;
        };
        for guard in guards {
            if let Some(value) = guard.number(number) {
                let labels = [("kind", guard.kind.word()), ("name", &*guard.name)];
                match rises {
                    true => family.count(&labels, value, out),
                    false => family.number(&labels, value, out),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(kind: GuardKind, refused: u64, numbers: &[(&'static str, u64)]) -> Guard {
        Guard {
            kind,
            name: "api#1".to_owned(),
            state: "10 per 1000 ms".to_owned(),
            reason: String::new(),
            is_open_for_traffic: true,
            shadow: false,
            refused,
            numbers: numbers.into(),
        }
    }

    #[test]
    fn a_guard_has_only_its_own_numbers() {
        let guard = guard(GuardKind::RateLimit, 3, &[("passed", 7)]);
        let mut out = Vec::new();
        write_guards(&[guard], &Query::default(), &mut out);
        let text = String::from_utf8(out).unwrap();
        let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                "tidegate_guard_passed_total{kind=\"rate-limit\",name=\"api#1\"} 7",
                "tidegate_guard_refused_total{kind=\"rate-limit\",name=\"api#1\"} 3",
                "tidegate_guard_open{kind=\"rate-limit\",name=\"api#1\"} 0",
            ]
        );
    }

    #[track_caller]
    fn check(values: &[u64], number: &'static str, expected: Option<(Nature, u64)>) {
        let of = |value: &u64| guard(GuardKind::CircuitBreaker, *value, &[(number, *value)]);
        let mut guards: Vec<_> = values.iter().map(of).collect();
        guards.push(guard(GuardKind::RateLimit, 9, &[(number, 9)]));
        let found = field(&guards, GuardKind::CircuitBreaker, number);
        let expected = expected.map(|(nature, value)| metric(nature, Value::U64(value)));
        assert_eq!(found, expected, "{values:?} {number}");
    }

    #[test]
    fn guards_of_a_proxy_come_to_one_number() {
        check(&[], "trips", None);
        check(&[3, 4], "trips", Some((Nature::Counter, 7)));
        check(&[3, 4], "in_flight", Some((Nature::Gauge, 7)));
        check(&[3, 4], "refused", Some((Nature::Counter, 7)));
        check(&[0, 0], "state", Some((Nature::Gauge, 0)));
        check(&[0, 2], "state", Some((Nature::Gauge, 2)));
        check(&[2, 1, 0], "state", Some((Nature::Gauge, 1)));
    }
}
