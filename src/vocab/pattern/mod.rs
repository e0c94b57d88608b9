//! What conditions and maps compare with: lists of patterns, from words and from files.
//!
//! A [`PatternRef`] is one list, as HAProxy's "reference": ACLs and maps that name the same file
//! share it, and what changes it at run time changes all of them. Its patterns are kept once, in
//! file order; each way of matching them that the configuration uses is a view with an index of
//! its own. What must hold: looking something up takes no lock and allocates nothing; changing a
//! list never makes a reader wait. Deliberately absent: how values are compared
//! (`vocab::matcher`), and commands (`runtime_api`).

use std::fmt;

mod changing;
mod content;
mod counts;
mod file;
mod filter;
mod hash;
mod records;
mod reference;
mod store;
mod text_index;

pub use content::{Spec, Values};
pub use records::{EntryId, Records};
pub use reference::{EditError, Entries, Entry, Origin, Pair, PatternRef, View};
pub use store::PatternStore;

pub(super) use counts::Counts;
pub(super) use file::Columns;
pub(super) use filter::Filter;
pub(super) use hash::Seed;
pub(super) use text_index::{Delimiters, Direction, Duplicates, Shape, TextIndex, delimited};

/// Why a pattern or a value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl BadPattern {
    /// Says what is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
pub(in crate::vocab) mod testing {
    //! Lists for tests.

    use super::*;
    use crate::vocab::matcher::Method;
    use std::sync::Arc;

    /// A list of words.
    pub(in crate::vocab) fn list(words: &[&str]) -> Arc<PatternRef> {
        let list = PatternRef::new(Origin::Words);
        list.read_words(words.iter().map(|word| word.as_bytes()));
        Arc::new(list)
    }

    /// How an ACL matches.
    pub(in crate::vocab) fn spec(method: Method, ignore_case: bool) -> Spec {
        Spec {
            method,
            ignore_case,
            full_addresses: false,
            values: Values::Text,
        }
    }
}

#[cfg(test)]
mod tests;
