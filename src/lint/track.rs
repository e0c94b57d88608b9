//! The `track-sc` rules of a section.

use super::sample::{Sample, of_word, text};
use super::words::option;
use crate::syntax::{Section, Statement, Word};

/// A `track-scN` rule.
#[derive(Debug)]
pub(super) struct Track<'a> {
    pub(super) slot: u32,
    pub(super) statement: &'a Statement,
    /// The action's word.
    pub(super) word: &'a Word,
    pub(super) key: Sample<'a>,
    /// The table named, if one is.
    pub(super) table: Option<&'a str>,
}

/// The tracking rules of a section, in order.
pub(super) fn rules(section: &Section) -> Vec<Track<'_>> {
    section.statements.iter().filter_map(rule).collect()
}

fn rule(statement: &Statement) -> Option<Track<'_>> {
    let words = statement.words.as_slice();
    let at = words.iter().position(|word| slot(text(word)).is_some())?;
    let word = words.get(at)?;
    Some(Track {
        slot: slot(text(word))?,
        statement,
        word,
        key: of_word(words.get(at + 1)?)?,
        table: option(words, b"table").map(text),
    })
}

fn slot(word: &str) -> Option<u32> {
    let number = word.strip_prefix("track-sc")?;
    number.trim_matches(['(', ')']).parse().ok()
}
