//! Checks of other protocols: what `option redis-check` and its like send, and how answers are read.
//!
//! Each is a script like those that users write; MySQL and LDAP answers have lengths that no
//! pattern can follow. Nothing here logs in: a server that asks for a password is alive.

use super::counter::Outcome;
use super::script::{Action, BytesKind, Connect, Expect, Language, Script, Step, Text, Wanted};
use super::script::{Make, Run};
use super::status::CheckStatus;
use regex::bytes::Regex;
use std::sync::Arc;

/// How far an answer got a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More has to come.
    NeedsMore,
    /// As expected.
    Continue,
    /// The check is over.
    Over(Outcome),
}

/// An answer that no pattern can describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A MySQL server's greeting; whether the check goes on after it.
    MysqlGreeting(bool),
    /// What it says to a login, after the greeting.
    MysqlLogin,
    /// An LDAP bind response (RFC 4511 §4.2.2).
    LdapBind,
    /// An AGENT-HELLO frame.
    SpopHello,
}

/// Which login `option mysql-check user` sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MysqlVersion {
    /// `pre-41`.
    Before41,
    /// `post-41`, the default.
    Since41,
    /// `post-80`.
    Since80,
}

impl Reply {
    /// Reads what was received; nothing more comes once `ended`.
    pub(super) fn read(self, data: &[u8], ended: bool) -> Progress {
        let read = match self {
            Self::MysqlGreeting(goes_on) => mysql_packet(data, 0, goes_on),
            Self::MysqlLogin => {
                let greeting = u24(data).map_or(0, |len| len + 4);
                mysql_packet(data, greeting, false)
            }
            Self::LdapBind => ldap_response(data),
            Self::SpopHello => super::spop::read(data, ended),
        };
        match read {
            Some(progress) => progress,
            None if ended => Progress::Over(Outcome::of(CheckStatus::L7Response)),
            None => Progress::NeedsMore,
        }
    }
}

/// A little-endian length of three bytes.
fn u24(data: &[u8]) -> Option<usize> {
    match *data {
        [a, b, c, ..] => Some(usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16),
        _ => None,
    }
}

/// A MySQL packet at `offset`: a length, a number, and what it says; 0xff is an error.
fn mysql_packet(data: &[u8], offset: usize, goes_on: bool) -> Option<Progress> {
    let packet = data.get(offset..)?;
    let body = packet.get(4..u24(packet)? + 4)?;
    if body.is_empty() {
        return Some(Progress::Over(Outcome::of(CheckStatus::L7Response)));
    }
    if let [0xff, low, high, text @ ..] = body {
        return Some(Progress::Over(Outcome {
            status: CheckStatus::L7Status,
            number: u32::from(*low) | u32::from(*high) << 8,
            info: String::from_utf8_lossy(text).into_owned(),
        }));
    }
    if goes_on {
        return Some(Progress::Continue);
    }
    // The greeting starts with a byte and the server's version.
    let version = data.get(5..)?.split(|&byte| byte == 0).next()?;
    let version = String::from_utf8_lossy(version);
    Some(Progress::Over(Outcome::with(CheckStatus::L7Ok, version)))
}

/// A bind response in BER: a sequence of message id 1, and in it the response with a result code.
fn ldap_response(data: &[u8]) -> Option<Progress> {
    let wrong = || {
        let outcome = Outcome::with(CheckStatus::L7Response, "Not LDAPv3 protocol");
        Some(Progress::Over(outcome))
    };
    let (_, rest) = data.split_first()?;
    let Some((len, rest)) = ber_length(rest)? else {
        return wrong();
    };
    let message = rest.get(..len)?;
    let Some(response) = message.strip_prefix(b"\x02\x01\x01\x61") else {
        return wrong();
    };
    let Some((_, result)) = ber_length(response)? else {
        return wrong();
    };
    let [0x0a, 0x01, code, ..] = *result else {
        return wrong();
    };
    let outcome = match code {
        0 => Outcome::with(CheckStatus::L7Ok, "Success"),
        code => Outcome {
            status: CheckStatus::L7Status,
            number: code.into(),
            info: "See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9".to_owned(),
        },
    };
    Some(Progress::Over(outcome))
}

/// A BER length and what follows; inside `None` for a form nobody uses.
fn ber_length(data: &[u8]) -> Option<Option<(usize, &[u8])>> {
    let (&first, rest) = data.split_first()?;
    if first & 0x80 == 0 {
        return Some(Some((first.into(), rest)));
    }
    let count = usize::from(first & 0x7f);
    if !matches!(count, 1 | 2 | 4) {
        return Some(None);
    }
    let digits = rest.get(..count)?;
    let len = digits
        .iter()
        .fold(0, |len, &byte| len << 8 | usize::from(byte));
    Some(Some((len, rest.get(count..)?)))
}

/// Shows part of an answer: from `from` on, without what precedes the text, to the end of the line.
struct Line {
    from: usize,
    bounded: Option<usize>,
}

