//! Checks of other protocols: what `option redis-check` and its like send, and how answers are read.

use super::counter::Outcome;

/// How far an answer got a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More has to come.
    NeedsMore,
    /// As expected.
    Continue,
    /// The check is over.
    Over(Outcome),
}

/// An answer that no pattern can describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {}

impl Reply {
    /// Reads what was received; nothing more comes once `ended`.
    pub(super) fn read(self, _data: &[u8], _ended: bool) -> Progress {
        match self {}
    }
}
