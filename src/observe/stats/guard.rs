//! What protects a service, as statistics show it: limits and breakers, and what they refused.

use super::metrics::{Family, Query};

/// A limit or a breaker at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The word it is made with: `rate-limit`, `inflight-limit`, `circuit-breaker`.
    pub kind: &'static str,
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

/// The metrics of guards: what each says, whether it only rises, and its number.
const NUMBERS: [(&str, &str, bool); 8] = [
    ("passed", "requests let through", true),
    ("delayed", "requests held back", true),
    ("refused", "requests refused, or that would have been", true),
    ("trips", "times it opened", true),
    ("in_flight", "requests in flight", false),
    ("keys", "keys known now", false),
    ("open", "1 while it refuses all requests", false),
    ("samples", "requests in its window", false),
];

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

/// Writes the metrics `tidegate_guard_…`.
pub fn write_guards(guards: &[Guard], query: &Query, out: &mut Vec<u8>) {
    for (number, doc, rises) in NUMBERS {
        let suffix = if rises { "_total" } else { "" };
        let name = format!("tidegate_guard_{number}{suffix}");
        let Some(mut family) = Family::named(name, doc, query) else {
            continue;
        };
        for guard in guards {
            if let Some(value) = guard.number(number) {
                let labels = [("kind", guard.kind), ("name", &*guard.name)];
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

    #[test]
    fn a_guard_has_only_its_own_numbers() {
        let guard = Guard {
            kind: "rate-limit",
            name: "api#1".to_owned(),
            state: "10 per 1000 ms".to_owned(),
            reason: String::new(),
            is_open_for_traffic: true,
            shadow: false,
            refused: 3,
            numbers: vec![("passed", 7)],
        };
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
}
