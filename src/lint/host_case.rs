//! TG0816: host names are not case-sensitive, comparisons without `-i` are.

use super::condition::{self, Test};
use super::{HOST_CASE, Look};
use crate::syntax::{Diagnostic, Diagnostics};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for test in tests(proxy) {
            let folds = ["lower", "upper"]
                .iter()
                .any(|name| test.sample.converts(name));
            let texts = matches!(
                test.method,
                None | Some("str" | "beg" | "end" | "dom" | "sub")
            );
            let letters = test
                .patterns
                .iter()
                .any(|pattern| pattern.bytes.iter().any(u8::is_ascii_alphabetic));
            if is_host(&test) && texts && letters && !test.ignore_case && !folds {
                diags.push(
                    Diagnostic::lint(
                        HOST_CASE,
                        "a host name is compared with its case: 'Example.com' is another than 'example.com'",
                    )
                    .at(test.sample.word.span, "")
                    .help("add '-i' before the names"),
                );
            }
        }
    }
}

/// Every test of a proxy, of ACL lines and of blocks.
pub(super) fn tests<'a>(proxy: &super::model::Proxy<'a>) -> Vec<Test<'a>> {
    let mut found: Vec<Test<'a>> = proxy
        .lines("acl")
        .filter_map(|line| condition::test(line.words.get(2..)?))
        .collect();
    for statement in proxy.statements() {
        let conditions = condition::of_statement(&statement.words, proxy);
        let terms = conditions
            .into_iter()
            .flat_map(|c| c.alternatives)
            .flatten();
        let blocks = terms.filter(|term| term.word.bytes.ends_with(b"{"));
        found.extend(blocks.flat_map(|term| term.tests));
    }
    found
}

/// Whether a test is about the `Host` header.
pub(super) fn is_host(test: &Test<'_>) -> bool {
    let fetch = &test.sample.fetch;
    let stem = fetch.name.strip_prefix("req.").unwrap_or(fetch.name);
    let is_header = ["hdr", "fhdr"]
        .iter()
        .any(|name| stem == *name || stem.strip_prefix(name).is_some_and(|s| s.starts_with('_')));
    let counts = ["cnt", "ip", "val", "names", "len", "reg"]
        .iter()
        .any(|suffix| stem.ends_with(suffix));
    is_header
        && !counts
        && fetch
            .arg(0)
            .is_some_and(|name| name.eq_ignore_ascii_case("host"))
}
