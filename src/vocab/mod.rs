//! Every word of the language: names, arguments, where allowed, documentation, examples, build.
//!
//! One word is one file plus one line in its folder's list. From the lists come did-you-mean,
//! the reference manual, `grammar/keywords.json` and the tests that every example holds.
//! Deliberately absent: resolving names between sections (that is `compile`).

mod acl_test;
pub mod action;
pub mod arguments;
pub mod condition;
pub mod context;
pub mod converter;
pub mod error_pages;
pub mod expression;
pub mod fetch;
pub mod format;
mod known;
pub mod log_alias;
pub mod matcher;
pub mod pattern;
pub mod regex;
pub mod rule_codes;
pub mod sample;
pub mod scope;
pub mod suggest;

#[cfg(test)]
mod stage;
