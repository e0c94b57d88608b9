//! A value as it leaves an entry for another process, and as it comes back.
//!
//! The same for [`dump`](super::dump) and for peers: a number; a rate as the age of its running
//! bucket and the events of that and of the one before; a text.

use super::data::Slot;
use super::entry::Entry;
use super::varint::{Reader, put, put_bytes};
use crate::clock::Millis;
use std::sync::Arc;

/// What one slot of an entry holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A counter.
    Number(u64),
    /// A rate window.
    Rate {
        /// Milliseconds since its running bucket began.
        age: u32,
        /// Events in that.
        current: u32,
        /// Events in the one before.
        previous: u32,
    },
    /// A text, if there is one.
    Text(Option<Arc<str>>),
}

impl Value {
    /// Appends it.
    pub fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => put(out, *number),
            Self::Rate {
                age,
                current,
                previous,
            } => {
                for part in [age, current, previous] {
                    put(out, (*part).into());
                }
            }
            Self::Text(text) => put_bytes(out, text.as_deref().unwrap_or_default().as_bytes()),
        }
    }

    /// Reads what a slot of this kind holds. Numbers are cut to their low bits.
    pub fn read(reader: &mut Reader<'_>, slot: Slot) -> Option<Self> {
        Some(match slot {
            Slot::Int(_) | Slot::Wide(_) => Self::Number(reader.varint()?),
            Slot::Rate(..) => Self::Rate {
                age: reader.varint()? as u32,
                current: reader.varint()? as u32,
                previous: reader.varint()? as u32,
            },
            Slot::Text => {
                let text = std::str::from_utf8(reader.bytes()?).ok()?;
                Self::Text((!text.is_empty()).then(|| text.into()))
            }
        })
    }
}

impl Entry {
    /// What a slot holds.
    pub fn value(&self, slot: Slot, now: Millis) -> Value {
        match slot {
            Slot::Int(_) | Slot::Wide(_) => Value::Number(self.read(slot, now)),
            Slot::Rate(at, _) => {
                let window = self.rate(at).map(super::RateWindow::load);
                let (start, previous, current) = window.unwrap_or_default();
                // One without events may never have begun.
                let is_empty = (previous, current) == (0, 0);
                let age = (now as u32).wrapping_sub(start);
                Value::Rate {
                    age: if is_empty { 0 } else { age },
                    current,
                    previous,
                }
            }
            Slot::Text => Value::Text(self.text()),
        }
    }

    /// Puts a value into a slot of its kind; others are let go.
    pub fn store(&self, slot: Slot, value: Value, now: Millis) {
        match (slot, value) {
            (Slot::Int(_) | Slot::Wide(_), Value::Number(number)) => {
                self.set(slot, number, now);
            }
            (
                Slot::Rate(at, _),
                Value::Rate {
                    age,
                    current,
                    previous,
                },
            ) => {
                if let Some(window) = self.rate(at) {
                    window.restore(((now as u32).wrapping_sub(age), previous, current));
                }
            }
            (Slot::Text, Value::Text(text)) => self.set_text(text),
            _ => {}
        }
    }
}
