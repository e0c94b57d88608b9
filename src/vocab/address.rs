//! Addresses: `[family@]host:port`, UNIX paths, abstract names, inherited descriptors.
//!
//! One reader for `bind`, `server`, `source`, `log` and `stats socket`; each says what it accepts
//! (manual section 11). Reading opens nothing and resolves no name; [`Target::ip`] does.

use super::host::Host;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address has a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortRule {
    /// It must not.
    Refused,
    /// It may.
    Optional,
    /// It must.
    Mandatory,
}

/// What a place in the configuration takes.
#[derive(Clone, Copy, Debug)]
pub struct Accepts {
    /// Whether it has a port.
    pub port: PortRule,
    /// `low-high`.
    pub range: bool,
    /// `+n` and `-n`.
    pub offset: bool,
    /// `fd@`.
    pub fd: bool,
    /// Connections.
    pub stream: bool,
    /// Datagrams.
    pub datagram: bool,
}

/// The address family a prefix asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `ipv4@`.
    V4,
    /// `ipv6@`.
    V6,
}

/// The host part of an internet address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `*` or nothing: every local address.
    Any(Option<Family>),
    /// Written in numbers.
    Ip(IpAddr),
    /// To be looked up.
    Name(String, Option<Family>),
}

/// The port part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// None written.
    None,
    /// From the first to the last, often the same.
    Range(u16, u16),
    /// Relative to another port.
    Offset(i32),
}

/// An address as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// IPv4, IPv6 or a name.
    Inet(Target, Ports),
    /// A UNIX socket path.
    Unix(Vec<u8>),
    /// A name in Linux's abstract namespace, without the leading NUL.
    Abstract(Vec<u8>),
    /// An inherited descriptor.
    Fd(i32),
    /// A kind that HAProxy has and Tidegate does not have yet.
    NotYet(&'static str),
}

/// Longest UNIX path: room is left for the suffix of a temporary name.
const UNIX_PATH_MAX: usize = 97;
/// Longest abstract name.
const ABSTRACT_MAX: usize = 107;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inet(Option<Family>),
    Unix,
    Abstract,
    Fd,
    NotYet(&'static str),
}

/// Prefixes: text, kind, and whether it makes the socket a stream or a datagram one.
const PREFIXES: &[(&str, Kind, Option<bool>)] = &[
    ("unix@", Kind::Unix, None),
    ("uxdg@", Kind::Unix, Some(false)),
    ("uxst@", Kind::Unix, Some(true)),
    ("abns@", Kind::Abstract, None),
    ("abnsz@", Kind::NotYet("abnsz@"), None),
    ("ip@", Kind::Inet(None), None),
    ("ipv4@", Kind::Inet(Some(Family::V4)), None),
    ("ipv6@", Kind::Inet(Some(Family::V6)), None),
    ("tcp@", Kind::Inet(None), Some(true)),
    ("tcp4@", Kind::Inet(Some(Family::V4)), Some(true)),
    ("tcp6@", Kind::Inet(Some(Family::V6)), Some(true)),
    ("udp@", Kind::Inet(None), Some(false)),
    ("udp4@", Kind::Inet(Some(Family::V4)), Some(false)),
    ("udp6@", Kind::Inet(Some(Family::V6)), Some(false)),
    ("mptcp@", Kind::NotYet("mptcp@"), None),
    ("mptcp4@", Kind::NotYet("mptcp4@"), None),
    ("mptcp6@", Kind::NotYet("mptcp6@"), None),
    ("quic4@", Kind::NotYet("quic4@"), None),
    ("quic6@", Kind::NotYet("quic6@"), None),
    ("fd@", Kind::Fd, None),
    ("sockpair@", Kind::NotYet("sockpair@"), None),
    ("rhttp@", Kind::NotYet("rhttp@"), None),
    ("ring@", Kind::NotYet("ring@"), None),
    ("backend@", Kind::NotYet("backend@"), None),
];

/// Reads an address. The error says what is wrong, in HAProxy's words.
pub fn parse(written: &str, accepts: Accepts, host: &dyn Host) -> Result<Address, String> {
    parse_typed(written, accepts, host).map(|(address, _)| address)
}

