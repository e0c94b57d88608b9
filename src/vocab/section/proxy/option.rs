//! `option`: switches are one row each; the few with arguments have a function.

use super::draft::Switch;
use super::logging::set_format;
use super::{Build, LogFormat, ProxyDraft, allowed, option_forwarded, option_forwardfor, word};
use crate::settings::{ConnectionMode, HeaderNames};
use crate::syntax::Diagnostic;
use crate::vocab::codes::{
    BAD_CHOICE, MISSING_ARGUMENT, NEGATION, REMOVED, UNEXPECTED_ARGUMENT, UNKNOWN_OPTION,
};
use crate::vocab::keyword::{Entry, Family, Keyword, Sections, Status, Vocabulary};
use crate::vocab::line::{Line, Sense};
use crate::vocab::reference::{Class, not_applied};
use crate::vocab::section::report_family;

/// The word.
pub(super) const WORD: &[Keyword<Build>] = &[word(
    "option",
    "<name> [<argument>...]",
    Sections::PROXIES,
    "Turns an option on, or off with 'no'.",
    build,
)];

/// What an option does.
#[derive(Debug)]
pub enum Meaning {
    /// On, off or unset.
    Switch(Switch),
    /// Keep-alive handling: the last one written wins.
    Connection(ConnectionMode),
    /// Has arguments.
    Other(Build),
}

/// The options.
pub static VOCABULARY: Vocabulary<Meaning> = Vocabulary::new(&[OPTIONS], FAMILIES);

