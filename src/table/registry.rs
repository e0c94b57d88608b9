//! The tables of a process, by name: they outlive the configuration that asked for them.
//!
//! What must hold: a generation of the configuration gets the table an earlier one filled if name
//! and shape are the same, and an empty one otherwise. Deliberately absent: when a table that no
//! generation names any more is forgotten.

use super::store::{Spec, Table};
use crate::clock::Clock;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Every table of a process.
#[derive(Debug, Default)]
pub struct Registry {
    tables: Mutex<HashMap<String, Arc<Table>>>,
}

impl Registry {
    /// The table of this name and shape, made if there is none.
    pub fn attach(&self, spec: &Spec, clock: &Clock) -> Arc<Table> {
        let mut tables = self.tables.lock();
        match tables.get(&spec.name) {
            Some(known) if known.spec() == spec => Arc::clone(known),
            _ => {
                let fresh = Table::new(spec.clone(), clock.clone());
                tables.insert(spec.name.clone(), Arc::clone(&fresh));
                fresh
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::KeyType;

    fn spec(name: &str, size: u32) -> Spec {
        Spec {
            name: name.to_owned(),
            key: KeyType::Ip,
            size,
            expire: None,
            nopurge: false,
            store: Vec::new(),
            bytes_per_unit: 1,
        }
    }

    #[test]
    fn entries_stay_with_name_and_shape() {
        let registry = Registry::default();
        let clock = Clock::manual(1_000);
        let used = |name: &str, size| registry.attach(&spec(name, size), &clock).used();
        let table = registry.attach(&spec("t", 10), &clock);
        table.find_or_create(b"1234").unwrap();
        assert_eq!(used("t", 10), 1);
        assert_eq!(used("u", 10), 0);
        assert_eq!(used("t", 20), 0);
        assert_eq!(used("t", 10), 0, "the other shape took its place");
    }
}
