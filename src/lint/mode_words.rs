//! TG0819: words about HTTP in a TCP proxy, where there is no request to look at, and words about
//! raw bytes in an HTTP proxy.

use super::{Look, WRONG_MODE, host_case};
use crate::syntax::{Diagnostic, Diagnostics, SectionKind};
use crate::vocab::fetch::{self, Needs};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        if proxy.section.kind == SectionKind::Defaults {
            continue;
        }
        for test in host_case::tests(proxy) {
            let name = test.sample.fetch.name;
            let (message, help) = match proxy.http {
                false if is_http(name) => (
                    format!("'{name}' never has a value in TCP mode"),
                    "add 'mode http' to the section or to its 'defaults'",
                ),
                true if is_raw(name) => (
                    format!("'{name}' never has a value in HTTP mode"),
                    "the bytes of a connection are looked at in 'mode tcp'",
                ),
                _ => continue,
            };
            diags.push(
                Diagnostic::lint(WRONG_MODE, message)
                    .at(test.sample.word.span, "")
                    .help(help),
            );
        }
    }
}

fn is_http(name: &str) -> bool {
    let keyword = fetch::find(name.as_bytes())
        .or_else(|| fetch::find_acl_word(name.as_bytes()).map(|(keyword, _)| keyword));
    keyword.is_some_and(|keyword| {
        matches!(
            keyword.needs,
            Needs::RequestHead | Needs::ResponseHead | Needs::Request | Needs::Response
        )
    })
}

fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "req.payload"
            | "req.payload_lv"
            | "req.ssl_hello_type"
            | "req_ssl_hello_type"
            | "req.ssl_sni"
            | "req_ssl_sni"
            | "req.ssl_alpn"
            | "res.payload"
            | "res.payload_lv"
            | "res.ssl_hello_type"
    )
}
