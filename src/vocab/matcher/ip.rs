//! `ip`: the value is in a network.

use super::{Keyword, Matcher, Method};
use crate::vocab::arguments::mask4;
use crate::vocab::pattern::{BadPattern, Pattern};
use crate::vocab::sample::{Sample, Type, embedded_v4};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "ip",
    method: Method::Ip,
    takes: Some(Type::Addr),
    doc: "The address is one of those given, or in one of the networks \"addr/bits\" or \
          \"addr/mask\". IPv4 patterns match IPv6 addresses that carry an IPv4 one.",
    examples: &[
        ("10.1.2.3", &["10.0.0.0/8"], true),
        ("11.1.2.3", &["10.0.0.0/8", "12.0.0.0/8"], false),
        ("127.0.0.1", &["127.0.0.1/8", "::1"], true),
        ("::1", &["127.0.0.1/8", "::1"], true),
        ("10.0.0.12", &["10.12"], true),
        ("192.168.0.1", &["192.168.1/22"], true),
        ("10.1.0.5", &["10.0.0.5/255.0.255.255"], true),
        ("::ffff:10.1.2.3", &["10.0.0.0/8"], true),
        ("2002:a01:203::", &["10.0.0.0/8"], true),
        ("10.1.2.3", &["::ffff:10.0.0.0/104"], true),
        ("2001:db8::1", &["2001:db8::/32"], true),
        ("10.1.2.3", &["0.0.0.0/0"], true),
    ],
    build,
};

#[derive(Debug)]
struct Networks {
    v4: Vec<MaskGroup<u32>>,
    v6: Vec<MaskGroup<u128>>,
}

/// Networks of one mask, in order, so that many of them cost one search.
#[derive(Debug)]
struct MaskGroup<N> {
    mask: N,
    networks: Vec<N>,
}

fn build(patterns: &[Pattern]) -> Result<Box<dyn Matcher>, BadPattern> {
    let mut v4: Vec<(u32, u32)> = Vec::new();
    let mut v6: Vec<(u128, u128)> = Vec::new();
    for (index, pattern) in patterns.iter().enumerate() {
        let text = String::from_utf8_lossy(&pattern.text);
        match network(&text) {
            Some(Network::V4(mask, addr)) => v4.push((mask, addr & mask)),
            Some(Network::V6(mask, addr)) => v6.push((mask, addr & mask)),
            None => return Err(bad_network(index, &text)),
        }
    }
    Ok(Box::new(Networks {
        v4: grouped(v4),
        v6: grouped(v6),
    }))
}

fn bad_network(index: usize, text: &str) -> BadPattern {
    let mut bad = BadPattern::new(
        index,
        format!("'{text}' is not a valid IPv4 or IPv6 address"),
    );
    if text.contains(|c: char| c.is_ascii_alphabetic()) && !text.contains(':') {
        bad.help = Some("host names are not looked up here: write the address".to_owned());
    }
    bad
}

fn grouped<N: Copy + Ord>(mut list: Vec<(N, N)>) -> Vec<MaskGroup<N>> {
    list.sort_unstable();
    list.dedup();
    let mut groups: Vec<MaskGroup<N>> = Vec::new();
    for (mask, network) in list {
        match groups.last_mut() {
            Some(group) if group.mask == mask => group.networks.push(network),
            _ => groups.push(MaskGroup {
                mask,
                networks: vec![network],
            }),
        }
    }
    groups
}

enum Network {
    V4(u32, u32),
    V6(u128, u128),
}

fn network(text: &str) -> Option<Network> {
    let (addr, mask) = match text.split_once('/') {
        Some((addr, mask)) => (addr, Some(mask)),
        None => (text, None),
    };
    if addr.contains(':') {
        let addr: Ipv6Addr = addr.parse().ok()?;
        let bits = match mask {
            Some(mask) => mask.parse().ok().filter(|&bits: &u32| bits <= 128)?,
            None => 128,
        };
        let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
        return Some(Network::V6(mask, addr.into()));
    }
    let mask = match mask {
        Some(mask) => mask4(mask)?,
        None => Ipv4Addr::BROADCAST,
    };
    Some(Network::V4(mask.into(), abbreviated_v4(addr)?.into()))
}

/// `10.12` is 10.0.0.12: parts left out are zeroes before the last one.
fn abbreviated_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0_u8; 4];
    let parts: Option<Vec<u8>> = text.split('.').map(|part| part.parse().ok()).collect();
    let parts = parts?;
    let (last, first) = parts.split_last()?;
    if parts.len() > 4 {
        return None;
    }
    for (octet, part) in octets.iter_mut().zip(first) {
        *octet = *part;
    }
    if let Some(octet) = octets.last_mut() {
        *octet = *last;
    }
    Some(octets.into())
}

impl Networks {
    fn has_v4(&self, addr: Ipv4Addr) -> bool {
        let addr = u32::from(addr);
        self.v4
            .iter()
            .any(|group| group.networks.binary_search(&(addr & group.mask)).is_ok())
    }

    fn has_v6(&self, addr: Ipv6Addr) -> bool {
        let addr = u128::from(addr);
        self.v6
            .iter()
            .any(|group| group.networks.binary_search(&(addr & group.mask)).is_ok())
    }
}

impl Matcher for Networks {
    fn matches(&self, value: Sample<'_>) -> bool {
        match value.addr() {
            Some(IpAddr::V4(addr)) => self.has_v4(addr) || self.has_v6(addr.to_ipv6_mapped()),
            Some(IpAddr::V6(addr)) => {
                self.has_v6(addr) || embedded_v4(addr).is_some_and(|addr| self.has_v4(addr))
            }
            None => false,
        }
    }
}
