//! Conditions: `if`/`unless` with named ACLs, anonymous `{ }` blocks, `!` and `||`.

use super::context::Context;
use super::scope::{Files, Scope};
use crate::compile::config::Mode;
use crate::syntax::{Diagnostics, Word};

/// A compiled condition. Evaluation allocates nothing and compares no names.
#[derive(Clone, Debug)]
pub struct Condition {}

impl Condition {
    /// Whether it holds for this stream now.
    pub fn holds(&self, _cx: &Context<'_>) -> bool {
        false
    }
}

/// The named ACLs of one section.
#[derive(Debug, Default)]
pub struct AclSet {}

impl AclSet {
    /// Adds one `acl` line; `words` are those after `acl`. The same name again means OR.
    pub fn define(
        &mut self,
        _words: &[Word],
        _mode: Mode,
        _files: Files<'_>,
        _diags: &mut Diagnostics,
    ) {
    }
}

/// Parses `if …` or `unless …`, the first of `words`. `None` after an error, which is reported.
pub fn parse(_words: &[Word], _scope: &mut Scope<'_>) -> Option<Condition> {
    None
}
