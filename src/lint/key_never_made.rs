//! TG0803: a sample that is not of the kind of thing a table's keys are.

use super::{KEY_NEVER_MADE, Look};
use crate::syntax::{Diagnostic, Diagnostics};
use crate::table::KeyType;

/// Fetches whose values are names or paths, never addresses or numbers.
const TEXTS: &[&str] = &[
    "base",
    "be_name",
    "fe_name",
    "hostname",
    "method",
    "path",
    "pathq",
    "query",
    "so_name",
    "srv_name",
    "unique-id",
    "url",
    "uuid",
];

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        let listens_on_v6 = proxy.lines("bind").any(|bind| {
            let address = bind.words.get(1);
            address.is_some_and(|word| word.bytes.starts_with(b":::") || word.bytes.contains(&b'['))
        });
        for rule in &proxy.tracks {
            let Some(table) = look.model.table_of(rule.table, proxy) else {
                continue;
            };
            let plain = rule.key.converters.is_empty();
            let is_text = plain && TEXTS.contains(&rule.key.fetch.name);
            let fetch = rule.key.fetch.name;
            let (message, help) = match table.spec.key {
                KeyType::Ip | KeyType::Ipv6 | KeyType::Integer if is_text => (
                    format!(
                        "'{fetch}' is never a key of type {}, so that nothing is tracked",
                        table.spec.key.name()
                    ),
                    "give the table 'type string', or track what its type can hold",
                ),
                KeyType::Ip if plain && fetch == "src" && listens_on_v6 => (
                    "clients that come over IPv6 have no key of type ip and are not tracked"
                        .to_owned(),
                    "give the table 'type ipv6': it keeps IPv4 addresses too",
                ),
                _ => continue,
            };
            diags.push(
                Diagnostic::lint(KEY_NEVER_MADE, message)
                    .at(rule.key.word.span, "")
                    .at(super::table_place(table), "the table")
                    .help(help),
            );
        }
    }
}
