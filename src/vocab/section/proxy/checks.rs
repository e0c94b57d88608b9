//! How servers are checked: `http-check`, `tcp-check`, and the options that choose a kind of check.

use super::draft::{CheckOption, Checks};
use super::{Build, ProxyDraft, word};
use crate::syntax::Diagnostic;
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT, UNEXPECTED_ARGUMENT};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "http-check",
        "{connect | send | expect | comment | set-var(<name>) | set-var-fmt(<name>) | unset-var(<name>) | disable-on-404 | send-state} [<argument>...]",
        Sections::BACK,
        "A step of the checks of 'option httpchk': `connect` to somewhere else, `send` a request \
         [meth <method>] [uri <uri> | uri-lf <fmt>] [ver <version>] [hdr <name> <fmt>]... [body \
         <string> | body-lf <fmt>], `expect` [!] status <codes> | rstatus <regex> | hdr name [-m \
         <how>] <name> [value [-m <how>] <value>] | string <text> | rstring <regex>. \
         `disable-on-404` lets a 404 keep new clients away from a server that is up; \
         `send-state` tells servers how they stand. A proxy's own lines replace those of \
         `defaults`.",
        |line, draft| {
            if line.expect(1, "an argument").is_some() {
                draft.settings.checks.add_http(line.words);
            }
        },
    ),
    word(
        "tcp-check",
        "{connect | send | send-lf | send-binary | send-binary-lf | expect | comment | set-var(<name>) | set-var-fmt(<name>) | unset-var(<name>)} [<argument>...]",
        Sections::BACK,
        "A step of the checks of 'option tcp-check': `connect` [port <port>] [addr <address>] \
         [send-proxy] [via-socks4] [linger], `send` bytes, `expect` [!] string <text> | rstring <regex> | binary \
         <hex> | rbinary <regex> among those received. A proxy's own lines replace those of \
         `defaults`.",
        |line, draft| {
            if line.expect(1, "an argument").is_some() {
                draft.settings.checks.add_tcp(line.words);
            }
        },
    ),
    word(
        "external-check",
        "{command <program> | path <directories>}",
        Sections::BACK,
        "What 'option external-check' runs, and the PATH it gets. The program's arguments are the \
         address and port of the proxy, then those of the server; names, ids and more are in \
         variables `HAPROXY_PROXY_*` and `HAPROXY_SERVER_*`. It passes by ending with 0.",
        external_check,
    ),
];

/// Chooses a kind of check, by an `option` or by the `type` of a `healthcheck` section; its
/// arguments begin at word 2.
pub type Choose = for<'d> fn(&mut Line<'_, 'd>, &mut Checks<'d>);

/// What `type` of a `healthcheck` section may name.
pub const TYPES: [(&str, Choose); 9] = [
    ("tcp-check", tcp_check),
    ("httpchk", httpchk),
    ("ssl-hello-chk", ssl_hello),
    ("smtpchk", smtp),
    ("pgsql-check", pgsql),
    ("redis-check", redis),
    ("mysql-check", mysql),
    ("ldap-check", ldap),
    ("spop-check", spop),
];

/// `httpchk [<method>] [<uri> [<version> [<host>]]]`.
pub(super) fn httpchk<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    if let Some(extra) = line.text(6) {
        let message = format!("'option httpchk' cannot handle unexpected argument '{extra}'");
        line.error(UNEXPECTED_ARGUMENT, 6, message);
    }
    checks.option = CheckOption::Http;
    // Old configurations hide headers in the version.
    let version = line.arg(4).map(|word| &*word.bytes).unwrap_or_default();
    if memchr::memmem::find(version, b"\r\n").is_some() {
        let place = line.place(4);
        let message = format!(
            "{} : hiding headers or body at the end of the version string is unsupported",
            phrase(line)
        );
        line.diags.push(
            Diagnostic::error(BAD_CHOICE, message)
                .at(place, "")
                .help("write the headers with 'http-check send'"),
        );
        return;
    }
    checks.request = Some(line.words);
}