impl Make for Line {
    fn make(&self, run: &Run<'_>) -> Vec<u8> {
        let text = run.received.get(self.from..).unwrap_or_default();
        if let Some(len) = self.bounded {
            return text.get(..len).unwrap_or_default().to_vec();
        }
        let text = text.trim_ascii_start();
        let end = text.iter().position(|byte| b"\r\n\0".contains(byte));
        text.get(..end.unwrap_or(text.len()))
            .unwrap_or_default()
            .to_vec()
    }
}

fn line(from: usize) -> Option<Text> {
    Some(Text::Made(Arc::new(Line {
        from,
        bounded: None,
    })))
}

fn text(bytes: &[u8]) -> Text {
    Text::Fixed(bytes.into())
}

fn script(actions: impl IntoIterator<Item = Action>) -> Script {
    let step = |(number, action)| Step {
        action,
        number,
        comment: None,
    };
    Script {
        language: Language::Protocol,
        steps: (1..).zip(actions).map(step).collect(),
        ..Script::default()
    }
}

fn connect() -> Action {
    Action::Connect(Connect {
        default: true,
        linger: true,
        ..Connect::default()
    })
}

fn expect(expect: Expect) -> Action {
    Action::Expect(Arc::new(expect))
}

/// An expectation of a regular expression of ours.
fn regex(pattern: &str, hex: bool) -> Expect {
    let pattern = Regex::new(pattern).expect("patterns of this file are valid");
    Expect::of(Wanted::Regex(Arc::new(pattern), hex))
}

/// `option redis-check`.
pub fn redis() -> Script {
    script([
        Action::Send(text(b"*1\r\n$4\r\nPING\r\n")),
        expect(Expect {
            error_status: Some(CheckStatus::L7Status),
            on_error: line(0),
            on_success: Some(text(b"Redis server is ok")),
            ..Expect::of(Wanted::Bytes(text(b"+PONG\r\n"), BytesKind::String))
        }),
    ])
}

/// `option smtpchk`: waits for the greeting, says `hello`, and leaves politely.
pub fn smtp(hello: &str) -> Script {
    let reply = |pattern: &str, bounded: bool| Expect {
        min_recv: bounded.then_some(4),
        error_status: Some(CheckStatus::L7Status),
        on_error: line(4),
        on_success: line(4),
        status_code: Some(Text::Made(Arc::new(Line {
            from: 0,
            bounded: Some(3),
        }))),
        ..regex(pattern, false)
    };
    let hello = format!("{hello}\r\n");
    script([
        connect(),
        expect(Expect {
            min_recv: Some(4),
            error_status: Some(CheckStatus::L7Response),
            on_error: line(0),
            ..regex("^[0-9]{3}[ \r]", false)
        }),
        expect(reply("^2[0-9]{2}[ \r]", true)),
        Action::Send(text(hello.as_bytes())),
        expect(reply("^(2[0-9]{2}-[^\r]*\r\n)*2[0-9]{2}[ \r]", false)),
        Action::Send(text(b"QUIT\r\n")),
        expect(reply("^2[0-9]{2}[- \r]", true)),
    ])
}

/// `option spop-check`.
pub fn spop() -> Script {
    script([
        connect(),
        Action::Send(text(super::spop::HELLO)),
        expect(Expect::of(Wanted::Protocol(Reply::SpopHello))),
    ])
}

/// `option pgsql-check user <name>`.
pub fn pgsql(user: &[u8]) -> Script {
    let mut startup = Vec::new();
    let len = u32::try_from(user.len())
        .unwrap_or(u32::MAX)
        .saturating_add(15);
    startup.extend_from_slice(&len.to_be_bytes());
    startup.extend_from_slice(b"\0\x03\0\0user\0");
    startup.extend_from_slice(user);
    startup.extend_from_slice(b"\0\0");
    script([
        connect(),
        Action::Send(text(&startup)),
        expect(Expect {
            negated: true,
            min_recv: Some(5),
            error_status: Some(CheckStatus::L7Response),
            on_error: line(6),
            ..regex("^E", false)
        }),
        expect(Expect {
            min_recv: Some(9),
            error_status: Some(CheckStatus::L7Status),
            on_success: Some(text(b"PostgreSQL server is ok")),
            on_error: Some(text(b"PostgreSQL unknown error")),
            ..regex(
                "^52000000[A-Z0-9]{2}000000(00|02|03|04|05|06|07|09|0A)",
                true,
            )
        }),
    ])
}

/// `option mysql-check [user <name> [<version>]]`.
pub fn mysql(login: Option<(&[u8], MysqlVersion)>) -> Script {
    let reply = |reply| expect(Expect::of(Wanted::Protocol(reply)));
    let Some((user, version)) = login else {
        return script([connect(), reply(Reply::MysqlGreeting(false))]);
    };
    script([
        connect(),
        Action::Send(text(&mysql_login(user, version))),
        reply(Reply::MysqlGreeting(true)),
        reply(Reply::MysqlLogin),
    ])
}

