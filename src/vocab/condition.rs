//! Conditions: `if`/`unless` with named ACLs, anonymous `{ }` blocks, `!` and `||`.

use super::context::Context;

/// A compiled condition. Evaluation allocates nothing and compares no names.
#[derive(Debug)]
pub struct Condition {}

impl Condition {
    /// Whether it holds for this stream now.
    pub fn holds(&self, _cx: &Context<'_>) -> bool {
        unimplemented!()
    }
}
