//! `set anon`, `show anon`: names and addresses that a session sees as hashes, so that what it shows
//! can be given to others.
//!
//! The hashes are HAProxy's: 24 bits, the same for the same text and key. Those commands hide that
//! do in HAProxy: `show sess`, `show servers`, `show dev`, `debug dev hash`.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::health::leading_number;
use crate::random;
use crate::settings::AccessLevel;
use std::borrow::Cow;
use std::net::IpAddr;
use twox_hash::XxHash32;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "set anon on",
        "[<key>]",
        "hides names and addresses from this session",
        AccessLevel::User,
        on,
    ),
    Command::new(
        "set anon off",
        "",
        "shows them again",
        AccessLevel::User,
        off,
    ),
    Command::new(
        "set anon global-key",
        "<key>",
        "sets the key of sessions that give none",
        AccessLevel::Admin,
        global_key,
    ),
    Command::new(
        "show anon",
        "",
        "shows whether names are hidden from this session",
        AccessLevel::User,
        show,
    ),
];

/// The key that names are hidden with; 0 hides nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anon(u32);

impl Anon {
    /// Text as the session sees it.
    pub(super) fn text(self, text: &str) -> Cow<'_, str> {
        match self.0 {
            0 => Cow::Borrowed(text),
            _ if matches!(text, "" | " ") => Cow::Borrowed(text),
            _ => Cow::Owned(format!("{:06x}", self.hash(text))),
        }
    }

    /// An IP address, or what stands in its place, as the session sees it. The machine's own
    /// addresses tell nothing.
    pub(super) fn address(self, text: &str) -> Cow<'_, str> {
        let version = match text.parse() {
            Ok(IpAddr::V4(ip)) if matches!(ip.octets(), [0 | 127 | 255, ..]) => None,
            Ok(IpAddr::V6(ip)) if ip.is_loopback() => None,
            Ok(IpAddr::V4(_)) => Some(4),
            Ok(IpAddr::V6(_)) => Some(6),
            Err(_) => return self.text(text),
        };
        match version {
            Some(version) if self.0 != 0 => {
                Cow::Owned(format!("IPV{version}({:06x})", self.hash(text)))
            }
            _ => Cow::Borrowed(text),
        }
    }

    fn hash(self, text: &str) -> u32 {
        XxHash32::oneshot(self.0, text.as_bytes()) & 0xff_ffff
    }
}

/// The number a word begins with, 0 if none, unless it is no key.
fn key(word: &str, least: u32) -> Result<u32, Answer> {
    let number = leading_number(word).0.unwrap_or(0);
    let key = u32::try_from(number).ok().filter(|key| *key >= least);
    key.ok_or_else(|| {
        let most = u32::MAX;
        Answer::error(format!("Value out of range ({least} to {most} expected)."))
    })
}

fn on(call: &mut Call<'_>) -> Answer {
    let key = match (call.has(3), call.control.anon_key()) {
        (true, _) => key(&call.text(3), 1),
        (false, 0) => Ok(random::below(u32::MAX) + 1),
        (false, global) => Ok(global),
    };
    match key {
        Ok(key) => {
            call.session.anon = Anon(key);
            Answer::Done
        }
        Err(answer) => answer,
    }
}

fn off(call: &mut Call<'_>) -> Answer {
    if call.has(3) {
        return Answer::error("Key can't be added while disabling anonymized mode");
    }
    call.session.anon = Anon::default();
    Answer::Done
}

fn global_key(call: &mut Call<'_>) -> Answer {
    if !call.has(3) {
        return Answer::error("Expects an integer value.");
    }
    match key(&call.text(3), 0) {
        Ok(key) => {
            call.control.set_anon_key(key);
            Answer::Done
        }
        Err(answer) => answer,
    }
}

fn show(call: &mut Call<'_>) -> Answer {
    let Anon(key) = call.session.anon;
    match key {
        0 => Answer::info("Anonymized mode disabled"),
        _ if call.session.level < AccessLevel::Operator => Answer::info("Anonymized mode enabled"),
        _ => Answer::info(format!("Anonymized mode enabled\nKey : {key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden() {
        let check = |key, text: &str, as_text: &str, as_address: &str| {
            assert_eq!(Anon(key).text(text), as_text, "{text}");
            assert_eq!(Anon(key).address(text), as_address, "{text}");
        };
        check(0, "192.0.2.1", "192.0.2.1", "192.0.2.1");
        check(7, "", "", "");
        check(7, "be", "b6a8c5", "b6a8c5");
        check(7, "192.0.2.1", "656399", "IPV4(656399)");
        check(7, "2001:db8::1", "09b68e", "IPV6(09b68e)");
        check(7, "127.0.0.1", "4ee8d7", "127.0.0.1");
    }
}
