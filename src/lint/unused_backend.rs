//! TG0802: a backend that no other section names.

use super::{Look, UNUSED_BACKEND, tokens};
use crate::syntax::{Diagnostic, Diagnostics, SectionKind, Word};
use std::collections::HashMap;

/// Silent where a name is made from the request. Any mention elsewhere counts, since tables and
/// fetches name backends too.
pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    let mut statements = look.document.sections.iter().flat_map(|s| &s.statements);
    if statements.any(|statement| may_name_any(&statement.words)) {
        return;
    }
    let mentions = mentions(look);
    for (index, section) in look.document.sections.iter().enumerate() {
        let (SectionKind::Backend, Some(name)) = (section.kind, section.words.get(1)) else {
            continue;
        };
        let mentioned = mentions.get(&*name.bytes);
        if mentioned.is_none_or(|mention| *mention == Mention::Section(index)) {
            let message = format!("backend '{}' is never used", name.text());
            diags.push(
                Diagnostic::lint(UNUSED_BACKEND, message)
                    .at(name.span, "no other section names it")
                    .help("add a 'use_backend' or 'default_backend' line, or remove the section"),
            );
        }
    }
}

/// A format names backends when a request comes, and a filter's own file can name them.
fn may_name_any(words: &[Word]) -> bool {
    match words {
        [keyword, target, ..] if *keyword == "use_backend" => target.bytes.contains(&b'%'),
        [keyword, ..] => *keyword == "filter",
        [] => false,
    }
}

/// Where a name is mentioned.
#[derive(PartialEq, Eq)]
enum Mention {
    /// In this section only.
    Section(usize),
    Several,
}

fn mentions<'a>(look: &Look<'a>) -> HashMap<&'a [u8], Mention> {
    let mut found = HashMap::new();
    for (index, section) in look.document.sections.iter().enumerate() {
        let words = section.statements.iter().flat_map(|s| &s.words);
        for token in words.flat_map(|word| tokens(&word.bytes)) {
            let mention = found.entry(token).or_insert(Mention::Section(index));
            if *mention != Mention::Section(index) {
                *mention = Mention::Several;
            }
        }
    }
    found
}