const OPTIONS: &[Keyword<Meaning>] = &[
    switch(
        "abortonclose",
        Sections::PROXIES,
        "Gives up on a request whose client closed before it was answered, also while it waits in \
         a queue, so that servers do no work for nobody. On by default in HTTP.",
        Switch::AbortOnClose,
    ),
    switch(
        "accept-invalid-http-request",
        Sections::FRONT,
        "The older name of `accept-unsafe-violations-in-http-request`.",
        Switch::AcceptUnsafeRequests,
    ),
    switch(
        "accept-unsafe-violations-in-http-request",
        Sections::FRONT,
        "Accepts requests whose target has `#` or bytes beyond ASCII, or names another host than `Host`. \
         Everything else that is unsafe stays refused.",
        Switch::AcceptUnsafeRequests,
    ),
    switch(
        "allbackups",
        Sections::BACK,
        "When only backup servers are left, all of them share the load, not just the first.",
        Switch::AllBackups,
    ),
    switch(
        "checkcache",
        Sections::BACK,
        "Refuses responses that set a cookie and that caches may keep, with 502: others would get the \
         cookie.",
        Switch::CheckCache,
    ),
    switch(
        "clitcpka",
        Sections::FRONT,
        "The kernel probes clients that are silent, and breaks the connection of those that are gone.",
        Switch::ClientKeepAlive,
    ),
    switch(
        "dontlog-normal",
        Sections::FRONT,
        "Logs only what went wrong: errors, timeouts, retries, redispatches and 5xx statuses.",
        Switch::DontLogNormal,
    ),
    switch(
        "dontlognull",
        Sections::FRONT,
        "Does not log connections on which no data came, such as a monitor's probes.",
        Switch::DontLogNull,
    ),
    switch(
        "http-buffer-request",
        Sections::PROXIES,
        "Waits for the whole body, or a full buffer, before rules run, so that they can read it \
         and a slow client holds no server.",
        Switch::BufferRequest,
    ),
    switch(
        "http-pretend-keepalive",
        Sections::BACK,
        "Does not tell servers that their connection is closed after the response, for those that would \
         then send it without its length.",
        Switch::PretendKeepAlive,
    ),
    switch(
        "http-ignore-probes",
        Sections::FRONT,
        "Does not answer or log connections that close before a request, such as those browsers \
         open ahead of need.",
        Switch::IgnoreProbes,
    ),
    switch(
        "idle-close-on-response",
        Sections::FRONT,
        "While the process stops, idle connections stay open for one more request, whose response ends \
         them: clients never see a close they did not expect.",
        Switch::IdleCloseOnResponse,
    ),
    switch(
        "log-health-checks",
        Sections::BACK,
        "Logs every check that says something new about a server.",
        Switch::LogHealthChecks,
    ),
    switch(
        "log-separate-errors",
        Sections::FRONT,
        "Logs errors at level `err` instead of `info`, so that syslog can put them elsewhere.",
        Switch::LogSeparateErrors,
    ),
    switch(
        "logasap",
        Sections::FRONT,
        "Logs when the response starts, or in TCP mode the server is there, without waiting for \
         the end; totals so far have a `+` before them.",
        Switch::LogAsap,
    ),
    switch(
        "nolinger",
        Sections::PROXIES,
        "Connections are reset rather than closed: nothing of them stays in the kernel, and what was not \
         yet sent is lost.",
        Switch::NoLinger,
    ),
    switch(
        "persist",
        Sections::BACK,
        "Clients whose `cookie` names a server that is down go to it all the same, until a retry \
         with `option redispatch` takes them elsewhere.",
        Switch::Persist,
    ),
    switch(
        "prefer-last-server",
        Sections::BACK,
        "A client that has a connection of its own to a server gets that server again, if it can be used.",
        Switch::PreferLastServer,
    ),
    switch(
        "socket-stats",
        Sections::FRONT,
        "Each `bind` line has counters of its own in the statistics.",
        Switch::SocketStats,
    ),
    switch(
        "splice-auto",
        Sections::PROXIES,
        "Data of both directions may move between the sockets within the kernel where that is \
         worth it.",
        Switch::SpliceAuto,
    ),
    switch(
        "splice-request",
        Sections::PROXIES,
        "Data from clients to servers may move within the kernel.",
        Switch::SpliceRequest,
    ),
    switch(
        "splice-response",
        Sections::PROXIES,
        "Data from servers to clients may move within the kernel.",
        Switch::SpliceResponse,
    ),
    switch(
        "srvtcpka",
        Sections::BACK,
        "The kernel probes servers that are silent, and breaks the connection to those that are gone.",
        Switch::ServerKeepAlive,
    ),
    connection(
        "http-keep-alive",
        "Keeps connections on both sides open for further requests. This is the default.",
        ConnectionMode::KeepAlive,
    ),
    connection(
        "http-server-close",
        "Closes the server's connection after each response and keeps the client's.",
        ConnectionMode::ServerClose,
    ),
    connection(
        "httpclose",
        "Closes the connections on both sides after each response.",
        ConnectionMode::Close,
    ),
    other(
        "forwarded",
        "[proto] [host | host-expr <expr>] [by | by-expr <expr>] [by_port | by_port-expr <expr>] \
         [for | for-expr <expr>] [for_port | for_port-expr <expr>]",
        Sections::BACK,
        "Adds the header of RFC 7239 to requests: the protocol, host, own address and client's \
         address of the connection, or what expressions make instead; `proto for` if nothing is \
         said. A `Forwarded` header that is valid is extended.",
        option_forwarded::build,
    ),
    other(
        "forwardfor",
        "[except <network>] [header <name>] [if-none]",
        Sections::PROXIES,
        "Adds a header with the client's address to requests, after any of the same name: \
         `X-Forwarded-For`, or <name>. Not for clients in <network>, and with `if-none` not if \
         the request has one.",
        option_forwardfor::build,
    ),
    other(
        "originalto",
        "[except <network>] [header <name>]",
        Sections::PROXIES,
        "Adds the address the client connected to in a header.",
        option_forwardfor::build_originalto,
    ),
    other(
        "http-restrict-req-hdr-names",
        "{preserve | delete | reject}",
        Sections::PROXIES,
        "Says what becomes of request headers with unusual characters in their names.",
        header_names,
    ),
    other(
        "tcpka",
        "",
        Sections::PROXIES,
        "`option clitcpka` and `option srvtcpka`, as far as the proxy has these sides.",
        |line, draft| {
            if no_more(line, 1) {
                for switch in [Switch::ClientKeepAlive, Switch::ServerKeepAlive] {
                    draft.settings.switches.put(switch, Some(true));
                }
            }
        },
    ),
    other(
        "httplog",
        "[clf]",
        Sections::PROXIES,
        "Logs one line for each request with its timers, status, counters and captures; see the \
         log formats. With `clf` it begins as the Common Log Format does. Needs `mode http`.",
        |line, draft| {
            log_format(line, draft, [LogFormat::Http, LogFormat::HttpClf]);
        },
    ),
    other(
        "httpchk",
        "[<method>] [<uri> [<version> [<host>]]]",
        Sections::BACK,
        "Checks servers with an HTTP request, `OPTIONS / HTTP/1.0` unless said otherwise, that must \
         be answered 2xx or 3xx; 'http-check' says more.",
        |line, draft| super::checks::httpchk(line, &mut draft.settings.checks),
    ),
    other(
        "external-check",
        "",
        Sections::BACK,
        "Checks servers by a program, see 'external-check'. Needs `external-check` and \
         `insecure-fork-wanted` in `global`.",
        |line, draft| super::checks::external(line, &mut draft.settings.checks),
    ),
    other(
        "ldap-check",
        "",
        Sections::BACK,
        "Checks LDAP servers with an anonymous bind.",
        |line, draft| super::checks::ldap(line, &mut draft.settings.checks),
    ),
    other(
        "mysql-check",
        "[user <name> [pre-41 | post-41 | post-80]]",
        Sections::BACK,
        "Checks MySQL servers by their greeting, or by a login of <name>, who needs no password.",
        |line, draft| super::checks::mysql(line, &mut draft.settings.checks),
    ),
    other(
        "pgsql-check",
        "user <name>",
        Sections::BACK,
        "Checks PostgreSQL servers by a startup message of <name>; asking for a password is an answer.",
        |line, draft| super::checks::pgsql(line, &mut draft.settings.checks),
    ),
    other(
        "redis-check",
        "",
        Sections::BACK,
        "Checks Redis servers with PING.",
        |line, draft| super::checks::redis(line, &mut draft.settings.checks),
    ),
    other(
        "smtpchk",
        "[{HELO | EHLO} <domain>]",
        Sections::BACK,
        "Checks SMTP servers: waits for the greeting and says `HELO localhost`, or this.",
        |line, draft| super::checks::smtp(line, &mut draft.settings.checks),
    ),
    other(
        "spop-check",
        "",
        Sections::BACK,
        "Checks agents of stream processing offload by their greeting.",
        |line, draft| super::checks::spop(line, &mut draft.settings.checks),
    ),
    other(
        "ssl-hello-chk",
        "",
        Sections::BACK,
        "Checks that servers answer an SSLv3 hello with something of TLS.",
        |line, draft| super::checks::ssl_hello(line, &mut draft.settings.checks),
    ),
    other(
        "redispatch",
        "[<interval>]",
        Sections::BACK,
        "A retry may go to another server: the last one, or every <interval>th; a negative \
         <interval> counts from the end. Default -1.",
        redispatch,
    ),
    other(
        "tcp-check",
        "",
        Sections::BACK,
        "Checks servers as 'tcp-check' lines say.",
        |line, draft| super::checks::tcp_check(line, &mut draft.settings.checks),
    ),
    other(
        "tcplog",
        "[clf]",
        Sections::PROXIES,
        "Logs one line for each connection with its timers, bytes and counters; see the log \
         formats. With `clf` it begins as the Common Log Format does.",
        |line, draft| {
            log_format(line, draft, [LogFormat::Tcp, LogFormat::TcpClf]);
        },
    ),
    other(
        "httpslog",
        "",
        Sections::PROXIES,
        "As `option httplog`, with what went wrong with the connection and its TLS behind it.",
        |line, draft| {
            if no_more(line, 1) {
                set_format(line, draft, LogFormat::Https, "option httpslog");
            }
        },
    ),
];

