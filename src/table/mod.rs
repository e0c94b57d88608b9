//! Stick tables: keys, entries, counters and rate windows, expiry, tracking.
//!
//! What must hold: a reader never waits for a writer of the same entry, an update of a tracked
//! entry takes no lock, an entry somebody refers to is never removed, a table never holds more
//! entries than its size. Deliberately absent: the language (which word reads which counter is
//! `vocab`'s) and when an event counts (that is `proxy`'s).

pub mod data;
pub mod dump;
pub mod entry;
pub mod key;
mod map;
mod mark;
pub mod rate;
pub mod slots;
pub mod store;
mod updates;
mod value;
pub mod varint;
mod wheel;

pub use data::{DataType, Layout, Slot, Storage, Stored};
pub use entry::Entry;
pub use key::{Key, KeyType};
pub use rate::RateWindow;
pub use slots::{MOST_SLOTS, Slots, Tracks};
pub use store::{Event, Held, Spec, Table, Tracked};
pub use updates::Updates;
pub use value::Value;

#[cfg(test)]
mod tests;
