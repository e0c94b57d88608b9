//! What a configuration says that is allowed and probably not meant.
//!
//! One lint is one file: its code, declared here, a function from the [`View`] to findings, and a
//! page in `diagnostics::lints` whose wrong example fires and whose right one stays silent. What
//! must hold: lints run only on configurations without errors, and stay silent when in doubt.
//! Deliberately absent: what is an error or what HAProxy warns of itself; that is `compile`'s.

mod unused_acl;
mod unused_backend;
mod words;

use crate::compile::config::Config;
use crate::syntax::{Code, Diagnostics, Document, Sources};
pub use words::tokens;

/// An ACL that no condition uses.
pub const UNUSED_ACL: Code = Code("TG0801");
/// A backend that nothing sends to.
pub const UNUSED_BACKEND: Code = Code("TG0802");
/// A `tidegate:allow` comment with a code that does not exist.
pub const UNKNOWN_ALLOWED: Code = Code("TG0890");
/// A `tidegate:allow` comment that silences nothing.
pub const NOTHING_ALLOWED: Code = Code("TG0891");

/// A configuration without errors, in all its forms.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// As written.
    pub document: &'a Document,
    /// As resolved.
    pub config: &'a Config,
}

/// Looks for one kind of mistake.
pub type Lint = fn(&View<'_>, &mut Diagnostics);

/// Every lint.
pub const ALL: &[Lint] = &[unused_acl::lint, unused_backend::lint];

/// Runs every lint.
pub fn run(view: &View<'_>, diags: &mut Diagnostics) {
    for lint in ALL {
        lint(view, diags);
    }
}
