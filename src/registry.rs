//! State that outlives a configuration, under its identity.
//!
//! A generation of the configuration attaches to what it needs by name and shape: it gets what an
//! earlier one left behind if both are the same, and otherwise something made anew, perhaps from
//! it. What must hold: two generations that name the same thing share it, counts included. What no
//! generation holds any more is forgotten on request only. Deliberately absent: what is kept.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Things of one kind, by name; `S` is what makes two of the same name the same thing.
#[derive(Debug)]
pub struct Registry<S, T> {
    kept: Mutex<HashMap<String, (S, Arc<T>)>>,
}

impl<S, T> Default for Registry<S, T> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<S: PartialEq, T> Registry<S, T> {
    /// The thing of this name and shape. Where there is none, `make` makes it; it is given the one
    /// whose place the new one takes, and its other shape.
    pub fn attach(
        &self,
        name: &str,
        shape: S,
        make: impl FnOnce(&S, Option<&(S, Arc<T>)>) -> Arc<T>,
    ) -> Arc<T> {
        let mut kept = self.kept.lock();
        if let Some((known, thing)) = kept.get(name)
            && *known == shape
        {
            return Arc::clone(thing);
        }
        let fresh = make(&shape, kept.get(name));
        kept.insert(name.to_owned(), (shape, Arc::clone(&fresh)));
        fresh
    }

    /// Changes the shape under which the thing of this name is known.
    pub fn reshape(&self, name: &str, change: impl FnOnce(&mut S)) {
        if let Some((shape, _)) = self.kept.lock().get_mut(name) {
            change(shape);
        }
    }

    /// Forgets the thing of this name, whoever holds it.
    pub fn forget(&self, name: &str) {
        self.kept.lock().remove(name);
    }

    /// Forgets what nobody else holds.
    pub fn forget_unused(&self) {
        self.kept
            .lock()
            .retain(|_, (_, thing)| Arc::strong_count(thing) > 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attaches in turn, all held until the end; each new thing is the number of its making, and
    /// adds that of the one it replaces, times ten.
    #[track_caller]
    fn check(attached: &[(&str, u8)], expected: &[u32]) {
        let registry = Registry::<u8, u32>::default();
        let mut made = 0;
        let held: Vec<_> = attached
            .iter()
            .map(|&(name, shape)| {
                registry.attach(name, shape, |_, before| {
                    made += 1;
                    Arc::new(made + before.map_or(0, |(_, before)| **before * 10))
                })
            })
            .collect();
        let seen: Vec<u32> = held.iter().map(|thing| **thing).collect();
        assert_eq!(seen, expected, "{attached:?}");
    }

    #[test]
    fn things_stay_with_name_and_shape() {
        check(&[("a", 1), ("a", 1)], &[1, 1]);
        check(&[("a", 1), ("b", 1)], &[1, 2]);
        check(&[("a", 1), ("a", 2)], &[1, 12]);
        check(&[("a", 1), ("a", 2), ("a", 1)], &[1, 12, 123]);
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let registry = Registry::<u8, u32>::default();
        let make = |number| move |_: &u8, _: Option<&(u8, Arc<u32>)>| Arc::new(number);
        let held = registry.attach("held", 1, make(1));
        drop(registry.attach("dropped", 1, make(2)));
        registry.forget_unused();
        assert_eq!(*registry.attach("dropped", 1, make(3)), 3);
        assert!(Arc::ptr_eq(&held, &registry.attach("held", 1, make(4))));
    }
}
