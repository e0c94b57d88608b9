//! `option external-check`: the program of a proxy's checks, and what it needs to be one.

use super::BAD_EXTERNAL_CHECK;
use crate::compile::config::Mode;
use crate::health::{NOT_USED, Program};
use crate::net::ListenAddr;
use crate::syntax::{Diagnostic, Diagnostics, Word};
use crate::vocab::section::global::{Environment, ExternalChecks};
use crate::vocab::section::proxy::{CheckOption, ProxyDraft};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// The program that checks a proxy's servers, their own ids left open.
pub(in crate::compile) fn program(
    draft: &ProxyDraft<'_>,
    proxy_id: u32,
    global: ExternalChecks,
    diags: &mut Diagnostics,
) -> Option<Program> {
    let external = draft.settings.checks.external;
    if draft.settings.checks.option != CheckOption::External {
        let lines = [("command", external.command), ("path", external.path)];
        for (what, word) in lines {
            if let Some(word) = word {
                let message = format!(
                    "'external-check {what}' will be ignored for {} '{}' (requires 'option external-check').",
                    draft.kind.noun(),
                    draft.name
                );
                diags.push(Diagnostic::warning(BAD_EXTERNAL_CHECK, message).at(word.span, ""));
            }
        }
        return None;
    }
    let mut missing = |what: &str, help: &str| {
        let message = format!(
            "Proxy '{}' : 'option external-check' unable to find required '{what}'.",
            draft.name
        );
        let found = Diagnostic::error(BAD_EXTERNAL_CHECK, message).at(draft.opening, "");
        diags.push(found.help(help));
    };
    if global.wanted.is_none() {
        missing(
            "global.external-check",
            "write 'external-check' in 'global'",
        );
    }
    let Some(command) = external.command else {
        missing(
            "external-check command",
            "write 'external-check command <program>'",
        );
        return None;
    };
    if !global.may_fork {
        let message = format!(
            "Proxy '{}' : 'insecure-fork-wanted' not enabled in the global section, 'option external-check' will likely fail.",
            draft.name
        );
        let found = Diagnostic::warning(BAD_EXTERNAL_CHECK, message).at(draft.opening, "");
        diags.push(found.help("write 'insecure-fork-wanted' in 'global'"));
    }
    if !command.bytes.starts_with(b"/") && external.path.is_none() {
        let message = format!(
            "Proxy '{}': 'external-check command' does not have a leading '/' and 'external-check path' is not set.",
            draft.name
        );
        diags.push(Diagnostic::error(BAD_EXTERNAL_CHECK, message).at(command.span, ""));
    }
    let text = |word: &Word| OsString::from_vec(word.bytes.to_vec());
    Some(Program {
        command: text(command),
        path: external.path.map(text).unwrap_or_default(),
        proxy_id,
        proxy_addr: draft
            .binds
            .iter()
            .flat_map(|bind| &bind.addrs)
            .find_map(shown),
        server_id: 0,
        protocol: match draft.settings.mode {
            Mode::Http => "h1",
            _ => "tcp",
        },
        keeps_env: global.wanted == Some(Environment::Kept),
        may_run: global.may_fork,
    })
}

/// An address to listen on as arguments have it, and its port.
fn shown(addr: &ListenAddr) -> Option<(String, String)> {
    match addr {
        ListenAddr::Tcp(addr) => Some((addr.ip().to_string(), addr.port().to_string())),
        ListenAddr::Unix(path) => Some((path.display().to_string(), NOT_USED.to_owned())),
        ListenAddr::Abstract(_) | ListenAddr::Fd(_) => None,
    }
}
