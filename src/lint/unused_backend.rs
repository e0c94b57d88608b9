//! TG0802: a backend that no other section names.

use super::{UNUSED_BACKEND, View, tokens};
use crate::compile::config::SwitchTarget;
use crate::syntax::{Diagnostic, Diagnostics, SectionKind};
use std::collections::HashMap;

/// Silent where a name is made from the request. Any mention elsewhere counts, since tables and
/// fetches name backends too.
pub(super) fn lint(view: &View<'_>, diags: &mut Diagnostics) {
    let mut rules = view.config.frontends.iter().flat_map(|f| &f.switching);
    if rules.any(|rule| matches!(rule.target, SwitchTarget::Format(_))) {
        return;
    }
    let mentions = mentions(view);
    for (index, section) in view.document.sections.iter().enumerate() {
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

/// Where a name is mentioned.
#[derive(PartialEq, Eq)]
enum Mention {
    /// In this section only.
    Section(usize),
    Several,
}

fn mentions<'a>(view: &View<'a>) -> HashMap<&'a [u8], Mention> {
    let mut found = HashMap::new();
    for (index, section) in view.document.sections.iter().enumerate() {
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
