//! Why words do not work: fetches, converters and actions by what their names begin with, and
//! words that are read and checked but not applied.

use super::Class;

/// Words of sections and lines whose value nothing uses.
const NOT_APPLIED: &[(Class, &str, &str)] = &[
    (
        Class::Bind,
        "thread",
        "each worker has its own listener on every address",
    ),
    (Class::Bind, "defer-accept", NO_WRAPPER),
    (Class::Bind, "tfo", NO_WRAPPER),
];

const NO_WRAPPER: &str = "the socket option is not set; connections are accepted all the same";

/// Why a word that is read has no effect.
pub fn not_applied(class: Class, name: &str) -> Option<&'static str> {
    let same = |(other, word, _): &&(Class, &str, &str)| (*other, *word) == (class, name);
    NOT_APPLIED.iter().find(same).map(|(_, _, why)| *why)
}

/// The reason for a name.
pub(super) type Why = fn(&str) -> &'static str;

const FETCHES: &[(&str, &str)] = &[
    ("ssl_", "TLS"),
    (
        "internal.",
        "HAProxy's own message format, which does not exist here",
    ),
    ("spoe.", "SPOE"),
    ("fcgi.", "FastCGI"),
    ("51d.", "device detection modules"),
    ("da-", "device detection modules"),
    ("wurfl", "device detection modules"),
    ("quic_", "QUIC"),
    ("fs.", "HTTP/2 and QUIC streams"),
    ("bs.", "HTTP/2 and QUIC streams"),
    ("res.comp", "compression"),
    ("res.cache", "the cache"),
    ("cpu_", "HAProxy's profiling"),
    ("lat_", "HAProxy's profiling"),
];

const CONVERTERS: &[(&str, &str)] = &[
    ("map", "maps"),
    ("51d.", "device detection modules"),
    ("da-", "device detection modules"),
    ("jwt_verify", "checking the signature of JSON web tokens"),
    ("x509", "TLS"),
];

const ACTIONS: &[(&str, &str)] = &[
    ("cache", "the cache"),
    ("send-spoe", "SPOE"),
    ("use-service", "services such as the Prometheus exporter"),
    ("do-resolve", "DNS resolution at run time"),
    ("lua", "Lua"),
];

/// Why a fetch does not work.
pub(super) fn fetch(name: &str) -> &'static str {
    let of_tables = |name: &str| !name.starts_with("scook");
    find(FETCHES, name, "more of the sample language", of_tables)
}

/// Why a converter does not work.
pub(super) fn converter(name: &str) -> &'static str {
    find(CONVERTERS, name, "more of the sample language", |_| true)
}

/// Why an action does not work.
pub(super) fn action(name: &str) -> &'static str {
    find(ACTIONS, name, "more of the rule language", |_| true)
}

fn find(
    table: &[(&'static str, &'static str)],
    name: &str,
    otherwise: &'static str,
    counts: impl Fn(&str) -> bool,
) -> &'static str {
    let found = table
        .iter()
        .find(|(start, _)| counts(name) && name.starts_with(start));
    found.map_or(otherwise, |(_, why)| why)
}
