//! The chunked coding (RFC 9112 §7.1): decoding in place, and the lines to encode with.
//!
//! Input is taken a whole line or a stretch of data at a time, so that the outcome does not depend
//! on how it was cut up. What goes out is the input less extensions, leading zeros and blanks:
//! nothing is ever inserted, so canonical input is forwarded without moving a byte.

use super::class::{is_token, is_value};
use super::error::BodyError;
use super::framing::Framed;
use std::ops::Range;

/// Longest line with a chunk's size and extensions, in bytes.
pub const MAX_CHUNK_LINE: usize = 1024;

/// Most bytes of trailers.
pub const MAX_TRAILERS: usize = 8192;

/// Most trailers: as many as HAProxy takes headers unless told otherwise.
const MAX_TRAILER_LINES: u8 = 100;

/// Largest chunk: HAProxy's bound, far from overflowing any sum.
const MAX_CHUNK: u64 = 1 << 60;

/// Overhead that goes uncounted, per chunk and in bytes per data byte, and how much more there
/// may be: a body of extensions costs its reader work and its sender nothing.
const FREE_OVERHEAD: u64 = 16;
const MAX_OVERHEAD: u64 = 16_384;

/// The state of a chunked body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunked {
    state: State,
    /// Whether chunks go out as chunks.
    framed: bool,
    /// Overhead beyond what is free.
    overhead: u64,
    /// Bytes of trailers so far.
    trailers: usize,
    /// How many they are.
    trailer_lines: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the start of a size line.
    Size,
    /// This much of a chunk's data is to come, at least one byte.
    Data(u64),
    /// Before the CR LF after a chunk's data.
    DataEnd,
    /// At the start of a trailer line.
    Trailer,
}

impl Default for Chunked {
    fn default() -> Self {
        Self {
            state: State::Size,
            framed: true,
            overhead: 0,
            trailers: 0,
            trailer_lines: 0,
        }
    }
}

impl Chunked {
    pub(super) fn unframed(self) -> Self {
        Self {
            framed: false,
            ..self
        }
    }

    pub(super) fn is_framed(&self) -> bool {
        self.framed
    }

    pub(super) fn data_left(&self) -> u64 {
        match self.state {
            State::Data(left) => left,
            _ => 0,
        }
    }

    pub(super) fn consume(&mut self, bytes: u64) {
        if let State::Data(left) = self.state {
            self.state = match left.saturating_sub(bytes) {
                0 => State::DataEnd,
                left => State::Data(left),
            };
        }
    }

    pub(super) fn advance(&mut self, input: &mut [u8]) -> Result<Framed, BodyError> {
        let mut ready = Gathered::default();
        let mut at = 0;
        let mut done = false;
        while let Some(used) = self.step(input, at, &mut ready, &mut done)? {
            at += used;
            if done {
                break;
            }
        }
        let skip = ready.close(input, at);
        Ok(Framed {
            skip,
            ready: at - skip,
            done,
        })
    }

    /// Takes one line or stretch of data from `at`; `None` when it is not all there.
    fn step(
        &mut self,
        input: &mut [u8],
        at: usize,
        ready: &mut Gathered,
        done: &mut bool,
    ) -> Result<Option<usize>, BodyError> {
        let rest = input.get_mut(at..).unwrap_or_default();
        match self.state {
            State::Data(left) => {
                let there = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                if there == 0 {
                    return Ok(None);
                }
                self.consume(there as u64);
                ready.push(input, at..at + there);
                Ok(Some(there))
            }
            State::DataEnd => match rest {
                [b'\r', b'\n', ..] => {
                    self.state = State::Size;
                    self.push_framing(ready, input, at..at + 2);
                    Ok(Some(2))
                }
                [] | [b'\r'] => Ok(None),
                _ => Err(BodyError::Chunk),
            },
            State::Size => {
                check_beginning(rest)?;
                let Some(line) = find_line(rest, MAX_CHUNK_LINE, BodyError::LineTooLong)? else {
                    return Ok(None);
                };
                let size = parse_size(line)?;
                let (digits, len) = (size.digits, line.len());
                self.count_overhead(len, size.value)?;
                self.state = match size.value {
                    0 => State::Trailer,
                    value => State::Data(value),
                };
                self.push_framing(ready, input, at + digits.start..at + digits.end);
                self.push_framing(ready, input, at + len - 2..at + len);
                Ok(Some(len))
            }
            State::Trailer => {
                let room = MAX_TRAILERS.saturating_sub(self.trailers);
                let Some(line) = find_line(rest, room, BodyError::Trailers)? else {
                    return Ok(None);
                };
                let len = line.len();
                if line == b"\r\n" {
                    *done = true;
                } else {
                    lower_name(rest, len)?;
                    self.trailers += len;
                    self.trailer_lines += 1;
                    if self.trailer_lines > MAX_TRAILER_LINES {
                        return Err(BodyError::Trailers);
                    }
                }
                self.push_framing(ready, input, at..at + len);
                Ok(Some(len))
            }
        }
    }

    fn push_framing(&self, ready: &mut Gathered, input: &mut [u8], range: Range<usize>) {
        if self.framed {
            ready.push(input, range);
        }
    }

    fn count_overhead(&mut self, line: usize, data: u64) -> Result<(), BodyError> {
        let free = data.saturating_mul(2).saturating_add(FREE_OVERHEAD);
        self.overhead = (self.overhead + line as u64).saturating_sub(free);
        if self.overhead > MAX_OVERHEAD {
            return Err(BodyError::Chunk);
        }
        Ok(())
    }
}