/// Reads an address where both types of sockets may stand, and whether it asks for connections
/// (`Some(true)`) or datagrams (`Some(false)`).
pub fn parse_typed(
    written: &str,
    accepts: Accepts,
    host: &dyn Host,
) -> Result<(Address, Option<bool>), String> {
    // Addresses are expanded even without quotes.
    let text = host.environment().expand_address(written.as_bytes());
    let text = String::from_utf8_lossy(&text);
    if text.is_empty() {
        return Err(format!(
            "'{written}' resolves to an empty address (environment variable missing?)"
        ));
    }
    let (text, transport) = match text.split_once('+') {
        Some(("stream", rest)) => (rest, Some(true)),
        Some(("dgram", rest)) => (rest, Some(false)),
        Some(("quic", _)) => return Ok((Address::NotYet("quic+"), None)),
        _ => (&*text, None),
    };
    let prefix = PREFIXES
        .iter()
        .find_map(|&(prefix, kind, stream)| Some((text.strip_prefix(prefix)?, kind, stream)));
    let (rest, kind, stream) = match prefix {
        Some(found) => found,
        None if text.starts_with('/') => (text, Kind::Unix, None),
        None => (text, Kind::Inet(None), None),
    };
    let asked = stream.or(transport);
    match asked.unwrap_or(accepts.stream) {
        true if !accepts.stream => {
            return Err(format!("stream-type address not acceptable in '{written}'"));
        }
        false if !accepts.datagram => {
            return Err(format!("dgram-type address not acceptable in '{written}'"));
        }
        _ => {}
    }
    let address = match kind {
        Kind::NotYet(what) => Ok(Address::NotYet(what)),
        Kind::Fd if !accepts.fd => Err(format!(
            "a file descriptor is not acceptable here in '{written}'"
        )),
        Kind::Fd => rest
            .parse()
            .ok()
            .filter(|fd| *fd >= 0)
            .map(Address::Fd)
            .ok_or_else(|| {
                format!("file descriptor '{rest}' is not a valid integer in '{written}'")
            }),
        Kind::Unix => path(rest, written, UNIX_PATH_MAX).map(Address::Unix),
        Kind::Abstract => path(rest, written, ABSTRACT_MAX).map(Address::Abstract),
        Kind::Inet(family) => inet(rest, family, written, accepts),
    };
    Ok((address?, asked))
}

impl Target {
    /// The address to use: the first of the wanted family for a name.
    pub fn ip(&self, host: &dyn Host) -> Result<IpAddr, String> {
        match self {
            Self::Any(Some(Family::V6)) => Ok(Ipv6Addr::UNSPECIFIED.into()),
            Self::Any(_) => Ok(Ipv4Addr::UNSPECIFIED.into()),
            Self::Ip(ip) => Ok(*ip),
            Self::Name(name, family) => host
                .resolve(name)
                .map_err(|error| error.to_string())?
                .into_iter()
                .find(|ip| family.is_none_or(|family| family.has(ip)))
                .ok_or_else(|| "no address of this family".into()),
        }
    }
}

impl Family {
    fn has(self, ip: &IpAddr) -> bool {
        ip.is_ipv6() == (self == Self::V6)
    }
}

fn path(text: &str, written: &str, max: usize) -> Result<Vec<u8>, String> {
    match text.len() <= max {
        true => Ok(text.as_bytes().to_vec()),
        false => Err(format!("socket path '{written}' too long (max {max})")),
    }
}

fn inet(
    text: &str,
    family: Option<Family>,
    written: &str,
    accepts: Accepts,
) -> Result<Address, String> {
    // The last colon starts the port unless a bracket closes after it. A leading colon is a
    // port too: the host is then empty.
    let colon = text
        .rfind([':', ']'])
        .filter(|&at| text.as_bytes().get(at) == Some(&b':'));
    let (name, port) = match colon {
        Some(_) if accepts.port == PortRule::Refused => {
            return Err(format!(
                "port specification not permitted here in '{written}'"
            ));
        }
        Some(at) => (
            text.get(..at).unwrap_or(""),
            text.get(at + 1..).unwrap_or(""),
        ),
        None => (text, ""),
    };
    if port.is_empty() && accepts.port == PortRule::Mandatory {
        return Err(format!("missing port specification in '{written}'"));
    }
    Ok(Address::Inet(
        target(name, family, written)?,
        ports(port, written, accepts)?,
    ))
}

