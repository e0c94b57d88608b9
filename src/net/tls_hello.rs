//! What the first message of a TLS connection says, read without decrypting anything.
//!
//! Pure: bytes in, borrowed parts out. A message is looked at only once it is complete. Section
//! numbers are those of RFC 8446. Deliberately absent: TLS itself; a hello that is split
//! over several records is read as if it were in one.

/// Why there is nothing to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not, and will not become, such a message.
    NotHello,
    /// It may become one once more bytes are there.
    Incomplete,
}

use Unreadable::{Incomplete, NotHello};

/// The parts of a client's hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientHello<'a> {
    /// The cipher suites it offers, two bytes each.
    pub ciphers: &'a [u8],
    extensions: &'a [u8],
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const RECORD_HEADER: usize = 5;
const MESSAGE_HEADER: usize = 4;
/// Shortest hello that can have extensions: version, random, and one of each list.
const SHORTEST: usize = 2 + 32 + 1 + 2 + 2 + 1 + 1 + 2 + 2;
const LONGEST_SESSION_ID: usize = 32;
/// Where the message's type and length are.
const TYPE_AT: usize = RECORD_HEADER;

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const SIGNATURE_ALGORITHMS: u16 = 13;
const ALPN: u16 = 16;
const SESSION_TICKET: u16 = 35;
const KEY_SHARE: u16 = 51;

/// Reads the client's hello that `data` starts with (section 4.1.2).
pub fn client_hello(data: &[u8]) -> Result<ClientHello<'_>, Unreadable> {
    expect(byte(data, 0)? == HANDSHAKE)?;
    byte(data, 2)?;
    expect(byte(data, 1)? >= 3)?;
    expect(number(data, 3, 2)? >= MESSAGE_HEADER + SHORTEST)?;
    expect(byte(data, TYPE_AT)? == CLIENT_HELLO)?;
    let length = number(data, TYPE_AT + 1, 3)?;
    expect(length >= SHORTEST)?;
    let body = data
        .get(RECORD_HEADER + MESSAGE_HEADER..)
        .and_then(|rest| rest.get(..length))
        .ok_or(Incomplete)?;
    read_body(body).ok_or(NotHello)
}

fn read_body(body: &[u8]) -> Option<ClientHello<'_>> {
    let (version, rest) = body.split_at_checked(2)?;
    let at_least_tls1 = matches!(version, [3..=255, 1..=255]);
    let (_, mut rest) = rest.split_at_checked(32)?;
    let session_id = list(&mut rest, 1)?;
    let ciphers = list(&mut rest, 2)?;
    let compressions = list(&mut rest, 1)?;
    let extensions = list(&mut rest, 2)?;
    let sound = at_least_tls1
        && session_id.len() <= LONGEST_SESSION_ID
        && ciphers.len() >= 2
        && !compressions.is_empty();
    sound.then_some(ClientHello {
        ciphers,
        extensions,
    })
}

impl<'a> ClientHello<'a> {
    /// The name of the server it wants (RFC 6066 §3).
    pub fn server_name(&self) -> Option<&'a [u8]> {
        let mut extension = self.extension(SERVER_NAME)?;
        let mut names = list(&mut extension, 2)?;
        let (kind, rest) = names.split_first()?;
        names = rest;
        list(&mut names, 2).filter(|_| *kind == 0)
    }

    /// The protocols it can speak, the one it likes most first (RFC 7301 §3.1).
    pub fn protocols(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let extension = self.extension(ALPN).unwrap_or_default();
        let mut names = extension.get(2..).unwrap_or_default();
        std::iter::from_fn(move || list(&mut names, 1))
    }

    /// The groups it can use for key exchange, two bytes each (section 4.2.7).
    pub fn groups(&self) -> Option<&'a [u8]> {
        self.pairs(SUPPORTED_GROUPS)
    }

    /// Whether it lists groups at all.
    pub fn has_groups(&self) -> bool {
        self.extension(SUPPORTED_GROUPS).is_some()
    }

    /// The signature algorithms it accepts, two bytes each (section 4.2.3).
    pub fn signature_algorithms(&self) -> Option<&'a [u8]> {
        self.pairs(SIGNATURE_ALGORITHMS)
    }

    /// The groups it sends key shares for, two bytes each (section 4.2.8).
    pub fn key_shares(&self) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        let mut extension = self.extension(KEY_SHARE)?;
        let mut shares = list(&mut extension, 2).filter(|shares| shares.len() >= 4)?;
        Some(std::iter::from_fn(move || {
            let (group, rest) = shares.split_at_checked(2)?;
            shares = rest;
            // The last one's length is of no interest.
            list(&mut shares, 2).or_else(|| {
                shares = &[];
                Some(&[])
            })?;
            Some(group)
        }))
    }

    /// The length of its session ticket, if it knows tickets (RFC 5077 §3.2).
    pub fn session_ticket(&self) -> Option<usize> {
        self.extension(SESSION_TICKET).map(<[u8]>::len)
    }

    fn pairs(&self, kind: u16) -> Option<&'a [u8]> {
        let mut extension = self.extension(kind)?;
        list(&mut extension, 2).filter(|pairs| pairs.len() >= 2)
    }

    /// The content of the first extension of that kind.
    fn extension(&self, kind: u16) -> Option<&'a [u8]> {
        let mut rest = self.extensions;
        loop {
            let (found, after) = rest.split_at_checked(2)?;
            rest = after;
            let content = list(&mut rest, 2)?;
            if found == kind.to_be_bytes() {
                return Some(content);
            }
        }
    }
}

