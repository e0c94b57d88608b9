//! Which entries have changed here since somebody last asked: what peers are told.
//!
//! Nobody asks unless peers share the table, and then a change costs one look at the entry while the
//! last one still waits to be told. What waits is bounded by the table's size: an entry waits once.
//! Deliberately absent: who is told, and how far each of them is (`peers`).

use super::entry::Entry;
use super::key::Key;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// The changes of one table.
#[derive(Debug, Default)]
pub struct Updates {
    /// Whether somebody listens.
    wanted: AtomicBool,
    changed: Mutex<Changed>,
}

#[derive(Debug, Default)]
struct Changed {
    keys: Vec<Key>,
    listener: Option<Arc<Notify>>,
}

impl Updates {
    /// From now on the listener is told when there is something to [take](Self::take); with
    /// `None` nobody is.
    pub fn listen(&self, listener: Option<Arc<Notify>>) {
        let mut changed = self.changed.lock();
        self.wanted.store(listener.is_some(), Ordering::Relaxed);
        changed.keys = Vec::new();
        changed.listener = listener;
    }

    /// An entry has changed; called after the change.
    pub(super) fn note(&self, entry: &Entry) {
        if !self.wanted.load(Ordering::Relaxed) || !entry.mark.raise() {
            return;
        }
        let mut changed = self.changed.lock();
        changed.keys.push(Key::new(entry.key()));
        if changed.keys.len() == 1
            && let Some(listener) = &changed.listener
        {
            listener.notify_one();
        }
    }

    /// The keys of what has changed since the last call.
    pub fn take(&self) -> Vec<Key> {
        std::mem::take(&mut self.changed.lock().keys)
    }
}

impl Entry {
    /// Gives what has changed its number, before it is read and told: what changes from now on is
    /// another update.
    pub fn number_update(&self, number: u32) {
        self.mark.number(number);
    }

    /// The number of its last update.
    pub fn update(&self) -> u32 {
        self.mark.get()
    }
}
