//! Messages on the wire: two bytes, class and type; types from 128 have a length and a body.

use crate::table::varint::{Reader, put};

/// The longest body that is taken: HAProxy's buffer.
pub(super) const LONGEST: u64 = 16_384;

/// How many bytes the length of a body takes at most.
const LENGTH_BYTES: usize = 5;

/// Classes.
const CONTROL: u8 = 0;
const ERROR: u8 = 1;
const TABLE: u8 = 10;
const RESERVED: u8 = 255;

/// A message without a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// Teach me everything.
    ResyncRequest,
    /// That was everything.
    ResyncFinished,
    /// That was all I have, which may not be everything.
    ResyncPartial,
    /// I have learned it.
    ResyncConfirm,
    /// I am still there.
    Heartbeat,
}

const CONTROLS: [Control; 5] = [
    Control::ResyncRequest,
    Control::ResyncFinished,
    Control::ResyncPartial,
    Control::ResyncConfirm,
    Control::Heartbeat,
];

/// What a message about tables is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An entry; with its number, and with the rest of its life.
    Update {
        /// Whether its number comes first; otherwise it is the one after the last.
        numbered: bool,
        /// Whether milliseconds follow.
        timed: bool,
    },
    /// What the next updates are about.
    Define,
    /// The same by a number defined before.
    Switch,
    /// Up to which number updates have come.
    Acknowledge,
}

const KINDS: [(u8, Kind); 7] = [
    (0x80, update(true, false)),
    (0x81, update(false, false)),
    (0x82, Kind::Define),
    (0x83, Kind::Switch),
    (0x84, Kind::Acknowledge),
    (0x85, update(true, true)),
    (0x86, update(false, true)),
];

const fn update(numbered: bool, timed: bool) -> Kind {
    Kind::Update { numbered, timed }
}

/// What is wrong with what came; the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It contradicts the protocol.
    Protocol,
    /// It is longer than anything may be.
    Size,
}

impl Fault {
    /// The message that tells the peer.
    pub(super) fn message(self) -> [u8; 2] {
        [ERROR, u8::from(self == Self::Size)]
    }
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message<'b> {
    /// Without a body.
    Control(Control),
    /// About tables.
    Table(Kind, &'b [u8]),
    /// One of a later version, to be passed over.
    Unknown,
}

/// The message at the front and how many bytes it takes; `None` while more must come.
pub(super) fn next(bytes: &[u8]) -> Result<Option<(Message<'_>, usize)>, Fault> {
    let mut reader = Reader::new(bytes);
    let (Some(class), Some(kind)) = (reader.byte(), reader.byte()) else {
        return Ok(None);
    };
    if class == RESERVED {
        return Err(Fault::Protocol);
    }
    if kind < 0x80 {
        let control = CONTROLS.get(usize::from(kind)).filter(|_| class == CONTROL);
        let message = control.map_or(Message::Unknown, |control| Message::Control(*control));
        return Ok(Some((message, 2)));
    }
    // A longer length is refused when its last allowed byte is there, however much came with it.
    let after = reader.rest();
    let mut head = Reader::new(after.get(..LENGTH_BYTES).unwrap_or(after));
    let Some(length) = head.varint() else {
        return match after.len() < LENGTH_BYTES {
            true => Ok(None),
            false => Err(Fault::Protocol),
        };
    };
    reader.varint();
    if length > LONGEST {
        return Err(Fault::Size);
    }
    let Some(body) = reader.take(length) else {
        return Ok(None);
    };
    let known = KINDS
        .iter()
        .find(|(code, _)| (class, kind) == (TABLE, *code));
    let message = known.map_or(Message::Unknown, |(_, kind)| Message::Table(*kind, body));
    Ok(Some((message, bytes.len() - reader.rest().len())))
}

/// Appends a message without a body.
pub(super) fn put_control(out: &mut Vec<u8>, control: Control) {
    out.extend([CONTROL, control as u8]);
}

/// Appends a message about tables.
pub(super) fn put_table(out: &mut Vec<u8>, kind: Kind, body: &[u8]) {
    let code = KINDS.iter().find(|(_, known)| *known == kind);
    out.extend([TABLE, code.map_or(0, |(code, _)| *code)]);
    put(out, body.len() as u64);
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<Option<(Message<'_>, usize)>, Fault>) {
        assert_eq!(next(bytes), expected, "{}", bytes.escape_ascii());
    }

    #[test]
    fn messages() {
        check(b"", Ok(None));
        check(b"\0", Ok(None));
        check(
            b"\0\x04\0",
            Ok(Some((Message::Control(Control::Heartbeat), 2))),
        );
        check(b"\0\x05", Ok(Some((Message::Unknown, 2))));
        check(b"\x01\0", Ok(Some((Message::Unknown, 2))));
        check(
            b"\x0a\x84\x05abcdefg",
            Ok(Some((Message::Table(Kind::Acknowledge, b"abcde"), 8))),
        );
        check(b"\x0a\x84\x05abcd", Ok(None));
        check(b"\x0a\x84", Ok(None));
        check(b"\x0a\x84\xff", Ok(None));
        check(b"\x0a\x90\x01a", Ok(Some((Message::Unknown, 4))));
        check(b"\x0b\x80\x01a", Ok(Some((Message::Unknown, 4))));
        check(b"\xff\0", Err(Fault::Protocol));
        check(b"\x0a\x80\xff\xff\xff\xff\xff", Err(Fault::Protocol));
        // Found by the fuzz target `peer`: sixty bytes that come to a small number.
        let mut long = vec![0xfe; 60];
        long.push(0x0a);
        check(&long, Err(Fault::Protocol));
        check(b"\x0a\x80\xff\xff\xff\x7f", Err(Fault::Size));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        for (_, kind) in KINDS {
            out.clear();
            put_table(&mut out, kind, b"body");
            check(&out, Ok(Some((Message::Table(kind, b"body"), 7))));
        }
        for control in CONTROLS {
            out.clear();
            put_control(&mut out, control);
            check(&out, Ok(Some((Message::Control(control), 2))));
        }
    }
}