const FAMILIES: &[Family] = &[
    family(
        Status::NoEffect,
        "bytes are counted when a request ends",
        &[("contstats", 0)],
    ),
    family(
        Status::NoEffect,
        "data are always sent at once, with as few packets as possible",
        &[
            ("http-no-delay", 0),
            ("tcp-smart-accept", 0),
            ("tcp-smart-connect", 0),
        ],
    ),
    family(
        Status::NoEffect,
        "responses that break the rules of HTTP are always refused",
        &[
            ("accept-invalid-http-response", 0),
            ("accept-unsafe-violations-in-http-response", 0),
        ],
    ),
    family(
        Status::NoEffect,
        "there is no HTTP/2 yet",
        &[("disable-h2-upgrade", 0)],
    ),
    family(
        Status::NoEffect,
        "buffers are taken as needed",
        &[("use-small-buffers", 0)],
    ),
    family(
        Status::NotYet,
        "persistence and balancing",
        &[("transparent", 0)],
    ),
    family(
        Status::NotYet,
        "details of HTTP handling",
        &[
            ("h1-case-adjust-bogus-client", 0),
            ("h1-case-adjust-bogus-server", 0),
            ("http-drop-request-trailers", 0),
            ("http-drop-response-trailers", 0),
            ("http-use-proxy-header", 0),
        ],
    ),
    family(
        Status::NotYet,
        "details of connections",
        &[("independent-streams", 0)],
    ),
    family(
        Status::NotYet,
        "log forwarding",
        &[("assume-rfc6587-ntf", 0), ("dont-parse-log", 0)],
    ),
    family(
        Status::Removed,
        "remove it, or write 'option httpclose' if it is needed",
        &[("forceclose", 0)],
    ),
    family(
        Status::Removed,
        "remove it, it is not needed",
        &[("http-tunnel", 0), ("http_proxy", 0)],
    ),
];

