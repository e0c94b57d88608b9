//! Which program this is, and which version of HAProxy it is compatible with.

/// Our own version.
pub const TIDEGATE: &str = env!("CARGO_PKG_VERSION");
/// The version of HAProxy whose language and commands these are.
pub const HAPROXY: &str = "3.4.0";
/// Its branch.
pub const HAPROXY_BRANCH: &str = "3.4";
/// When it was released.
pub const HAPROXY_DATE: &str = "2026/06/03";

/// What `feature()` finds, sorted: names after a `+` in `-vv`'s feature list.
pub(crate) const PRESENT: &[&str] = &[
    "ACCEPT4",
    "EPOLL",
    "GETADDRINFO",
    "LINUX_SPLICE",
    "LINUX_TPROXY",
    "PROMEX",
    "TFO",
    "THREAD",
    "TPROXY",
];

/// Names after a `-`, sorted. A name in neither list is absent too.
const ABSENT: &[&str] = &[
    "51DEGREES",
    "ACME",
    "CPU_AFFINITY",
    "CRYPT_H",
    "DEVICEATLAS",
    "ENGINE",
    "EVPORTS",
    "HAVE_TCP_MD5SIG",
    "KQUEUE",
    "KTLS",
    "LINUX_CAP",
    "LUA",
    "NS",
    "OPENSSL",
    "OPENSSL_AWSLC",
    "OPENSSL_WOLFSSL",
    "OT",
    "PCRE",
    "PCRE2",
    "POLL",
    "PRCTL",
    "QUIC",
    "QUIC_OPENSSL_COMPAT",
    "SHM_OPEN",
    "SLZ",
    "SSL",
    "TRACE",
    "WURFL",
    "ZLIB",
];

/// Every feature with its sign, sorted, as in `-vv`'s list.
pub(crate) fn features() -> String {
    let present = PRESENT.iter().map(|name| (*name, '+'));
    let absent = ABSENT.iter().map(|name| (*name, '-'));
    let mut all: Vec<_> = present.chain(absent).collect();
    all.sort_unstable();
    let signed: Vec<_> = (all.into_iter())
        .map(|(name, sign)| format!("{sign}{name}"))
        .collect();
    signed.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_sorted_and_unique() {
        for list in [PRESENT, ABSENT] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert!(PRESENT.iter().all(|name| !ABSENT.contains(name)));
    }
}
