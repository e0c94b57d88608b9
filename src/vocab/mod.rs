//! Every word of the language: names, arguments, where allowed, documentation, examples, build.
//!
//! One word is one file plus one line in its folder's list; words without substance of their own
//! are one row of a table. From the lists come did-you-mean, the reference manual,
//! `grammar/keywords.json` and the tests that every example holds. A word is one of: works, no
//! effect here, not supported yet, removed from HAProxy; nothing is silently ignored.
//! Deliberately absent: resolving names between sections (that is `compile`).

mod acl_test;
pub mod action;
pub mod address;
pub mod args;
pub mod arguments;
pub mod bind_option;
pub mod capture;
pub mod codes;
pub mod condition;
pub mod context;
pub mod converter;
pub mod error_pages;
pub mod expression;
pub mod fetch;
pub mod format;
pub mod host;
pub mod keyword;
mod known;
pub mod line;
pub mod log_alias;
pub mod matcher;
pub mod outer;
pub mod pattern;
pub mod regex;
pub mod rule_codes;
pub mod sample;
pub mod scope;
pub mod section;
pub mod server_option;
#[cfg(test)]
mod stage;
pub mod suggest;
pub mod userlist;

pub use keyword::{KeywordInfo, Status};

/// Every word of sections, options, `bind` and `server` lines, for the reference manual and
/// `grammar/keywords.json`.
pub fn keywords() -> impl Iterator<Item = KeywordInfo> {
    section::global::VOCABULARY
        .infos("")
        .chain(section::proxy::VOCABULARY.infos(""))
        .chain(section::proxy::option::VOCABULARY.infos("option "))
        .chain(section::proxy::timeout::infos())
        .chain(bind_option::VOCABULARY.infos("bind "))
        .chain(server_option::VOCABULARY.infos("server "))
        .chain(section::userlist::VOCABULARY.infos(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_word_is_listed_once_per_context_and_documented() {
        let mut seen = HashSet::new();
        for word in keywords() {
            assert!(
                seen.insert((format!("{:?}", word.sections), word.name.clone())),
                "twice: {word:?}"
            );
            assert!(!word.doc.is_empty(), "no doc: {word:?}");
        }
        assert!(seen.len() > 500, "only {}", seen.len());
    }
}