const fn family(status: Status, why: &'static str, words: &'static [(&'static str, u8)]) -> Family {
    Family {
        status,
        why,
        sections: Sections::PROXIES,
        words,
    }
}

const fn switch(
    name: &'static str,
    sections: Sections,
    doc: &'static str,
    switch: Switch,
) -> Keyword<Meaning> {
    Keyword {
        name,
        args: "",
        sections,
        doc,
        build: Meaning::Switch(switch),
    }
}

const fn connection(
    name: &'static str,
    doc: &'static str,
    mode: ConnectionMode,
) -> Keyword<Meaning> {
    Keyword {
        name,
        args: "",
        sections: Sections::PROXIES,
        doc,
        build: Meaning::Connection(mode),
    }
}

const fn other(
    name: &'static str,
    args: &'static str,
    sections: Sections,
    doc: &'static str,
    build: Build,
) -> Keyword<Meaning> {
    Keyword {
        name,
        args,
        sections,
        doc,
        build: Meaning::Other(build),
    }
}

fn build<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let Some(name) = line.text(1) else {
        return line.error(MISSING_ARGUMENT, 0, "'option' expects an option name");
    };
    match VOCABULARY.find(&name) {
        Some(Entry::Works(word)) => apply(line, draft, word),
        // Those without effect are switches.
        Some(Entry::Other(family, _)) => {
            if family.status != Status::NoEffect || no_more(line, 1) {
                report_family(line, 1, family, &format!("'option {name}'"));
            }
        }
        None => unknown(line, &name),
    }
}

fn apply<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>, word: &Keyword<Meaning>) {
    // HAProxy refuses switches on the wrong side and only warns about 'redispatch'.
    let strict = matches!(word.build, Meaning::Switch(_));
    if !allowed(
        line,
        draft,
        word.sections,
        &format!("option {}", word.name),
        strict,
    ) {
        return;
    }
    match word.build {
        Meaning::Switch(switch) => {
            if no_more(line, 1) {
                let state = match line.sense {
                    Sense::Set => Some(true),
                    Sense::No => Some(false),
                    Sense::Default => None,
                };
                draft.settings.switches.put(switch, state);
                if let Some(why) = not_applied(Class::Option, word.name) {
                    line.no_effect(1, &format!("'option {}'", word.name), why);
                }
            }
        }
        Meaning::Connection(mode) if no_more(line, 1) => {
            let current = &mut draft.settings.connection_mode;
            match line.sense {
                Sense::Set => *current = Some(mode),
                Sense::No if *current == Some(mode) => *current = None,
                Sense::No => {}
                Sense::Default => negation(line, word.name),
            }
        }
        Meaning::Connection(_) => {}
        Meaning::Other(_)
            if line.sense != Sense::Set && !["forwarded", "redispatch"].contains(&word.name) =>
        {
            negation(line, word.name);
        }
        Meaning::Other(build) => build(line, draft),
    }
}

fn negation(line: &mut Line<'_, '_>, name: &str) {
    let message = format!("negation/default is not supported for option '{name}'");
    line.error(NEGATION, 1, message);
}

/// Whether nothing follows the word at `last`.
fn no_more(line: &mut Line<'_, '_>, last: usize) -> bool {
    let (Some(name), Some(extra)) = (line.text(1), line.text(last + 1)) else {
        return true;
    };
    let message = format!("'option {name}' cannot handle unexpected argument '{extra}'");
    line.error(UNEXPECTED_ARGUMENT, last + 1, message);
    false
}

fn header_names(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    draft.settings.header_names = match line.text(2).as_deref() {
        Some("preserve") => HeaderNames::Preserve,
        Some("delete") => HeaderNames::Delete,
        Some("reject") => HeaderNames::Reject,
        _ => {
            let message = "invalid 'http-restrict-req-hdr-names' parameter, expects 'preserve', 'delete' or 'reject'";
            return line.error_near(BAD_CHOICE, 2, message, ["preserve", "delete", "reject"]);
        }
    };
}

fn redispatch(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    draft.settings.redispatch = match (line.sense, line.arg(2)) {
        (Sense::Set, None) => Some(-1),
        (Sense::Set, Some(_)) => i32::try_from(line.lenient_integer(2))
            .ok()
            .filter(|&n| n != 0),
        (Sense::No | Sense::Default, _) => None,
    };
}

fn log_format<'d>(
    line: &mut Line<'_, 'd>,
    draft: &mut ProxyDraft<'d>,
    [usual, clf]: [LogFormat<'d>; 2],
) {
    let name = line.text(1).unwrap_or_default();
    let what = format!("option {name}");
    match line.text(2).as_deref() {
        None => set_format(line, draft, usual, &what),
        Some("clf") => set_format(line, draft, clf, &what),
        Some(_) => {
            let message = format!("keyword '{name}' only supports option 'clf'");
            line.error(BAD_CHOICE, 2, message);
        }
    }
}

fn unknown(line: &mut Line<'_, '_>, name: &str) {
    let mut found =
        Diagnostic::error(UNKNOWN_OPTION, format!("unknown option '{name}'")).at(line.place(1), "");
    if name == "http-use-htx" {
        found.code = REMOVED;
        found = found.help("remove it: it is always on since HAProxy 2.1");
    } else if let Some(near) = VOCABULARY.suggest(name) {
        found = found.help(format!("did you mean '{near}'?"));
    }
    line.diags.push(found);
}