/// `tcp-check`.
pub(super) fn tcp_check<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    protocol(line, checks, CheckOption::Tcp, 0);
}

/// `ldap-check`.
pub(super) fn ldap<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    protocol(line, checks, CheckOption::Ldap, 0);
}

/// `redis-check`.
pub(super) fn redis<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    protocol(line, checks, CheckOption::Redis, 0);
}

/// `smtpchk [{HELO | EHLO} <domain>]`.
pub(super) fn smtp<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    protocol(line, checks, CheckOption::Smtp, 2);
}

/// `spop-check`.
pub(super) fn spop<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    protocol(line, checks, CheckOption::Spop, 0);
}

/// `ssl-hello-chk`.
pub(super) fn ssl_hello<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    protocol(line, checks, CheckOption::SslHello, 0);
}

/// `external-check`.
pub(super) fn external<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    protocol(line, checks, CheckOption::External, 0);
}

/// A check with at most `most` arguments.
fn protocol<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>, kind: CheckOption, most: usize) {
    if let Some(extra) = line.text(2 + most) {
        let message = format!(
            "{} cannot handle unexpected argument '{extra}'",
            phrase(line)
        );
        return line.error(UNEXPECTED_ARGUMENT, 2 + most, message);
    }
    checks.option = kind;
    checks.request = Some(line.words);
}

/// `'option redis-check'`, or `'type redis-check'`.
fn phrase(line: &Line<'_, '_>) -> String {
    let kind = line.text(1).unwrap_or_default();
    format!("'{} {kind}'", line.name())
}

/// `mysql-check [user <name> [<version>]]`.
pub(super) fn mysql<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    const VERSIONS: [&str; 3] = ["post-41", "pre-41", "post-80"];
    match (
        line.text(2).as_deref(),
        line.arg(3),
        line.text(4).as_deref(),
    ) {
        (None, ..) => {}
        (Some("user"), None, _) => {
            let message = "'option mysql-check user' expects <username> as argument.";
            return line.error(MISSING_ARGUMENT, 2, message);
        }
        (Some("user"), Some(_), Some(version)) if !VERSIONS.contains(&version) => {
            let message = format!(
                "keyword 'user' only supports 'post-41', 'pre-41' and 'post-80' (got '{version}')."
            );
            return line.error_near(BAD_CHOICE, 4, message, VERSIONS);
        }
        (Some("user"), ..) => {}
        (Some(other), ..) => {
            let message = format!(
                "{} only supports optional values: 'user' (got '{other}').",
                phrase(line)
            );
            return line.error_near(BAD_CHOICE, 2, message, ["user"]);
        }
    }
    protocol(line, checks, CheckOption::Mysql, 3);
}

/// `pgsql-check user <name>`.
pub(super) fn pgsql<'d>(line: &mut Line<'_, 'd>, checks: &mut Checks<'d>) {
    if line.arg(2).is_none_or(|word| *word != *"user") || line.arg(3).is_none() {
        let message = format!("{} expects 'user <username>' as argument.", phrase(line));
        return line.error(MISSING_ARGUMENT, 2, message);
    }
    protocol(line, checks, CheckOption::Pgsql, 2);
}

/// `external-check {command <program> | path <directories>}`.
fn external_check<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let what = line.text(1).unwrap_or_default().into_owned();
    let external = &mut draft.settings.checks.external;
    let place = match &*what {
        "command" => &mut external.command,
        "path" => &mut external.path,
        _ => {
            let message = "'external-check' only supports 'command' and 'path'";
            return line.error_near(BAD_CHOICE, 1, message, ["command", "path"]);
        }
    };
    match line.arg(2) {
        Some(word) if !word.bytes.is_empty() => *place = Some(word),
        _ => {
            let message = format!("missing argument after '{what}'");
            return line.error(MISSING_ARGUMENT, 1, message);
        }
    }
    if let Some(extra) = line.text(3) {
        let message =
            format!("'external-check {what}' cannot handle unexpected argument '{extra}'");
        line.error(UNEXPECTED_ARGUMENT, 3, message);
    }
}