fn target(name: &str, family: Option<Family>, written: &str) -> Result<Target, String> {
    let bare = name
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(name);
    if bare.is_empty() || bare == "*" {
        return Ok(Target::Any(family));
    }
    match bare.parse::<IpAddr>() {
        Ok(ip) if family.is_none_or(|family| family.has(&ip)) => Ok(Target::Ip(ip)),
        Ok(_) => Err(format!("invalid address: '{name}' in '{written}'")),
        Err(_) if bare.contains(':') => Err(format!("invalid address: '{name}' in '{written}'")),
        Err(_) => Ok(Target::Name(bare.to_owned(), family)),
    }
}

fn ports(text: &str, written: &str, accepts: Accepts) -> Result<Ports, String> {
    match text.bytes().next() {
        None => Ok(Ports::None),
        Some(b'0'..=b'9') => {
            let (low, high) = match text.split_once('-') {
                Some(_) if !accepts.range => {
                    return Err(format!("port range not permitted here in '{written}'"));
                }
                Some((low, high)) => (port(low, written, accepts)?, port(high, written, accepts)?),
                None => (port(text, written, accepts)?, port(text, written, accepts)?),
            };
            match low <= high {
                true => Ok(Ports::Range(low, high)),
                false => Err(format!("invalid port range '{low}-{high}'")),
            }
        }
        Some(b'+' | b'-') if !accepts.offset => {
            Err(format!("port offset not permitted here in '{written}'"))
        }
        Some(sign @ (b'+' | b'-')) => {
            let digits = text.get(1..).unwrap_or("");
            let number = port_number(digits, written)?.min(65_535) as i32;
            Ok(Ports::Offset(match sign {
                b'-' => -number,
                _ => number,
            }))
        }
        Some(_) => Err(bad_port(text, written)),
    }
}

fn port(text: &str, written: &str, accepts: Accepts) -> Result<u16, String> {
    let lowest = u32::from(accepts.port == PortRule::Mandatory);
    let number = port_number(text, written)?;
    u16::try_from(number)
        .ok()
        .filter(|_| number >= lowest)
        .ok_or_else(|| format!("invalid port '{text}'"))
}

fn port_number(text: &str, written: &str) -> Result<u32, String> {
    match text.bytes().all(|b| b.is_ascii_digit()) {
        true if text.is_empty() => Ok(0),
        true => Ok(text.parse().unwrap_or(u32::MAX)),
        false => Err(bad_port(text, written)),
    }
}

