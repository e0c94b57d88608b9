//! Actions of every rule set, conditions, balancing, stick tables, filters: what has no registry
//! of its own.

use super::{Class, KeywordInfo, Row, Words, action_works, not_working, not_yet, row, why};
use crate::vocab::known;

/// The rule sets: class, keyword, the names HAProxy has.
const SETS: &[(Class, &[&str])] = &[
    (Class::HttpRequest, known::HTTP_REQUEST),
    (Class::HttpResponse, known::HTTP_RESPONSE),
    (Class::HttpAfterResponse, known::HTTP_AFTER_RESPONSE),
    (Class::TcpRequestConnection, known::TCP_REQUEST_CONNECTION),
    (Class::TcpRequestSession, known::TCP_REQUEST_SESSION),
    (Class::TcpRequestContent, known::TCP_REQUEST_CONTENT),
    (Class::TcpResponseContent, known::TCP_RESPONSE_CONTENT),
];

/// Steps of checks and of QUIC handshakes, none of which works yet.
const LATER: &[(Class, &[&str], fn(&str) -> &'static str)] = &[
    (Class::QuicInitial, known::QUIC_INITIAL, |_| "QUIC"),
    (Class::HttpCheck, known::HTTP_CHECK, |_| "health checks"),
    (Class::TcpCheck, known::TCP_CHECK, |_| "health checks"),
];

/// The actions of every rule set.
pub(super) fn actions() -> impl Iterator<Item = KeywordInfo> {
    let known = SETS.iter().flat_map(|&(class, names)| {
        let set = class.prefix();
        let working = names.iter().filter_map(move |name| {
            let keyword = action_works(set, name)?;
            let args = keyword.usage.strip_prefix(name).unwrap_or(keyword.usage);
            Some(KeywordInfo::working(
                class,
                name,
                args.trim_start(),
                keyword.doc,
            ))
        });
        let found = move |name: &str| action_works(set, name).is_some();
        working.chain(not_working(class, names, found, why::action))
    });
    let later = LATER
        .iter()
        .flat_map(|&(class, names, why)| not_working(class, names, |_| false, why));
    known.chain(later)
}

/// Words that work.
#[rustfmt::skip]
pub(super) const WORKING: &[Row] = &[
    row(Class::AclFlag, "-f", "<file>", "Reads patterns from a file, one per line."),
    row(Class::AclFlag, "-i", "", "Ignores the case of letters."),
    row(Class::AclFlag, "-m", "<method>", "Compares with the method named next."),
    row(Class::AclFlag, "--", "", "Ends the flags: what follows is a pattern even if it starts with `-`."),
];

/// Words that do not.
#[rustfmt::skip]
pub(super) const OTHERS: &[Words] = &[
    not_yet(Class::AclFlag, "pattern files that can be named, shared and changed at run time", &[
        "-M", "-n", "-u",
    ]),
    not_yet(Class::HashType, "hash balancing", &[
        "avalanche", "consistent", "crc32", "djb2", "map-based", "none", "sdbm", "wt6",
    ]),
    not_yet(Class::RetryOn, "retries of requests that were sent", &[
        "0rtt-rejected", "401", "403", "404", "408", "421", "425", "429", "500", "501", "502",
        "503", "504", "all-retryable-errors", "conn-failure", "empty-response",
        "junk-response", "none", "response-timeout",
    ]),
    not_yet(Class::ProxyStats, "the statistics page", &[
        "admin", "auth", "enable", "hide-version", "http-request", "realm", "refresh", "scope",
        "show-desc", "show-legends", "show-modules", "show-node", "show-version", "uri",
    ]),
    not_yet(Class::TableType, "stick tables", &[
        "binary", "integer", "ip", "ipv6", "string",
    ]),
    not_yet(Class::TableOption, "stick tables", &[
        "brates-factor", "expire", "len", "nopurge", "peers", "recv-only", "size", "srvkey",
        "store", "type", "write-to",
    ]),
    not_yet(Class::TableData, "stick tables", &[
        "bytes_in_cnt", "bytes_in_rate", "bytes_out_cnt", "bytes_out_rate", "conn_cnt", "conn_cur",
        "conn_rate", "glitch_cnt", "glitch_rate", "gpc", "gpc0", "gpc0_rate", "gpc1", "gpc1_rate",
        "gpc_rate", "gpt", "gpt0", "http_err_cnt", "http_err_rate", "http_fail_cnt",
        "http_fail_rate", "http_req_cnt", "http_req_rate", "server_id", "server_key", "sess_cnt",
        "sess_rate",
    ]),
    not_yet(Class::Filter, "filters", &[
        "bwlim-in", "bwlim-out", "cache", "comp-req", "comp-res", "compression", "fcgi-app",
        "opentracing", "otel", "spoe", "trace",
    ]),
    not_yet(Class::Service, "services", &[
        "prometheus-exporter",
    ]),
];
