//! TG0817: clients of a port other than 80 and 443 send it in `Host`, so that the bare name never
//! equals it.

use super::host_case::{is_host, tests};
use super::model::Proxy;
use super::{HOST_PORT, Look};
use crate::syntax::{Diagnostic, Diagnostics};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        let Some(port) = unusual_port(proxy) else {
            continue;
        };
        for test in tests(proxy) {
            let strips = ["host_only", "field", "regsub", "map_dom", "word"];
            let has_port = test.patterns.iter().any(|p| p.bytes.contains(&b':'));
            if is_host(&test)
                && matches!(test.method, None | Some("str" | "end"))
                && !test.sample.fetch.name.ends_with("_beg")
                && !has_port
                && !strips.iter().any(|name| test.sample.converts(name))
                && let Some(name) = test.patterns.first()
            {
                let name = name.text();
                let message = format!(
                    "clients that connect to port {port} send 'Host: …:{port}', which '{name}' does not match"
                );
                let help = format!("compare without the port: req.hdr(host),host_only -i {name}");
                diags.push(
                    Diagnostic::lint(HOST_PORT, message)
                        .at(test.sample.word.span, "this is the name with the port")
                        .help(help),
                );
            }
        }
    }
}

/// The port of the only `bind` line if clients write it.
fn unusual_port(proxy: &Proxy<'_>) -> Option<u16> {
    let mut ports = proxy.lines("bind").map(|line| {
        let address = line.words.get(1).map_or("", super::sample::text);
        address.rsplit_once(':')?.1.parse::<u16>().ok()
    });
    let first = ports.next()??;
    let all = ports.all(|port| port.is_some_and(|port| ![80, 443].contains(&port)));
    // Behind a PROXY header the port is another's.
    let proxied = proxy
        .lines("bind")
        .any(|line| line.words.iter().any(|word| *word == "accept-proxy"));
    (all && !proxied && ![80, 443].contains(&first)).then_some(first)
}