/// The type of the handshake message `data` starts with, once it is complete.
pub fn hello_type(data: &[u8]) -> Result<u8, Unreadable> {
    expect(is_record(byte(data, 0)?))?;
    byte(data, 8)?;
    expect(byte(data, 1)? >= 3)?;
    expect(number(data, 3, 2)? >= MESSAGE_HEADER)?;
    let length = number(data, TYPE_AT + 1, 3)?;
    if data.len() < RECORD_HEADER + MESSAGE_HEADER + length {
        return Err(Incomplete);
    }
    byte(data, TYPE_AT)
}

/// The version a client's first message asks for, as two bytes, in SSLv2's form (RFC 5246
/// appendix E.2) too. At most `limit` bytes of the message are waited for.
pub fn version(data: &[u8], limit: usize) -> Result<(u8, u8), Unreadable> {
    let (version, length, used) = if is_record(byte(data, 0)?) {
        byte(data, 10)?;
        expect(byte(data, 1)? >= 3)?;
        let length = number(data, 3, 2)?;
        expect((6..=(1 << 14) + 2048).contains(&length))?;
        ((byte(data, 9)?, byte(data, 10)?), length, RECORD_HEADER)
    } else {
        sslv2_version(data)?
    };
    if data.len() < used.saturating_add(length).min(limit) {
        return Err(Incomplete);
    }
    Ok(version)
}

/// The version of an SSLv2 hello, the length of its rest, and where that starts.
fn sslv2_version(data: &[u8]) -> Result<((u8, u8), usize, usize), Unreadable> {
    let short = byte(data, 0)? & 0x80 != 0;
    let (mask, header) = if short { (0x7fff, 2) } else { (0x3fff, 3) };
    byte(data, header)?;
    let length = number(data, 0, 2)? & mask;
    let padding = if short { 0 } else { number(data, 2, 1)? };
    expect(byte(data, header)? == CLIENT_HELLO)?;
    let at = header + 1;
    let field = |index: usize| number(data, at + 2 * index, 2);
    let (ciphers, session, challenge) = (field(1)?, field(2)?, field(3)?);
    expect(ciphers % 3 == 0 && (session == 0 || session == 16))?;
    expect((16..=32).contains(&challenge))?;
    expect(length == 9 + ciphers + session + challenge)?;
    let version = (byte(data, at)?, byte(data, at + 1)?);
    Ok((version, ciphers + session + challenge + padding, at + 8))
}

fn is_record(first: u8) -> bool {
    matches!(first, 0x14..=0x17 | 0xff)
}

fn expect(sound: bool) -> Result<(), Unreadable> {
    if sound { Ok(()) } else { Err(NotHello) }
}

fn byte(data: &[u8], at: usize) -> Result<u8, Unreadable> {
    data.get(at).copied().ok_or(Incomplete)
}

/// A number of `width` bytes, most significant first.
fn number(data: &[u8], at: usize, width: usize) -> Result<usize, Unreadable> {
    let bytes = data.get(at..at + width).ok_or(Incomplete)?;
    Ok(big_endian(bytes))
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |sum, &byte| sum << 8 | usize::from(byte))
}

/// Takes what a length of `width` bytes announces from the front of `rest`.
fn list<'a>(rest: &mut &'a [u8], width: usize) -> Option<&'a [u8]> {
    let (length, after) = rest.split_at_checked(width)?;
    let (content, after) = after.split_at_checked(big_endian(length))?;
    *rest = after;
    Some(content)
}

