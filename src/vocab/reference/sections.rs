//! Sections, and the words of sections other than `global` and proxies.

use super::{Class, Row, Words, not_yet, row};
use crate::vocab::keyword::Status;

/// Words that work.
#[rustfmt::skip]
pub(super) const WORKING: &[Row] = &[
    row(Class::Section, "global", "", "What concerns the process. May come several times."),
    row(Class::Section, "defaults", "[<name>] [from <defaults>]", "Settings that the proxies below inherit: those without `from` use the last one, others the one they name."),
    row(Class::Section, "frontend", "<name> [from <defaults>]", "Listens for clients and chooses a backend."),
    row(Class::Section, "backend", "<name> [from <defaults>]", "A group of servers and how they are used."),
    row(Class::Section, "listen", "<name> [from <defaults>]", "A frontend and a backend in one."),
    row(Class::Section, "peers", "<name>", "Processes that share stick tables, and tables of its own. Speaks HAProxy's peers protocol, without TLS."),
    row(Class::Section, "userlist", "<name>", "Users and groups for HTTP authentication."),
    row(Class::Section, "http-errors", "<name>", "Error pages that proxies share."),
    row(Class::Section, "cache", "<name>", "Keeps responses in memory, for `http-request cache-use` and `http-response cache-store`."),
    row(Class::Section, "healthcheck", "<name>", "A way to check servers, for those that name it: `healthcheck <name>` on a `server` line."),
    row(Class::Section, "log-profile", "<name>", "What lines for the targets of some `log` lines say, by the step they are about."),
    row(Class::Section, "ring", "<name>", "Keeps the last log lines in memory for `show events`, and sends them to servers over connections; `log ring@<name>` writes to it."),
    row(Class::Section, "log-forward", "<name>", "Receives log messages by UDP and TCP and sends them on to the targets of its `log` lines."),
    row(Class::LogProfile, "log-tag", "<text>", "Program name in syslog headers, instead of the proxy's."),
    row(Class::LogProfile, "on accept", "[drop] [format <format>] [sd <format>]", "What lines about a new stream say; `drop` sends none. The steps of `do-log` have lines too: `on tcp-req-conn`, `on http-req`…"),
    row(Class::LogProfile, "on request", "[drop] [format <format>] [sd <format>]", "What lines about a request say."),
    row(Class::LogProfile, "on connect", "[drop] [format <format>] [sd <format>]", "What lines about a connection to a server say."),
    row(Class::LogProfile, "on response", "[drop] [format <format>] [sd <format>]", "What lines about a response say."),
    row(Class::LogProfile, "on close", "[drop] [format <format>] [sd <format>]", "What lines about a finished stream say."),
    row(Class::LogProfile, "on error", "[drop] [format <format>] [sd <format>]", "What lines about errors before there was a request say."),
    row(Class::LogProfile, "on any", "[drop] [format <format>] [sd <format>]", "What lines say that no other `on` is about."),
    row(Class::HttpErrors, "errorfile", "<status> <path>", "The answer for a status, read from a file at load."),
    row(Class::Stats, "socket", "<address> [<option>...]", "Listens for administration commands; takes the options of `bind`, and `level`."),
    row(Class::Stats, "timeout", "<time>", "How long an administration connection may stay silent. Default 10s."),
    row(Class::Stats, "maxconn", "<number>", "Most administration connections at once. Default 10."),
];

/// Words that do not.
#[rustfmt::skip]
pub(super) const OTHERS: &[Words] = &[
    not_yet(Class::Section, "TLS", &[
        "acme", "crt-store",
    ]),
    not_yet(Class::Section, "FastCGI", &[
        "fcgi-app",
    ]),
    not_yet(Class::Section, "mail, which HAProxy leaves to a Lua script", &[
        "mailers",
    ]),
    not_yet(Class::Section, "network namespaces", &[
        "namespace_list",
    ]),
    not_yet(Class::Section, "DNS resolution at run time", &[
        "resolvers",
    ]),
    not_yet(Class::Section, "traces", &[
        "traces",
    ]),
    Words { class: Class::Section, status: Status::Removed, why: "let the service manager run other programs", words: &[
        "program",
    ] },
    Words { class: Class::Stats, status: Status::NoEffect, why: "maxima cost nothing, they are always kept", words: &[
        "calculate-max-counters",
    ] },
    Words { class: Class::Stats, status: Status::Removed, why: "write 'thread' on the socket's line instead", words: &[
        "bind-process",
    ] },
    not_yet(Class::Acme, "the ACME client", &[
        "account-key", "acme-vars", "bits", "challenge", "challenge-ready", "contact", "curves",
        "directory", "dns-delay", "dns-timeout", "eab-key-id", "eab-mac-alg", "eab-mac-key",
        "keytype", "map", "profile", "provider-name", "reuse-key",
    ]),
    not_yet(Class::CrtList, "TLS", &[
        "allow-0rtt", "alpn", "ca-file", "ca-verify-file", "ciphers", "ciphersuites",
        "client-sigalgs", "crl-file", "curves", "ecdhe", "ktls", "no-alpn", "no-ca-names", "npn",
        "sigalgs", "ssl-max-ver", "ssl-min-ver", "verify",
    ]),
    not_yet(Class::CrtStore, "TLS", &[
        "crt-base", "key-base", "load",
    ]),
    not_yet(Class::CrtLoad, "TLS", &[
        "acme", "alias", "bits", "crt", "curves", "domains", "generate-dummy", "ips", "issuer",
        "jwt", "key", "keytype", "ocsp", "ocsp-update", "sctl",
    ]),
    not_yet(Class::FcgiApp, "FastCGI", &[
        "acl", "docroot", "hide-header", "index", "log-stderr", "option get-values",
        "option keep-conn", "option max-reqs", "option mpxs-conns", "pass-header", "path-info",
        "set-param", "unset-param",
    ]),
    not_yet(Class::Mailers, "mail, which HAProxy leaves to a Lua script", &[
        "mailer", "timeout mail",
    ]),
    not_yet(Class::NamespaceList, "network namespaces", &[
        "namespace",
    ]),
    Words { class: Class::Program, status: Status::Removed, why: "let the service manager run other programs", words: &[
        "command", "group", "option start-on-reload", "user",
    ] },
    not_yet(Class::Resolvers, "DNS resolution at run time", &[
        "accepted_payload_size", "hold nx", "hold obsolete", "hold other", "hold refused",
        "hold timeout", "hold valid", "nameserver", "parse-resolv-conf", "resolution_pool_size",
        "resolve_retries", "timeout resolve", "timeout retry",
    ]),
    not_yet(Class::Traces, "traces", &[
        "trace",
    ]),
];
