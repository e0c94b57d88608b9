//! TG0820: one entry for many keys: each new one throws the last out.

use super::{Look, NARROW_TABLE};
use crate::syntax::{Diagnostic, Diagnostics};

/// Fetches that differ from client to client or from request to request.
const VARIED: &[&str] = &[
    "base",
    "base32",
    "base32+src",
    "cook",
    "hdr",
    "hdr_ip",
    "path",
    "req.cook",
    "req.fhdr",
    "req.hdr",
    "req.hdr_ip",
    "src",
    "unique-id",
    "url",
    "url32",
    "url32+src",
    "url_param",
    "urlp",
];

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for rule in &proxy.tracks {
            let Some(table) = look.model.table_of(rule.table, proxy) else {
                continue;
            };
            if table.spec.size == 1 && VARIED.contains(&rule.key.fetch.name) {
                diags.push(
                    Diagnostic::lint(
                        NARROW_TABLE,
                        "the table holds one entry, and every new key takes the place of the last",
                    )
                    .at(rule.key.word.span, "many keys")
                    .at(super::table_place(table), "one entry")
                    .help("give the table a size for all clients of its 'expire', such as 'size 100k'"),
                );
            }
        }
    }
}
