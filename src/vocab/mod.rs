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
pub mod bandwidth;
pub mod bind_option;
pub mod calendar;
pub mod capture;
pub mod codes;
pub mod condition;
pub mod content;
pub mod context;
pub mod converter;
pub(crate) mod entry_value;
pub mod error_pages;
pub mod expression;
pub mod fetch;
pub mod format;
pub mod forwarded;
pub mod forwarded_option;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod guid;
pub mod host;
pub mod json;
pub mod keyword;
mod known;
pub mod line;
pub mod log_alias;
pub mod log_profile;
pub mod matcher;
pub mod mqtt;
pub mod mux_proto;
pub mod outer;
pub mod packet;
mod pairs;
pub mod pattern;
pub mod protection;
pub mod reference;
pub mod regex;
pub mod rule_codes;
pub mod sample;
pub mod scope;
pub mod section;
pub mod server_option;
#[cfg(any(test, fuzzing))]
pub(crate) mod stage;
pub mod state;
pub mod stick;
pub mod stick_table;
pub mod suggest;
pub mod userlist;
pub mod variable;

pub use keyword::Status;
pub use reference::{Class, KeywordInfo, keywords};