/// The stretch of the buffer to forward, gaps closed as they appear.
#[derive(Default)]
struct Gathered {
    start: usize,
    end: usize,
}

impl Gathered {
    /// Adds a range that lies behind all earlier ones, moving it down to them.
    fn push(&mut self, input: &mut [u8], range: Range<usize>) {
        if self.start == self.end {
            *self = Self {
                start: range.start,
                end: range.end,
            };
            return;
        }
        let len = range.len();
        if range.start != self.end {
            input.copy_within(range, self.end);
        }
        self.end += len;
    }

    /// Moves it all up against `at`, where undecoded input starts, and says where it then begins.
    fn close(self, input: &mut [u8], at: usize) -> usize {
        let start = at - (self.end - self.start);
        if start != self.start && self.start != self.end {
            input.copy_within(self.start..self.end, start);
        }
        start
    }
}

/// The first line, its LF included, or `None` when its end is not there yet.
fn find_line(input: &[u8], max: usize, too_long: BodyError) -> Result<Option<&[u8]>, BodyError> {
    let window = input.get(..max).unwrap_or(input);
    match memchr::memchr(b'\n', window) {
        Some(end) => Ok(window.get(..=end)),
        None if input.len() >= max => Err(too_long),
        None => Ok(None),
    }
}

struct Size {
    value: u64,
    /// Where its digits are in the line, without leading zeros.
    digits: Range<usize>,
}

/// `chunk-size [ chunk-ext ] CRLF`. Blanks may follow the size: old servers pad it with them.
fn parse_size(line: &[u8]) -> Result<Size, BodyError> {
    let line = line.strip_suffix(b"\r\n").ok_or(BodyError::Chunk)?;
    let end = line
        .iter()
        .position(|b| !b.is_ascii_hexdigit())
        .unwrap_or(line.len());
    let (digits, rest) = line.split_at_checked(end).ok_or(BodyError::Chunk)?;
    let is_blank = |b: &&u8| matches!(b, b' ' | b'\t');
    let extension = rest.iter().find(|b| !is_blank(b));
    if digits.is_empty() || !matches!(extension, None | Some(b';')) || !is_value(rest) {
        return Err(BodyError::Chunk);
    }
    let mut value = 0_u64;
    for digit in digits {
        value = value
            .checked_mul(16)
            .map(|value| value + u64::from(hex_value(*digit)))
            .filter(|value| *value <= MAX_CHUNK)
            .ok_or(BodyError::ChunkTooLarge)?;
    }
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    Ok(Size {
        value,
        digits: zeros.min(end - 1)..end,
    })
}

const fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

/// Refuses at once what cannot become a size line, however long it gets.
fn check_beginning(line: &[u8]) -> Result<(), BodyError> {
    match line.first() {
        Some(byte) if !byte.is_ascii_hexdigit() => Err(BodyError::Chunk),
        _ => Ok(()),
    }
}

/// Fields that would contradict how the message was framed, routed or secured when they come
/// last (RFC 9110 §6.5.1).
const FORBIDDEN_TRAILERS: [&[u8]; 9] = [
    b"transfer-encoding",
    b"content-length",
    b"host",
    b"connection",
    b"keep-alive",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"upgrade",
];

/// Checks the trailer line of `len` bytes at the front and puts its name in lower case.
fn lower_name(input: &mut [u8], len: usize) -> Result<(), BodyError> {
    let line = input.get_mut(..len).unwrap_or_default();
    let colon = memchr::memchr(b':', line).ok_or(BodyError::Trailers)?;
    let (name, rest) = line
        .split_at_mut_checked(colon)
        .ok_or(BodyError::Trailers)?;
    let value = rest.strip_suffix(b"\r\n").ok_or(BodyError::Trailers)?;
    if !is_token(name) || !is_value(value) {
        return Err(BodyError::Trailers);
    }
    name.make_ascii_lowercase();
    if FORBIDDEN_TRAILERS.contains(&&*name) {
        return Err(BodyError::Trailers);
    }
    Ok(())
}

/// What follows each chunk's data.
pub const CHUNK_END: &[u8] = b"\r\n";

/// The chunk that ends a body without trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The line that opens a chunk, for a body that is put into chunks by the proxy: write it, the
/// data, [`CHUNK_END`], and in the end [`LAST_CHUNK`].
#[derive(Clone, Copy, Debug)]
pub struct ChunkLine {
    text: [u8; 18],
    start: usize,
}

impl ChunkLine {
    /// For a chunk of `size` bytes; not 0, which would end the body.
    pub fn new(size: usize) -> Self {
        debug_assert!(size > 0);
        let mut text = *b"0000000000000000\r\n";
        let mut start = text.len() - CHUNK_END.len();
        let mut left = size;
        for (at, digit) in text.iter_mut().enumerate().take(start).rev() {
            // A nibble.
            let nibble = (left & 0xf) as u8;
            *digit = if nibble < 10 {
                b'0' + nibble
            } else {
                b'a' - 10 + nibble
            };
            start = at;
            left >>= 4;
            if left == 0 {
                break;
            }
        }
        Self { text, start }
    }

    /// Lower-case hexadecimal digits and CR LF, at most 18 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or(&[])
    }
}
