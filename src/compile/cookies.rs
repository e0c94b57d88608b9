//! The cookies of servers: those of `cookie … dynamic`, and what TCP mode makes of any.

use super::config::{Backend, Mode, Server};
use super::findings::NEEDS_HTTP;
use crate::net::ServerAddr;
use crate::syntax::{Diagnostic, Diagnostics};
use crate::vocab::codes::DUPLICATE_COOKIE;
use crate::vocab::section::proxy::ProxyDraft;
use std::net::{IpAddr, SocketAddr};
use twox_hash::XxHash64;

/// Gives servers without a cookie one if the proxy's is `dynamic`.
pub(super) fn fill(draft: &ProxyDraft<'_>, servers: &mut [Server], diags: &mut Diagnostics) {
    let (kind, name) = (draft.kind.noun(), &draft.name);
    if draft.settings.mode == Mode::Tcp {
        for server in servers.iter().filter(|server| server.cookie.is_some()) {
            let server = &server.name;
            let message = format!(
                "{kind} '{name}' : ignoring cookie for server '{server}' as HTTP mode is disabled"
            );
            diags.push(Diagnostic::warning(NEEDS_HTTP, message).at(draft.opening, ""));
        }
        return;
    }
    let dynamic = draft.settings.cookie.as_ref().is_some_and(|c| c.dynamic);
    let Some(key) = draft.settings.dynamic_cookie_key.filter(|_| dynamic) else {
        return;
    };
    for at in 0..servers.len() {
        let Some(server) = servers.get_mut(at) else {
            break;
        };
        let (None, Some(ServerAddr::Tcp(addr))) = (&server.cookie, &server.addr) else {
            continue;
        };
        let made = value(&key.bytes, *addr);
        server.cookie = Some(made.clone());
        let checked = !server.disabled;
        let same = |(other, server): (usize, &Server)| {
            other != at && !server.disabled && server.cookie.as_ref() == Some(&made)
        };
        if checked && servers.iter().enumerate().any(same) {
            let message = format!(
                "two servers of '{name}' get the same dynamic cookie: please change the secret key"
            );
            let place = draft
                .servers
                .get(at)
                .map_or(draft.opening, |s| s.place_span);
            diags.push(Diagnostic::warning(DUPLICATE_COOKIE, message).at(place, ""));
        }
    }
}

/// Gives a server that is added a cookie if the backend's are `dynamic`.
pub(super) fn of_newcomer(backend: &Backend, server: &mut Server) {
    let key = backend.newcomers.cookie_key.as_deref();
    if let (None, Some(key), Some(ServerAddr::Tcp(addr))) = (&server.cookie, key, &server.addr) {
        server.cookie = Some(value(key, *addr));
    }
}

/// The hash of key, address and port that HAProxy makes too.
fn value(key: &[u8], addr: SocketAddr) -> Box<[u8]> {
    let mut text = key.to_vec();
    match addr.ip() {
        IpAddr::V4(ip) => text.extend(ip.octets()),
        IpAddr::V6(ip) => text.extend(ip.octets()),
    }
    text.extend(u32::from(addr.port()).to_be_bytes());
    let hash = XxHash64::oneshot(0, &text);
    format!("{hash:016x}").into_bytes().into()
}
