//! `option spop-check`: the greeting of stream processing offload agents, version 2.0 of their
//! protocol (HAProxy's doc/SPOE.txt, section 3.2).

use super::counter::Outcome;
use super::protocol::Progress;
use super::status::CheckStatus;

/// What is sent: a HAPROXY-HELLO frame with `healthcheck`.
pub(super) const HELLO: &[u8] = b"\x00\x00\x00\x4e\x01\x00\x00\x00\x01\x00\x00\
\x12supported-versions\x08\x032.0\x0emax-frame-size\x03\xfc\xf0\x06\
\x0ccapabilities\x08\x00\x0bhealthcheck\x11";

/// Frame types.
const AGENT_HELLO: u8 = 101;
const AGENT_DISCONNECT: u8 = 102;
/// The one flag that a whole frame has.
const FIN: &[u8] = &[0, 0, 0, 1];
/// Length, type, flags, stream and frame.
const HEAD_LEN: usize = 11;
/// Sizes of frames that an agent may ask for, `tune.bufsize` by default.
const FRAME_SIZES: std::ops::RangeInclusive<u64> = 256..=16_380;

/// Reasons by their codes; the last stands for those unknown.
const REASONS: [&str; 15] = [
    "normal",
    "I/O error",
    "a timeout occurred",
    "frame is too big",
    "invalid frame received",
    "version value not found",
    "max-frame-size value not found",
    "capabilities value not found",
    "unsupported version",
    "max-frame-size too big or too small",
    "fragmentation not supported",
    "invalid interlaced frames",
    "frame-id not found",
    "resource allocation error",
    "an unknown error occurred",
];
const INVALID: u32 = 4;
const NO_VERSION: u32 = 5;
const NO_FRAME_SIZE: u32 = 6;
const NO_CAPABILITIES: u32 = 7;
const BAD_VERSION: u32 = 8;
const BAD_FRAME_SIZE: u32 = 9;

/// Reads an agent's answer; `None` if more has to come.
pub(super) fn read(data: &[u8], ended: bool) -> Option<Progress> {
    let frame = match whole_frame(data) {
        Ok(Some(frame)) => frame,
        Ok(None) if !ended => return None,
        Ok(None) | Err(Invalid) => return Some(failed(INVALID, None)),
    };
    Some(match frame {
        Frame::Hello(items) => match hello(items) {
            Ok(()) => Progress::Over(Outcome::with(CheckStatus::L7Ok, "SPOA server is ok")),
            Err(code) => failed(code, None),
        },
        Frame::Disconnect(items) => match disconnect(items) {
            Ok((code, message)) => failed(code, message),
            Err(Invalid) => failed(INVALID, None),
        },
    })
}

fn failed(code: u32, message: Option<String>) -> Progress {
    let known = usize::try_from(code).ok().and_then(|at| REASONS.get(at));
    let reason = known.copied().unwrap_or("an unknown error occurred");
    Progress::Over(Outcome {
        status: CheckStatus::L7Response,
        number: code,
        info: message.unwrap_or_else(|| reason.to_owned()),
    })
}

/// Not a frame of the protocol.
#[derive(Debug)]
struct Invalid;

enum Frame<'a> {
    Hello(&'a [u8]),
    Disconnect(&'a [u8]),
}

/// The frame at the front of `data`; `None` if it is not all there.
fn whole_frame(data: &[u8]) -> Result<Option<Frame<'_>>, Invalid> {
    let Some((head, _)) = data.split_at_checked(HEAD_LEN) else {
        return Ok(None);
    };
    let [l0, l1, l2, l3, kind, flags @ .., 0, 0] = head else {
        return Err(Invalid);
    };
    if flags != FIN {
        return Err(Invalid);
    }
    let len = u32::from_be_bytes([*l0, *l1, *l2, *l3]) as usize;
    let frame = match *kind {
        AGENT_HELLO => Frame::Hello,
        AGENT_DISCONNECT => Frame::Disconnect,
        _ => return Err(Invalid),
    };
    let end = len.saturating_add(4);
    if end < HEAD_LEN {
        return Err(Invalid);
    }
    Ok(data.get(HEAD_LEN..end).map(frame))
}

/// What is wrong with a greeting.
fn hello(items: &[u8]) -> Result<(), u32> {
    let (mut version, mut frame_size, mut capabilities) = (false, false, false);
    let mut items = Items(items);
    while let Some((key, value)) = items.next().map_err(|Invalid| INVALID)? {
        match (key, value) {
            (b"version", Value::Text(text)) => match text.trim_ascii() {
                b"2.0" => version = true,
                [b'0'..=b'9', b'.', b'0'..=b'9'] => return Err(BAD_VERSION),
                _ => return Err(INVALID),
            },
            (b"max-frame-size", Value::Integer(size)) => {
                if !FRAME_SIZES.contains(&size) {
                    return Err(BAD_FRAME_SIZE);
                }
                frame_size = true;
            }
            (b"capabilities", Value::Text(_)) => capabilities = true,
            (b"version" | b"max-frame-size" | b"capabilities", _) => return Err(INVALID),
            _ => {}
        }
    }
    match (version, frame_size, capabilities) {
        (false, ..) => Err(NO_VERSION),
        (_, false, _) => Err(NO_FRAME_SIZE),
        (.., false) => Err(NO_CAPABILITIES),
        _ => Ok(()),
    }
}

