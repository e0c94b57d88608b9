//! TG0828: an address with an environment variable that is not set. The rest of the address may
//! well be one, which nobody meant: `server s "${HOST}:80"` is then `:80`.

use super::{Look, UNSET_VARIABLE};
use crate::syntax::{Diagnostic, Diagnostics, Word};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    let statements = look.document.sections.iter().flat_map(|s| &s.statements);
    for word in statements.filter_map(|statement| address(&statement.words)) {
        let environment = look.host.environment();
        let Some(name) = environment.missing_in(look.sources.slice(word.span)) else {
            continue;
        };
        let left = environment.expand_address(&word.bytes);
        let left = String::from_utf8_lossy(&left);
        let message = format!("'{name}' is not set, so that this address is '{left}'");
        diags.push(
            Diagnostic::lint(UNSET_VARIABLE, message)
                .at(word.span, "")
                .help(format!(
                    "set it, or give a default as in \"${{{name}-value}}\""
                )),
        );
    }
}

/// The word of a statement that is an address.
fn address(words: &[Word]) -> Option<&Word> {
    let (first, rest) = words.split_first()?;
    let at = match &*first.bytes {
        b"bind" | b"source" | b"log" | b"dispatch" => 0,
        b"server" | b"peer" | b"stats" => 1,
        b"server-template" => 2,
        _ => return None,
    };
    rest.get(at)
}