/// Fuzz entry: reading never panics, and an answer given early is the answer for more bytes too.
pub fn fuzz_tls_hello(data: &[u8]) {
    let mut known = None;
    for end in 0..=data.len().min(600) {
        let part = data.get(..end).unwrap_or_default();
        let found = client_hello(part).map(|hello| {
            let shares = hello.key_shares().map(|shares| shares.flatten().count());
            let protocols = hello.protocols().count();
            let name = hello.server_name().map(<[u8]>::len);
            (hello.ciphers.len(), name, protocols, shares)
        });
        let all = (found, hello_type(part));
        if let Some((before, kind)) = known {
            assert!(before == Err(Incomplete) || before == found);
            assert!(kind == Err(Incomplete) || kind == all.1);
        }
        let _ = version(part, 600);
        known = Some(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn framed(width: usize, content: &[u8]) -> Vec<u8> {
        let length = content.len().to_be_bytes();
        [&length[length.len() - width..], content].concat()
    }

    fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
        [&kind.to_be_bytes()[..], &framed(2, content)].concat()
    }

    /// A hello with these extensions.
    fn hello(extensions: &[u8]) -> Vec<u8> {
        let body = [
            &[3, 3][..],
            &[7; 32],
            &framed(1, b"session"),
            &framed(2, &[0x13, 1, 0x13, 2]),
            &framed(1, &[0]),
            &framed(2, extensions),
        ]
        .concat();
        let message = [&[CLIENT_HELLO][..], &framed(3, &body)].concat();
        [&[HANDSHAKE, 3, 1][..], &framed(2, &message)].concat()
    }

    fn full() -> Vec<u8> {
        hello(
            &[
                extension(
                    SERVER_NAME,
                    &framed(2, &[&[0][..], &framed(2, b"a.example")].concat()),
                ),
                extension(SUPPORTED_GROUPS, &framed(2, &[0, 29, 0, 23])),
                extension(SIGNATURE_ALGORITHMS, &framed(2, &[4, 3])),
                extension(
                    ALPN,
                    &framed(2, &[framed(1, b"h2"), framed(1, b"http/1.1")].concat()),
                ),
                extension(SESSION_TICKET, b""),
                extension(
                    KEY_SHARE,
                    &framed(
                        2,
                        &[&[0, 29][..], &framed(2, b"key"), &[0, 23], &framed(2, b"")].concat(),
                    ),
                ),
            ]
            .concat(),
        )
    }

    #[test]
    fn every_part_is_found() {
        let data = full();
        let hello = client_hello(&data).unwrap();
        assert_eq!(hello.ciphers, [0x13, 1, 0x13, 2]);
        assert_eq!(hello.server_name(), Some(&b"a.example"[..]));
        let protocols: Vec<_> = hello.protocols().collect();
        assert_eq!(protocols, [&b"h2"[..], b"http/1.1"]);
        assert_eq!(hello.groups(), Some(&[0, 29, 0, 23][..]));
        assert_eq!(hello.signature_algorithms(), Some(&[4, 3][..]));
        let shares: Vec<_> = hello.key_shares().unwrap().collect();
        assert_eq!(shares, [[0, 29], [0, 23]]);
        assert_eq!(hello.session_ticket(), Some(0));
        assert!(hello.has_groups());
        assert_eq!(hello_type(&data), Ok(1));
        assert_eq!(version(&data, 16_384), Ok((3, 3)));
    }

    #[test]
    fn what_is_absent_is_not_made_up() {
        let padded = hello(&extension(21, &[0; 8]));
        let hello = client_hello(&padded).unwrap();
        assert_eq!(hello.server_name(), None);
        assert_eq!(hello.protocols().count(), 0);
        assert_eq!(hello.groups(), None);
        assert!(hello.key_shares().is_none() && !hello.has_groups());
        assert_eq!(hello.session_ticket(), None);
    }

    #[track_caller]
    fn check(data: &[u8], expected: Unreadable) {
        assert_eq!(client_hello(data).unwrap_err(), expected);
    }

    #[test]
    fn other_bytes() {
        check(b"", Incomplete);
        check(b"\x16", Incomplete);
        check(b"GET / HTTP/1.1\r\n", NotHello);
        check(b"\x16\x02\x00", NotHello);
        check(b"\x16\x03\x01\x00\x05", NotHello);
        check(b"\x16\x03\x01\x02\x00\x02", NotHello);
        let whole = full();
        check(&whole[..whole.len() - 1], Incomplete);
        let mut old = full();
        old[9] = 2;
        check(&old, NotHello);
        let mut long_session = full();
        long_session[9 + 34] = 33;
        check(&long_session, NotHello);
    }

    #[test]
    fn types_and_versions() {
        assert_eq!(hello_type(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"), Ok(2));
        assert_eq!(
            hello_type(b"\x16\x03\x03\x00\x04\x02\x00\x00\x01"),
            Err(Incomplete)
        );
        assert_eq!(hello_type(b"x"), Err(NotHello));
        let v2 = [
            &b"\x80\x1c\x01\x00\x02\x00\x03\x00\x00\x00\x10"[..],
            &[0; 19],
        ]
        .concat();
        assert_eq!(version(&v2, 16_384), Ok((0, 2)));
        assert_eq!(version(&v2[..20], 16_384), Err(Incomplete));
        assert_eq!(version(&v2[..20], 20), Ok((0, 2)));
        assert_eq!(version(b"GET / HTTP/1.1\r\n", 16_384), Err(NotHello));
    }

    proptest! {
        #[test]
        fn any_bytes_and_any_change(
            at in 0..200_usize,
            to: u8,
            noise in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let mut changed = full();
            if let Some(byte) = changed.get_mut(at) {
                *byte = to;
            }
            fuzz_tls_hello(&changed);
            fuzz_tls_hello(&noise);
        }
    }
}
