//! TG0804: bytes as a key of a `string` table: they end at their first zero.

use super::{BINARY_KEY, Look};
use crate::syntax::{Diagnostic, Diagnostics};
use crate::table::KeyType;
use crate::vocab::sample::Type;
use crate::vocab::{converter, fetch};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for rule in &proxy.tracks {
            let Some(table) = look.model.table_of(rule.table, proxy) else {
                continue;
            };
            let last = rule.key.converters.last();
            let gives = match last {
                Some(call) => converter::find(call.name.as_bytes()).map(|word| word.gives),
                None => fetch::find(rule.key.fetch.name.as_bytes()).map(|word| word.yields),
            };
            if gives == Some(Type::Bin) && matches!(table.spec.key, KeyType::String(_)) {
                diags.push(
                    Diagnostic::lint(
                        BINARY_KEY,
                        "a binary value is kept in a string key up to its first zero byte only",
                    )
                    .at(rule.key.word.span, "gives bytes")
                    .at(super::table_place(table), "the table")
                    .help("append ',hex', or give the table 'type binary len <n>'"),
                );
            }
        }
    }
}
