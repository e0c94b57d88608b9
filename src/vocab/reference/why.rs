//! Why a fetch, a converter or an action does not work yet, by what its name begins with.

const FETCHES: &[(&str, &str)] = &[
    ("ssl_", "TLS"),
    ("sc", "stick tables"),
    ("src_", "stick tables"),
    ("table_", "stick tables"),
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
    ("table_", "stick tables"),
    ("in_table", "stick tables"),
    ("map", "maps"),
    ("51d.", "device detection modules"),
    ("da-", "device detection modules"),
    ("jwt_decrypt", "JSON web tokens that are encrypted"),
    ("jwt_verify", "checking the signature of JSON web tokens"),
    ("x509", "TLS"),
];

const ACTIONS: &[(&str, &str)] = &[
    ("track-sc", "stick tables"),
    ("sc-", "stick tables"),
    ("cache", "the cache"),
    ("send-spoe", "SPOE"),
    ("set-bandwidth", "bandwidth limits"),
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
