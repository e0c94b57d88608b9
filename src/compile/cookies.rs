//! The cookies of servers: those of `cookie … dynamic`, and what TCP mode makes of any.

use super::config::{Mode, Server};
use super::findings::NEEDS_HTTP;
use crate::backend::DynamicCookies;
use crate::syntax::{Diagnostic, Diagnostics};
use crate::vocab::codes::DUPLICATE_COOKIE;
use crate::vocab::section::proxy::ProxyDraft;

/// Gives servers without a cookie one if the proxy's is `dynamic`.
pub(super) fn fill(
    draft: &ProxyDraft<'_>,
    servers: &[Server],
    diags: &mut Diagnostics,
) -> DynamicCookies {
    let (kind, name) = (draft.kind.noun(), &draft.name);
    if draft.settings.mode == Mode::Tcp {
        for server in servers.iter().filter(|server| server.cookie.is_given()) {
            let server = &server.name;
            let message = format!(
                "{kind} '{name}' : ignoring cookie for server '{server}' as HTTP mode is disabled"
            );
            diags.push(Diagnostic::warning(NEEDS_HTTP, message).at(draft.opening, ""));
        }
    }
    let on = draft.settings.cookie.as_ref().is_some_and(|c| c.dynamic);
    let key = draft.settings.dynamic_cookie_key;
    let dynamic = DynamicCookies::new(on, key.map(|key| key.bytes.clone()));
    if draft.settings.mode == Mode::Tcp {
        return dynamic;
    }
    for (at, server) in servers.iter().enumerate() {
        dynamic.give(&server.cookie, server.addr.as_ref());
        let same = |(other, another): (usize, &Server)| {
            other != at && !another.disabled && another.cookie.value() == server.cookie.value()
        };
        let is_made = !server.cookie.is_given() && server.cookie.value().is_some();
        if is_made && !server.disabled && servers.iter().enumerate().any(same) {
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
    dynamic
}
