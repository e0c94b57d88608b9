//! The handshake: three lines from whoever connected, one line back.
//!
//! ```text
//! HAProxyS 2.1
//! <the peer that is meant>
//! <the peer that calls> <process id> <relative process id>
//! ```
//!
//! answered by a status. Deliberately absent: what a status means for connecting again.

use std::io::Write;

/// The first word of a handshake.
const PROTOCOL: &[u8] = b"HAProxyS ";
/// The newest minor version of version 2 that is spoken.
pub(super) const MINOR: u8 = 1;
/// The longest handshake that is read.
pub(super) const LONGEST: usize = 1024;

/// How a handshake ended, or how far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nothing was tried yet.
    #[default]
    None,
    /// Connecting.
    Connecting,
    /// Connected, no status yet.
    Handshake,
    /// 200
    Established,
    /// 300
    TryAgain,
    /// 501
    Protocol,
    /// 502
    Version,
    /// 503: the peer that is meant is somebody else.
    Host,
    /// 504: the peer that calls is not known.
    Peer,
    /// Another number.
    Other,
}

const STATUSES: [(u16, Status); 6] = [
    (200, Status::Established),
    (300, Status::TryAgain),
    (501, Status::Protocol),
    (502, Status::Version),
    (503, Status::Host),
    (504, Status::Peer),
];

impl Status {
    /// The line that says it; nothing for what is never said.
    pub(super) fn line(self) -> Vec<u8> {
        let known = STATUSES.iter().find(|(_, status)| *status == self);
        known.map_or_else(Vec::new, |(code, _)| format!("{code}\n").into_bytes())
    }

    /// The four letters of `show peers`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connecting => "CONN",
            Self::Handshake => "HSHK",
            Self::Established => "ESTA",
            Self::TryAgain => "RETR",
            Self::Protocol => "PROT",
            Self::Version => "VERS",
            Self::Host => "NAME",
            Self::Peer => "UNKN",
            Self::None | Self::Other => "NONE",
        }
    }
}

/// What a caller says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hello {
    /// The minor version.
    pub(super) minor: u8,
    /// The peer it wants.
    pub(super) target: String,
    /// The peer it is.
    pub(super) caller: String,
}

impl Hello {
    /// Its three lines.
    pub(super) fn lines(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let pid = std::process::id();
        // A vector takes everything.
        let _ = write!(
            out,
            "HAProxyS 2.{}\n{}\n{} {pid} 1\n",
            self.minor, self.target, self.caller
        );
        out
    }

    /// Reads one as far as it has come, and how many bytes it took; `None` while more must come. What is
    /// wrong is known from the first bad line.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, Status> {
        let incomplete = |rest: &[u8]| match bytes.len() >= LONGEST || rest.len() >= LONGEST {
            true => Err(Status::Protocol),
            false => Ok(None),
        };
        let Some((version, rest)) = line(bytes) else {
            let known = bytes.len().min(PROTOCOL.len());
            return match bytes.get(..known) == PROTOCOL.get(..known) {
                true => incomplete(bytes),
                false => Err(Status::Protocol),
            };
        };
        let version = version.strip_prefix(PROTOCOL).ok_or(Status::Protocol)?;
        let minor = match version {
            b"2.0" => 0,
            b"2.1" => 1,
            _ => return Err(Status::Version),
        };
        let Some((target, rest)) = line(rest) else {
            return incomplete(rest);
        };
        let Some((caller, rest)) = line(rest) else {
            return incomplete(rest);
        };
        let name_end = caller.iter().position(|byte| *byte == b' ');
        let caller = name_end.and_then(|end| caller.get(..end));
        let hello = Self {
            minor,
            target: String::from_utf8_lossy(target).into_owned(),
            caller: String::from_utf8_lossy(caller.ok_or(Status::Protocol)?).into_owned(),
        };
        Ok(Some((hello, bytes.len() - rest.len())))
    }
}

/// Reads a status line, and how many bytes it took; `None` while more must come.
pub(super) fn status(bytes: &[u8]) -> Result<Option<(Status, usize)>, Status> {
    let Some((text, rest)) = line(bytes) else {
        return match bytes.len() < 32 {
            true => Ok(None),
            false => Err(Status::Protocol),
        };
    };
    let code = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok());
    let known = STATUSES.iter().find(|(known, _)| Some(*known) == code);
    let status = known.map_or(Status::Other, |(_, status)| *status);
    Ok(Some((status, bytes.len() - rest.len())))
}

/// The first line, which ends with a line feed or both characters, and what follows it.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<Option<(u8, &str, &str, usize)>, Status>) {
        let read = Hello::read(bytes);
        let read = read.as_ref().map_err(|status| *status).map(|read| {
            let hello = read.as_ref();
            hello.map(|(hello, used)| (hello.minor, &*hello.target, &*hello.caller, *used))
        });
        assert_eq!(read, expected, "{}", bytes.escape_ascii());
    }

    #[test]
    fn hellos() {
        check(
            b"HAProxyS 2.1\nb\na 12 1\nmore",
            Ok(Some((1, "b", "a", 22))),
        );
        check(b"HAProxyS 2.0\r\nb\r\na 1\r\n", Ok(Some((0, "b", "a", 22))));
        check(b"", Ok(None));
        check(b"HAPro", Ok(None));
        check(b"HAProxyS 2.1\nb\n", Ok(None));
        check(b"GET / HTTP/1.1\r\n", Err(Status::Protocol));
        check(b"HTTP", Err(Status::Protocol));
        check(b"HAProxyS 1.0\n", Err(Status::Version));
        check(b"HAProxyS 2.2\n", Err(Status::Version));
        check(b"HAProxyS 2.1\nb\na\n", Err(Status::Protocol));
        let long = [b"HAProxyS 2.1\n".as_slice(), &[b'x'; LONGEST]].concat();
        check(&long, Err(Status::Protocol));
    }

    #[test]
    fn what_is_written_is_read() {
        let hello = Hello {
            minor: MINOR,
            target: "b".to_owned(),
            caller: "a".to_owned(),
        };
        let lines = hello.lines();
        assert_eq!(Hello::read(&lines), Ok(Some((hello, lines.len()))));
        for (_, known) in STATUSES {
            assert_eq!(status(&known.line()), Ok(Some((known, 4))));
        }
        assert_eq!(status(b"20"), Ok(None));
        assert_eq!(status(b"999\n"), Ok(Some((Status::Other, 4))));
        assert_eq!(status(&[b'x'; 40]), Err(Status::Protocol));
    }
}
