//! How servers are checked: `http-check`, `tcp-check`, and the options that choose a kind of check.

use super::draft::CheckOption;
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
         [send-proxy] [linger], `send` bytes, `expect` [!] string <text> | rstring <regex> | binary \
         <hex> | rbinary <regex> among those received. A proxy's own lines replace those of \
         `defaults`.",
        |line, draft| {
            if line.expect(1, "an argument").is_some() {
                draft.settings.checks.add_tcp(line.words);
            }
        },
    ),
];

/// `option httpchk [<method>] [<uri> [<version> [<host>]]]`.
pub(super) fn httpchk<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    if let Some(extra) = line.text(6) {
        let message = format!("'httpchk' cannot handle unexpected argument '{extra}'");
        line.error(UNEXPECTED_ARGUMENT, 6, message);
    }
    // Old configurations hide headers in the version.
    let version = line.arg(4).map(|word| &*word.bytes).unwrap_or_default();
    if memchr::memmem::find(version, b"\r\n").is_some() {
        let place = line.place(4);
        line.diags.push(
            Diagnostic::error(
                BAD_CHOICE,
                "'option httpchk' : hiding headers or body at the end of the version string is unsupported",
            )
            .at(place, "")
            .help("write the headers with 'http-check send'"),
        );
        return;
    }
    let checks = &mut draft.settings.checks;
    checks.option = CheckOption::Http;
    checks.request = Some(line.words);
}

/// `option tcp-check`.
pub(super) fn tcp_check<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    if let Some(extra) = line.text(2) {
        let message = format!("'option tcp-check' cannot handle unexpected argument '{extra}'");
        return line.error(UNEXPECTED_ARGUMENT, 2, message);
    }
    draft.settings.checks.option = CheckOption::Tcp;
}

/// A check of a protocol, with at most `most` arguments.
pub(super) fn protocol<'d>(
    line: &mut Line<'_, 'd>,
    draft: &mut ProxyDraft<'d>,
    kind: CheckOption,
    most: usize,
) {
    if let Some(extra) = line.text(2 + most) {
        let name = line.text(1).unwrap_or_default();
        let message = format!("'option {name}' cannot handle unexpected argument '{extra}'");
        return line.error(UNEXPECTED_ARGUMENT, 2 + most, message);
    }
    draft.settings.checks.option = kind;
    draft.settings.checks.request = Some(line.words);
}

/// `option mysql-check [user <name> [<version>]]`.
pub(super) fn mysql<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
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
                "'option mysql-check' only supports optional values: 'user' (got '{other}')."
            );
            return line.error_near(BAD_CHOICE, 2, message, ["user"]);
        }
    }
    protocol(line, draft, CheckOption::Mysql, 3);
}

/// `option pgsql-check user <name>`.
pub(super) fn pgsql<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    if line.arg(2).is_none_or(|word| *word != *"user") || line.arg(3).is_none() {
        let message = "'option pgsql-check' expects 'user <username>' as argument.";
        return line.error(MISSING_ARGUMENT, 2, message);
    }
    protocol(line, draft, CheckOption::Pgsql, 2);
}