fn bad_port(text: &str, written: &str) -> String {
    let bad = text.chars().find(|c| !c.is_ascii_digit()).unwrap_or(' ');
    format!("invalid character '{bad}' in port number '{text}' in '{written}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::host::fake::Fake;

    const BIND: Accepts = Accepts {
        port: PortRule::Mandatory,
        range: true,
        offset: false,
        fd: true,
        stream: true,
        datagram: false,
    };
    const SERVER: Accepts = Accepts {
        port: PortRule::Optional,
        range: false,
        offset: true,
        fd: false,
        stream: true,
        datagram: false,
    };

    fn show(text: &str, accepts: Accepts) -> String {
        match parse(text, accepts, &Fake::default()) {
            Ok(Address::Inet(target, ports)) => {
                let target = match target {
                    Target::Any(family) => format!("any{family:?}").replace("Some", ""),
                    Target::Ip(ip) => ip.to_string(),
                    Target::Name(name, _) => format!("name {name}"),
                };
                let ports = match ports {
                    Ports::None => String::from("-"),
                    Ports::Range(low, high) => format!("{low}-{high}"),
                    Ports::Offset(by) => format!("{by:+}"),
                };
                format!("{target} {ports}")
            }
            Ok(other) => format!("{other:?}"),
            Err(message) => message,
        }
    }

    #[test]
    fn bind_addresses() {
        let check = |text, expected: &str| assert_eq!(show(text, BIND), expected, "{text}");
        check("127.0.0.1:80", "127.0.0.1 80-80");
        check(":80", "anyNone 80-80");
        check("*:8080-8090", "anyNone 8080-8090");
        check("ipv6@:80", "any(V6) 80-80");
        check("ipv6@[::1]:80", "::1 80-80");
        check("[::1]:80", "::1 80-80");
        check(":::80", ":: 80-80");
        check("localhost:1", "name localhost 1-1");
        check("tcp4@1.2.3.4:5", "1.2.3.4 5-5");
        check("stream+1.2.3.4:5", "1.2.3.4 5-5");
        check("/run/x", "Unix([47, 114, 117, 110, 47, 120])");
        check("unix@a", "Unix([97])");
        check("abns@a", "Abstract([97])");
        check("fd@3", "Fd(3)");
        check("fd@${fd}", "Fd(7)");
        check("fd@$fd", "Fd(7)");
        check("stream+fd@3", "Fd(3)");
        check("sockpair@3", "NotYet(\"sockpair@\")");
        check("quic4@:443", "NotYet(\"quic4@\")");
        check("1.2.3.4", "missing port specification in '1.2.3.4'");
        check("1.2.3.4:", "missing port specification in '1.2.3.4:'");
        check("1.2.3.4:0", "invalid port '0'");
        check("1.2.3.4:65536", "invalid port '65536'");
        check("1.2.3.4:100-90", "invalid port range '100-90'");
        check(
            "1.2.3.4:+5",
            "port offset not permitted here in '1.2.3.4:+5'",
        );
        check(
            "1.2.3.4:8x",
            "invalid character 'x' in port number '8x' in '1.2.3.4:8x'",
        );
        check(
            "a:PORT",
            "invalid character 'P' in port number 'PORT' in 'a:PORT'",
        );
        check(
            "udp@1.2.3.4:5",
            "dgram-type address not acceptable in 'udp@1.2.3.4:5'",
        );
        check(
            "fd@x",
            "file descriptor 'x' is not a valid integer in 'fd@x'",
        );
        check(
            "ipv6@1.2.3.4:5",
            "invalid address: '1.2.3.4' in 'ipv6@1.2.3.4:5'",
        );
        check(
            "${none}",
            "'${none}' resolves to an empty address (environment variable missing?)",
        );
    }

    #[test]
    fn server_addresses() {
        let check = |text, expected: &str| assert_eq!(show(text, SERVER), expected, "{text}");
        check("1.2.3.4", "1.2.3.4 -");
        check("1.2.3.4:", "1.2.3.4 -");
        check("1.2.3.4:+10", "1.2.3.4 +10");
        check("1.2.3.4:-10", "1.2.3.4 -10");
        check("1.2.3.4:80", "1.2.3.4 80-80");
        check("1.2.3.4:0", "1.2.3.4 0-0");
        check("app", "name app -");
        check(
            "1.2.3.4:80-81",
            "port range not permitted here in '1.2.3.4:80-81'",
        );
        check("fd@3", "a file descriptor is not acceptable here in 'fd@3'");
    }

    #[test]
    fn a_name_gives_an_address_of_the_wanted_family() {
        let check = |target: Target, expected: Option<&str>| {
            let ip = target.ip(&Fake::default()).ok().map(|ip| ip.to_string());
            assert_eq!(ip.as_deref(), expected, "{target:?}");
        };
        check(Target::Name("localhost".into(), None), Some("::1"));
        check(
            Target::Name("localhost".into(), Some(Family::V4)),
            Some("127.0.0.1"),
        );
        check(Target::Name("six".into(), Some(Family::V4)), None);
        check(Target::Name("nowhere".into(), None), None);
        check(Target::Any(Some(Family::V6)), Some("::"));
        check(Target::Any(None), Some("0.0.0.0"));
    }
}
