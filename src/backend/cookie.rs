//! The values of persistence cookies: given, or made from a server's address and a secret.
//!
//! Commands change them while requests are served, which take no lock. Deliberately absent: cookies
//! in messages (`proxy::cookie`).

use crate::net::ServerAddr;
use parking_lot::Mutex;
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use twox_hash::XxHash64;

/// The value that means a server.
#[derive(Debug, Default)]
pub struct ServerCookie {
    given: Option<Box<[u8]>>,
    /// The hash that is the value where none is given; 0 is none.
    made: AtomicU64,
}

impl Clone for ServerCookie {
    fn clone(&self) -> Self {
        Self {
            given: self.given.clone(),
            made: AtomicU64::new(self.made.load(Ordering::Relaxed)),
        }
    }
}

impl ServerCookie {
    /// With the value of `cookie` on the server's line, if it has one.
    pub fn new(given: Option<Box<[u8]>>) -> Self {
        Self {
            given,
            made: AtomicU64::new(0),
        }
    }

    /// The value, if the server has one.
    pub fn value(&self) -> Option<CookieValue<'_>> {
        if let Some(given) = &self.given {
            return Some(CookieValue::Given(given));
        }
        match self.made.load(Ordering::Relaxed) {
            0 => None,
            hash => Some(CookieValue::Made(digits(hash))),
        }
    }

    /// Whether its line gives it one.
    pub fn is_given(&self) -> bool {
        self.given.is_some()
    }
}

/// A cookie's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieValue<'a> {
    /// As configured.
    Given(&'a [u8]),
    /// A hash, as hexadecimal digits.
    Made([u8; 16]),
}

impl Deref for CookieValue<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Given(value) => value,
            Self::Made(digits) => digits,
        }
    }
}

/// Lower-case hexadecimal digits.
fn digits(hash: u64) -> [u8; 16] {
    let mut shifted = hash;
    [(); 16].map(|()| {
        shifted = shifted.rotate_left(4);
        match (shifted & 15) as u8 {
            digit @ 0..=9 => b'0' + digit,
            letter => b'a' + letter - 10,
        }
    })
}

/// `cookie … dynamic` and `dynamic-cookie-key` of a backend: how its servers get values.
#[derive(Debug, Default)]
pub struct DynamicCookies {
    rule: Mutex<Rule>,
}

#[derive(Debug, Default)]
struct Rule {
    on: bool,
    key: Option<Box<[u8]>>,
}

impl DynamicCookies {
    /// As configured.
    pub fn new(on: bool, key: Option<Box<[u8]>>) -> Self {
        Self {
            rule: Mutex::new(Rule { on, key }),
        }
    }

    /// Whether servers get values from now on.
    pub fn turn(&self, on: bool) {
        self.rule.lock().on = on;
    }

    /// Changes the secret.
    pub fn set_key(&self, key: &[u8]) {
        self.rule.lock().key = Some(key.into());
    }

    /// Gives a server without a value of its own the one for its address, if servers get any and
    /// there is a secret. A server on a UNIX socket keeps what it has.
    pub fn give(&self, cookie: &ServerCookie, addr: Option<&ServerAddr>) {
        let rule = self.rule.lock();
        if let (true, Some(key), Some(ServerAddr::Tcp(addr))) = (rule.on, &rule.key, addr) {
            cookie.made.store(hash(key, *addr), Ordering::Relaxed);
        }
    }

    /// Takes such a value away.
    pub fn take(&self, cookie: &ServerCookie) {
        cookie.made.store(0, Ordering::Relaxed);
    }
}

/// The hash of key, address and port that HAProxy makes too.
fn hash(key: &[u8], addr: SocketAddr) -> u64 {
    let mut text = key.to_vec();
    match addr.ip() {
        IpAddr::V4(ip) => text.extend(ip.octets()),
        IpAddr::V6(ip) => text.extend(ip.octets()),
    }
    text.extend(u32::from(addr.port()).to_be_bytes());
    XxHash64::oneshot(0, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(cookie: &ServerCookie) -> Option<String> {
        let value = cookie.value()?;
        Some(String::from_utf8(value.to_vec()).unwrap())
    }

    #[test]
    fn a_server_gets_what_its_address_makes() {
        let made = ServerCookie::default();
        let addr = ServerAddr::Tcp("192.0.2.1:80".parse().unwrap());
        let dynamic = DynamicCookies::new(false, None);
        let check = |change: &dyn Fn(&DynamicCookies), expected: Option<&str>| {
            change(&dynamic);
            dynamic.give(&made, Some(&addr));
            assert_eq!(shown(&made).as_deref(), expected);
        };
        check(&|_| {}, None);
        check(&|to| to.set_key(b"secret"), None);
        check(&|to| to.turn(true), Some("10bc166ed718f551"));
        check(&|to| to.set_key(b"other"), Some("532a36a300ddaa2f"));
        check(&|to| to.turn(false), Some("532a36a300ddaa2f"));
        dynamic.take(&made);
        assert_eq!(shown(&made), None);
    }

    #[test]
    fn what_is_given_counts() {
        let given = ServerCookie::new(Some(b"s1".as_slice().into()));
        let dynamic = DynamicCookies::new(true, Some(b"k".as_slice().into()));
        let addr = ServerAddr::Tcp("192.0.2.1:80".parse().unwrap());
        dynamic.give(&given, Some(&addr));
        assert_eq!(shown(&given).as_deref(), Some("s1"));
        assert!(given.is_given());
    }

    #[test]
    fn digits_are_those_of_the_hash() {
        for hash in [0, 1, 0xfedc_ba98_7654_3210, u64::MAX] {
            assert_eq!(digits(hash), *format!("{hash:016x}").as_bytes());
        }
    }
}