/// Why an agent leaves.
fn disconnect(items: &[u8]) -> Result<(u32, Option<String>), Invalid> {
    let (mut code, mut message) = (0, None);
    let mut items = Items(items);
    while let Some((key, value)) = items.next()? {
        match (key, value) {
            (b"status-code", Value::Integer(number)) => {
                code = u32::try_from(number).unwrap_or(u32::MAX);
            }
            (b"message", Value::Text(text)) => {
                message = Some(String::from_utf8_lossy(text).into_owned());
            }
            (b"status-code" | b"message", _) => return Err(Invalid),
            _ => {}
        }
    }
    Ok((code, message))
}

/// Names and values of a frame.
struct Items<'a>(&'a [u8]);

enum Value<'a> {
    Integer(u64),
    Text(&'a [u8]),
    Other,
}

impl<'a> Items<'a> {
    fn next(&mut self) -> Result<Option<(&'a [u8], Value<'a>)>, Invalid> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.text()?;
        if key.is_empty() {
            return Err(Invalid);
        }
        let (&kind, rest) = self.0.split_first().ok_or(Invalid)?;
        self.0 = rest;
        let value = match kind & 0x0f {
            0 | 1 => Value::Other,
            2..=5 => Value::Integer(self.integer()?),
            6 => self.skip(4)?,
            7 => self.skip(16)?,
            8 | 9 => Value::Text(self.text()?),
            _ => return Err(Invalid),
        };
        Ok(Some((key, value)))
    }

    fn skip(&mut self, len: usize) -> Result<Value<'a>, Invalid> {
        self.0 = self.0.get(len..).ok_or(Invalid)?;
        Ok(Value::Other)
    }

    fn text(&mut self) -> Result<&'a [u8], Invalid> {
        let len = usize::try_from(self.integer()?).map_err(|_| Invalid)?;
        let (text, rest) = self.0.split_at_checked(len).ok_or(Invalid)?;
        self.0 = rest;
        Ok(text)
    }

    /// An integer: one byte below 240, else its low four bits, then seven bits a byte.
    fn integer(&mut self) -> Result<u64, Invalid> {
        let (&first, mut rest) = self.0.split_first().ok_or(Invalid)?;
        let mut value = u64::from(first);
        let mut shift = 4;
        let mut byte = if first >= 240 { 128 } else { 0 };
        while byte >= 128 {
            let (&next, after) = rest.split_first().ok_or(Invalid)?;
            (byte, rest) = (next, after);
            let added = u64::from(byte).checked_mul(1 << shift).ok_or(Invalid)?;
            value = value.checked_add(added).ok_or(Invalid)?;
            shift += 7;
            if shift > 60 {
                return Err(Invalid);
            }
        }
        self.0 = rest;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, items: &[u8]) -> Vec<u8> {
        let len = u32::try_from(items.len() + HEAD_LEN - 4).unwrap();
        let mut frame = len.to_be_bytes().to_vec();
        frame.extend([kind, 0, 0, 0, flags, 0, 0]);
        frame.extend(items);
        frame
    }

    #[test]
    fn answers_are_judged() {
        let check = |data: &[u8], ended: bool, expected: Option<(CheckStatus, &str)>| {
            let read = read(data, ended).map(|progress| match progress {
                Progress::Over(outcome) => (outcome.status, outcome.info),
                other => panic!("{other:?}"),
            });
            let read = read.as_ref().map(|(status, info)| (*status, &**info));
            assert_eq!(read, expected, "{}", data.escape_ascii());
        };
        let wrong = |text| Some((CheckStatus::L7Response, text));
        let version: &[u8] = b"\x07version\x08\x032.0";
        let size: &[u8] = b"\x0emax-frame-size\x03\xfc\xf0\x06";
        let rest: &[u8] = b"\x0ccapabilities\x08\x00";
        let good = frame(AGENT_HELLO, 1, &[version, size, rest].concat());
        check(&good, false, Some((CheckStatus::L7Ok, "SPOA server is ok")));
        for cut in 0..good.len() {
            check(&good[..cut], false, None);
            check(&good[..cut], true, wrong("invalid frame received"));
        }
        let hello = |items: &[&[u8]], text| {
            check(&frame(AGENT_HELLO, 1, &items.concat()), false, wrong(text));
        };
        hello(&[], "version value not found");
        hello(&[version, rest], "max-frame-size value not found");
        hello(&[version, size], "capabilities value not found");
        hello(&[b"\x07version\x08\x031.0"], "unsupported version");
        hello(&[b"\x07version\x03\x02"], "invalid frame received");
        hello(&[b"\x07version\x08\x01x"], "invalid frame received");
        hello(
            &[version, b"\x0emax-frame-size\x03\x05"],
            "max-frame-size too big or too small",
        );
        hello(
            &[b"\x07version\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"],
            "invalid frame received",
        );
        hello(&[b"\x01x\x06..."], "invalid frame received");
        check(
            &frame(AGENT_HELLO, 0, version),
            false,
            wrong("invalid frame received"),
        );
        check(
            &frame(1, 1, version),
            false,
            wrong("invalid frame received"),
        );
        check(
            b"\0\0\0\x06\x65\0\0\0\x01\0\0",
            false,
            wrong("invalid frame received"),
        );
        let leaves = |items: &[u8], text| {
            check(&frame(AGENT_DISCONNECT, 1, items), false, wrong(text));
        };
        leaves(b"\x0bstatus-code\x03\x02", "a timeout occurred");
        leaves(b"\x0bstatus-code\x03\x63", "an unknown error occurred");
        leaves(b"\x0bstatus-code\x03\x02\x07message\x08\x04bye!", "bye!");
    }

    #[test]
    fn the_hello_has_the_length_it_says() {
        assert_eq!(HELLO.len(), 82);
    }
}
