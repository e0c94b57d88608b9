//! The words of proxy sections that do not work, by reason.

use crate::vocab::keyword::{Family, Sections, Status};

/// The words.
pub(super) const FAMILIES: &[Family] = &[
    family(
        Status::NoEffect,
        "server connections are pooled per worker, not per client",
        &[("max-session-srv-conns", 0)],
    ),
    family(Status::NotYet, "health checks", &[("email-alert", 0)]),
    family(Status::NotYet, "persistence", &[("persist", 0)]),
    family(
        Status::NotYet,
        "balancing and choosing servers",
        &[("transparent", 0)],
    ),
    family(Status::NotYet, "QUIC", &[("quic-initial", 0)]),
    family(
        Status::NotYet,
        "filters and FastCGI",
        &[("filter-sequence", 0), ("use-fcgi-app", 0)],
    ),
    family(Status::NotYet, "TLS", &[("ssl-f-use", 0)]),
    family(
        Status::Removed,
        "write it after a 'source' keyword, on the same line",
        &[("usesrc", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-request return status 200 if { src <network> }' instead",
        &[("monitor-net", 0)],
    ),
    family(
        Status::Removed,
        "write 'timeout client', 'timeout server' or 'timeout connect' instead",
        &[("clitimeout", 0), ("srvtimeout", 0), ("contimeout", 0)],
    ),
    family(
        Status::Removed,
        "write 'option redispatch' instead",
        &[("redisp", 0), ("redispatch", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-request deny' instead",
        &[("block", 0), ("reqdeny", 0), ("reqideny", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-request replace-path', 'replace-uri' or 'replace-header' instead",
        &[("cliexp", 0), ("reqrep", 0), ("reqirep", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-request del-header' instead",
        &[("reqdel", 0), ("reqidel", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-request allow' instead",
        &[
            ("reqallow", 0),
            ("reqiallow", 0),
            ("reqpass", 0),
            ("reqipass", 0),
        ],
    ),
    family(
        Status::Removed,
        "write 'http-request tarpit' instead",
        &[("reqtarpit", 0), ("reqitarpit", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-request add-header' instead",
        &[("reqadd", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-response replace-header' instead",
        &[("srvexp", 0), ("rsprep", 0), ("rspirep", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-response del-header' instead",
        &[("rspdel", 0), ("rspidel", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-response deny' instead",
        &[("rspdeny", 0), ("rspideny", 0)],
    ),
    family(
        Status::Removed,
        "write 'http-response add-header' instead",
        &[("rspadd", 0)],
    ),
    family(
        Status::Removed,
        "remove it",
        &[("appsession", 0), ("bind-process", 0), ("grace", 0)],
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
