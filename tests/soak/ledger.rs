//! What became of each request, as its client saw it, to be compared with the proxy's log.

use std::collections::HashMap;
use std::fmt;

/// The end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its client read this status.
    Answered(u16),
    /// Its client did not wait, or was left by the proxy between two requests.
    Left,
}

/// Every request by its `x-id`.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    fates: HashMap<String, Fate>,
    clients: usize,
}

impl Ledger {
    /// The number of the first of so many new clients.
    pub(crate) fn clients(&mut self, count: usize) -> usize {
        let first = self.clients;
        self.clients += count;
        first
    }

    pub(crate) fn add(&mut self, fates: Vec<(String, Fate)>) {
        self.fates.extend(fates);
    }

    /// Each answered request has one line with its status; others have one or none.
    pub(crate) fn compare(&self, output: &str) {
        let mut lines: HashMap<&str, Vec<&str>> = HashMap::new();
        for line in output.lines() {
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next()) {
                (Some("soak"), Some("-"), _) => {}
                (Some("soak"), Some(id), Some(_)) => lines.entry(id).or_default().push(line),
                _ => assert!(!line.contains("panicked"), "{line}"),
            }
        }
        for (id, fate) in &self.fates {
            let logged = lines.remove(id.as_str()).unwrap_or_default();
            match (fate, logged.as_slice()) {
                (Fate::Answered(status), [line]) => {
                    let expected = format!("soak {id} {status} ");
                    assert!(line.starts_with(&expected), "{id} {fate:?}: {line}");
                }
                (Fate::Left, [] | [_]) => {}
                (fate, logged) => panic!("{id} {fate:?}: {logged:?}"),
            }
        }
        assert!(lines.is_empty(), "nobody sent these: {lines:?}");
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.fates.values().filter(|fate| **fate == Fate::Left);
        write!(f, "{} requests, {} left", self.fates.len(), left.count())
    }
}
