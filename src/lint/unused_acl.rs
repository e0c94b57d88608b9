//! TG0801: an ACL that nothing in its section names.

use super::{UNUSED_ACL, View, tokens};
use crate::syntax::{Diagnostic, Diagnostics, Section, Word};
use std::collections::HashSet;

/// Looks at each section by itself, as ACLs are known in theirs only.
pub(super) fn lint(view: &View<'_>, diags: &mut Diagnostics) {
    for section in &view.document.sections {
        let names = names(section);
        let mut told: HashSet<&[u8]> = HashSet::new();
        for name in definitions(section) {
            if !names.contains(&*name.bytes) && told.insert(&name.bytes) {
                let message = format!("acl '{}' is never used", name.text());
                diags.push(
                    Diagnostic::lint(UNUSED_ACL, message)
                        .at(name.span, "no condition of this section names it")
                        .help("use it in a condition, or remove it"),
                );
            }
        }
    }
}

fn definitions(section: &Section) -> impl Iterator<Item = &Word> {
    section
        .statements
        .iter()
        .filter_map(|statement| match statement.words.as_slice() {
            [keyword, name, ..] if *keyword == "acl" => Some(name),
            _ => None,
        })
}

/// What every statement names, the names that `acl` lines define left out.
fn names(section: &Section) -> HashSet<&[u8]> {
    let mut names = HashSet::new();
    for statement in &section.statements {
        let words = match statement.words.as_slice() {
            [keyword, _, rest @ ..] if *keyword == "acl" => rest,
            all => all,
        };
        names.extend(words.iter().flat_map(|word| tokens(&word.bytes)));
    }
    names
}
