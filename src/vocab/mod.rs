//! Every word of the language: names, arguments, where allowed, documentation, examples, build.
//!
//! One word is one file plus one line in its folder's list. From the lists come did-you-mean,
//! the reference manual, `grammar/keywords.json` and the tests that every example holds.
//! Deliberately absent: resolving names between sections (that is `compile`).

pub mod action;
pub mod condition;
pub mod context;
pub mod error_pages;
pub mod format;
pub mod sample;
pub mod scope;
