//! `ip`: the value is in a network.

use super::{Index, Keyword, Method};
use crate::vocab::arguments::mask4;
use crate::vocab::pattern::{BadPattern, Counts, Duplicates, EntryId, Filter, Records, Seed, Spec};
use crate::vocab::sample::{Sample, Type, embedded_v4};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::BuildHasher;
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
    build: |spec| Box::new(Networks::new(spec)),
};

/// Networks by address and length of their prefix; the longest prefix counts.
#[derive(Clone, Debug)]
struct Networks {
    /// Addresses must be written in full.
    full_addresses: bool,
    v4: Prefixes,
    v6: Prefixes,
    /// IPv4 masks that are no prefixes.
    odd: Vec<(u32, u32, EntryId)>,
}

impl Networks {
    fn new(spec: Spec) -> Self {
        Self {
            full_addresses: spec.full_addresses,
            v4: Prefixes::default(),
            v6: Prefixes::default(),
            odd: Vec::new(),
        }
    }

    fn read(&self, text: &[u8]) -> Result<Network, BadPattern> {
        let text = String::from_utf8_lossy(text);
        network(&text, self.full_addresses).ok_or_else(|| bad_network(&text))
    }

    fn find_v4(&self, addr: Ipv4Addr) -> Option<EntryId> {
        self.v4.longest(high(addr.into()))
    }

    fn find_odd(&self, addr: Ipv4Addr) -> Option<EntryId> {
        let addr = u32::from(addr);
        let mut odd = self.odd.iter();
        let found = odd.find(|(network, mask, _)| (addr ^ network) & mask == 0);
        found.map(|(_, _, id)| *id)
    }
}

/// An IPv4 address in the highest bits.
fn high(addr: u32) -> u128 {
    u128::from(addr) << 96
}

impl Index for Networks {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        match self.read(records.key(id))? {
            Network::V4(mask, addr) => match mask.leading_ones() + mask.trailing_zeros() {
                32.. => self.v4.insert(high(addr), mask.leading_ones() as usize, id),
                _ => self.odd.push((addr, mask, id)),
            },
            Network::V6(mask, addr) => self.v6.insert(addr, mask.leading_ones() as usize, id),
        }
        Ok(())
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        match self.read(records.key(id)) {
            Ok(Network::V4(mask, addr)) => {
                self.v4.remove(high(addr), mask.leading_ones() as usize, id);
                self.odd.retain(|(_, _, known)| *known != id);
            }
            Ok(Network::V6(mask, addr)) => self.v6.remove(addr, mask.leading_ones() as usize, id),
            Err(_) => {}
        }
    }

    fn find(&self, value: Sample<'_>, _: &Records) -> Option<EntryId> {
        match value.addr()? {
            IpAddr::V4(addr) => self
                .find_v4(addr)
                .or_else(|| self.v6.longest(addr.to_ipv6_mapped().into()))
                .or_else(|| self.find_odd(addr)),
            IpAddr::V6(addr) => self.v6.longest(addr.into()).or_else(|| {
                let addr = embedded_v4(addr)?;
                self.find_v4(addr).or_else(|| self.find_odd(addr))
            }),
        }
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}

/// Prefixes of 128 bits: one look-up for each length that occurs, the longest first.
#[derive(Clone, Debug)]
struct Prefixes {
    lengths: Counts,
    networks: HashMap<(u128, usize), EntryId, Seed>,
    filter: Filter,
    duplicates: Duplicates,
    /// All of them, the longest first, while they are few: comparing is quicker than hashing.
    few: Vec<(u128, usize, EntryId)>,
}

/// How many networks are compared one by one.
const FEW: usize = 8;

impl Default for Prefixes {
    fn default() -> Self {
        Self {
            lengths: Counts::default(),
            networks: HashMap::with_hasher(Seed::of_process()),
            filter: Filter::default(),
            duplicates: Duplicates::default(),
            few: Vec::new(),
        }
    }
}

fn prefix(addr: u128, bits: usize) -> (u128, usize) {
    let mask = u128::MAX.checked_shl(128 - bits as u32).unwrap_or(0);
    (addr & mask, bits)
}

impl Prefixes {
    fn insert(&mut self, addr: u128, bits: usize, id: EntryId) {
        let key = prefix(addr, bits);
        if let Some(first) = self.networks.get_mut(&key) {
            *first = self.duplicates.add(*first, id);
        } else {
            self.networks.insert(key, id);
            match self.networks.len() > self.filter.room() {
                true => self.refilter(),
                false => self.filter.add(self.hash(&key)),
            }
            self.lengths.add(bits);
        }
        self.list_few();
    }

    fn remove(&mut self, addr: u128, bits: usize, id: EntryId) {
        let key = prefix(addr, bits);
        let Some(first) = self.networks.get_mut(&key) else {
            return;
        };
        match self.duplicates.remove(*first, id) {
            Some(now_first) => *first = now_first,
            None if *first == id => {
                self.networks.remove(&key);
                if self.filter.outdated_by_one_more() {
                    self.refilter();
                }
                self.lengths.remove(bits);
            }
            None => {}
        }
        self.list_few();
    }

    fn list_few(&mut self) {
        self.few.clear();
        if self.networks.len() <= FEW {
            let all = self.networks.iter();
            self.few
                .extend(all.map(|(&(net, bits), &id)| (net, bits, id)));
            self.few.sort_unstable_by_key(|&(_, bits, _)| Reverse(bits));
        }
    }

    fn hash(&self, key: &(u128, usize)) -> u32 {
        (self.networks.hasher().hash_one(key) >> 32) as u32
    }

    fn refilter(&mut self) {
        let mut filter = Filter::with_room(2 * self.networks.len());
        for key in self.networks.keys() {
            filter.add(self.hash(key));
        }
        self.filter = filter;
    }

    fn longest(&self, addr: u128) -> Option<EntryId> {
        if self.networks.len() <= FEW {
            let mut few = self.few.iter();
            let found = few.find(|&&(net, bits, _)| prefix(addr, bits).0 == net);
            return found.map(|&(_, _, id)| id);
        }
        self.lengths.iter().rev().find_map(|bits| {
            let key = prefix(addr, bits);
            if !self.filter.may_have(self.hash(&key)) {
                return None;
            }
            self.networks.get(&key).copied()
        })
    }
}

fn bad_network(text: &str) -> BadPattern {
    let mut bad = BadPattern::new(format!("'{text}' is not a valid IPv4 or IPv6 address"));
    let is_name = text.contains(|c: char| c.is_ascii_alphabetic()) && !text.contains(':');
    let help = match is_name {
        true => {
            "host names are looked up only where a condition has them, and must have an IPv4 address; write an address"
        }
        false => {
            "write an address such as 10.0.0.1, or a network such as 10.0.0.0/8 or 2001:db8::/32"
        }
    };
    bad.help = Some(help.to_owned());
    bad
}

enum Network {
    V4(u32, u32),
    V6(u128, u128),
}

fn network(text: &str, full: bool) -> Option<Network> {
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
    let addr = match full {
        true => addr.parse().ok()?,
        false => abbreviated_v4(addr)?,
    };
    Some(Network::V4(mask.into(), addr.into()))
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
