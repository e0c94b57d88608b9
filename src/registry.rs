//! State that outlives a configuration: things by name, kept while their shape is the same.
//!
//! What must hold: a generation of the configuration gets the thing an earlier one used if name
//! and shape are the same, and a fresh one otherwise (DESIGN §7). Deliberately absent: when a
//! thing that no generation names any more is forgotten.

use crate::clock::Clock;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A thing that a registry keeps.
pub trait Lasting: Sized {
    /// What it is made from; things of equal ones can stand for each other.
    type Spec: Clone + PartialEq;

    /// The name in such a specification.
    fn name(spec: &Self::Spec) -> &str;

    /// What it was made from.
    fn spec(&self) -> &Self::Spec;

    /// A fresh one.
    fn new(spec: Self::Spec, clock: Clock) -> Arc<Self>;
}

/// Every such thing of a process.
pub struct Registry<T> {
    things: Mutex<HashMap<String, Arc<T>>>,
}

impl<T: Lasting> Registry<T> {
    /// The thing of this name and shape, made if there is none.
    pub fn attach(&self, spec: &T::Spec, clock: &Clock) -> Arc<T> {
        let mut things = self.things.lock();
        match things.get(T::name(spec)) {
            Some(known) if known.spec() == spec => Arc::clone(known),
            _ => {
                let fresh = T::new(spec.clone(), clock.clone());
                things.insert(T::name(spec).to_owned(), Arc::clone(&fresh));
                fresh
            }
        }
    }
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self {
            things: Mutex::default(),
        }
    }
}

impl<T> fmt::Debug for Registry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}