/// A login without a password, and a goodbye.
fn mysql_login(user: &[u8], version: MysqlVersion) -> Vec<u8> {
    let mut body = Vec::new();
    match version {
        MysqlVersion::Before41 => body.extend_from_slice(b"\0\x80\0\0\x01"),
        MysqlVersion::Since41 => body.extend_from_slice(b"\0\x82\0\0\0\x80\0\x01\x21"),
        MysqlVersion::Since80 => body.extend_from_slice(b"\0\x82\x08\0\0\x80\0\x01\x21"),
    }
    if version != MysqlVersion::Before41 {
        body.extend_from_slice(&[0; 23]);
    }
    body.extend_from_slice(user);
    body.extend_from_slice(b"\0\0");
    if version == MysqlVersion::Since80 {
        body.extend_from_slice(b"mysql_native_password\0");
    }
    let [a, b, c, _] = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut packets = vec![a, b, c, 1];
    packets.append(&mut body);
    packets.extend_from_slice(b"\x01\0\0\0\x01");
    packets
}

/// `option ldap-check`: an anonymous bind.
pub fn ldap() -> Script {
    script([
        Action::Send(text(
            b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0",
        )),
        expect(Expect {
            min_recv: Some(14),
            on_error: Some(text(b"Not LDAPv3 protocol")),
            ..regex("^30", true)
        }),
        expect(Expect::of(Wanted::Protocol(Reply::LdapBind))),
    ])
}

/// `option ssl-hello-chk`: an SSLv3 client hello (RFC 6101 §5.6.1.2), answered by anything of TLS.
pub fn ssl_hello() -> Script {
    let ciphers = (0x01_u16..=0x1b).chain(0x2f..=0x3a);
    let mut body = b"\x03\0\0\0\0\0".to_vec();
    body.extend_from_slice(b"TIDEGATE-CHECK-TIDEGATE-CHEC");
    body.extend_from_slice(b"\0\0\x4e");
    body.extend(ciphers.flat_map(u16::to_be_bytes));
    body.extend_from_slice(b"\x01\0");
    let mut hello = b"\x16\x03\0\0\x79\x01\0\0\x75".to_vec();
    hello.append(&mut body);
    script([
        Action::Send(text(&hello)),
        expect(Expect {
            min_recv: Some(5),
            ok_status: Some(CheckStatus::L6Ok),
            error_status: Some(CheckStatus::L6Response),
            timeout_status: Some(CheckStatus::L6Timeout),
            ..regex("^1[56]", true)
        }),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reply: Reply, data: &[u8], expected: &Progress) {
        assert_eq!(&reply.read(data, false), expected, "{data:?}");
    }

    fn over(status: CheckStatus, number: u32, info: &str) -> Progress {
        Progress::Over(Outcome {
            status,
            number,
            info: info.into(),
        })
    }

    const GREETING: &[u8] = b"\x08\0\0\0\x0a8.0.1\0x";

    #[test]
    fn mysql_packets_of_any_length() {
        let greeting = Reply::MysqlGreeting(false);
        check(greeting, GREETING, &over(CheckStatus::L7Ok, 0, "8.0.1"));
        check(Reply::MysqlGreeting(true), GREETING, &Progress::Continue);
        for len in 0..GREETING.len() {
            check(greeting, &GREETING[..len], &Progress::NeedsMore);
        }
        let error = b"\x05\0\0\0\xff\x15\x04no";
        check(greeting, error, &over(CheckStatus::L7Status, 1045, "no"));
        check(greeting, b"\xff\xff\xff\0\x0a", &Progress::NeedsMore);
        let both = [GREETING, b"\x01\0\0\x02\0"].concat();
        check(
            Reply::MysqlLogin,
            &both,
            &over(CheckStatus::L7Ok, 0, "8.0.1"),
        );
    }

    #[test]
    fn ldap_responses_of_any_length() {
        let bind = Reply::LdapBind;
        let ok = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0";
        check(bind, ok, &over(CheckStatus::L7Ok, 0, "Success"));
        for len in 0..ok.len() {
            check(bind, &ok[..len], &Progress::NeedsMore);
        }
        let wrong = over(CheckStatus::L7Response, 0, "Not LDAPv3 protocol");
        check(bind, b"\x30\x04abcd", &wrong);
        check(bind, b"\x30\x83abcd", &wrong);
        check(bind, b"\x30\x84\xff\xff\xff\xff", &Progress::NeedsMore);
    }

    #[test]
    fn hellos_are_as_long_as_they_say() {
        let sent = |script: Script| {
            let first = script.steps.into_iter().find_map(|step| match step.action {
                Action::Send(Text::Fixed(bytes)) => Some(bytes),
                _ => None,
            });
            first.expect("something is sent")
        };
        assert_eq!(sent(ssl_hello()).len(), 5 + 0x79);
        assert_eq!(sent(pgsql(b"haproxy")).len(), 15 + 7);
        let login = mysql_login(b"haproxy", MysqlVersion::Since41);
        assert_eq!(login.len(), 4 + 34 + 7 + 5);
        assert_eq!(login[..4], [41, 0, 0, 1]);
    }
}
