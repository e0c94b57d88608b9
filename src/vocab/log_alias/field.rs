//! Where items of a format print: plain text, JSON or CBOR.
//!
//! What must hold: each kind of value is written as HAProxy writes it in that encoding; plain text is
//! the fast way. Texts made of parts are one value in the encodings.

use super::{Cast, Encode, Encoding, Flags, Type};
use std::io::Write;

/// The end of a line being put together, and how the item at hand is written.
pub(in crate::vocab) struct Field<'o> {
    pub(in crate::vocab) out: &'o mut Vec<u8>,
    flags: Flags,
    /// Within a text made of parts.
    in_text: bool,
}

impl<'o> Field<'o> {
    pub(in crate::vocab) fn new(out: &'o mut Vec<u8>, flags: Flags) -> Self {
        Self {
            out,
            flags,
            in_text: false,
        }
    }

    /// Whether numbers and addresses are hexadecimal.
    pub(super) fn hex(&self) -> bool {
        self.flags.hex
    }

    /// Whether values are JSON or CBOR.
    pub(super) fn encodes(&self) -> bool {
        self.flags.encode.is_some()
    }

    /// Text as it is; `-` if there is none.
    pub(in crate::vocab) fn text(&mut self, text: Option<&[u8]>) {
        let text = text.unwrap_or_default();
        match self.flags.encode {
            Some(Encode::Json) => self.quoted(|field| field.escaped(text)),
            Some(Encode::Cbor) if text.is_empty() => {}
            Some(Encode::Cbor) => self.cbor_string(TEXT, text),
            None if text.is_empty() && !self.flags.quote => self.out.push(b'-'),
            None => self.quoted(|field| field.escaped(text)),
        }
    }

    /// Text whose unsafe bytes are replaced. Nothing is printed for none.
    pub(in crate::vocab) fn encoded(&mut self, text: &[u8], encoding: Encoding) {
        self.quoted(|field| field.unquoted(text, encoding));
    }

    /// What `print` prints, as one text.
    pub(super) fn quoted(&mut self, print: impl FnOnce(&mut Self)) {
        let (open, close) = match self.flags.encode {
            Some(Encode::Cbor) => (0x7f, 0xff),
            Some(Encode::Json) => (b'"', b'"'),
            None if self.flags.quote => (b'"', b'"'),
            None => return print(self),
        };
        self.mark(open);
        self.in_text = true;
        print(self);
        self.in_text = false;
        self.mark(close);
    }

    /// Several texts, of which `print` prints each.
    pub(super) fn each(&mut self, count: usize, print: impl Fn(&mut Self, usize)) {
        if count == 0 {
            return;
        }
        let (open, between, close): (_, &[u8], _) = match self.flags.encode {
            Some(Encode::Json) => (Some(b'['), b", ", Some(b']')),
            Some(Encode::Cbor) => (Some(0x9f), b"", Some(0xff)),
            None => (None, b" ", None),
        };
        open.into_iter().for_each(|mark| self.mark(mark));
        for index in 0..count {
            if index > 0 {
                self.out.extend_from_slice(between);
            }
            print(self, index);
        }
        close.into_iter().for_each(|mark| self.mark(mark));
    }

    /// As [`Field::encoded`], as a part of a text.
    pub(in crate::vocab) fn unquoted(&mut self, text: &[u8], encoding: Encoding) {
        let mut rest = text;
        while let Some(at) = rest.iter().position(|&byte| encoding.replaces(byte)) {
            let (safe, from) = rest.split_at(at);
            self.escaped(safe);
            let Some((&byte, after)) = from.split_first() else {
                return;
            };
            let [high, low] = hex_digits(byte);
            self.part(&[encoding.mark(), high, low]);
            rest = after;
        }
        self.escaped(rest);
    }

    /// A part of a text, with a backslash before what could end it.
    fn escaped(&mut self, text: &[u8]) {
        let needs: fn(&u8) -> bool = match self.flags.encode {
            Some(Encode::Json) => |byte| matches!(byte, b'"' | b'\\'),
            None if self.flags.escape => |byte| matches!(byte, b'"' | b'\\' | b']'),
            None | Some(Encode::Cbor) => return self.part(text),
        };
        for &byte in text {
            if needs(&byte) {
                self.out.push(b'\\');
            }
            self.out.push(byte);
        }
    }

    /// A part of a text as it is.
    fn part(&mut self, text: &[u8]) {
        match self.flags.encode {
            Some(Encode::Cbor) if text.is_empty() => {}
            Some(Encode::Cbor) => self.cbor_string(TEXT, text),
            _ => self.out.extend_from_slice(text),
        }
    }

    /// Text that needs neither quotes nor care, or a part of a text.
    pub(in crate::vocab) fn plain(&mut self, text: &[u8]) {
        match self.flags.encode {
            None => self.out.extend_from_slice(text),
            _ if self.in_text => self.part(text),
            Some(Encode::Json) => self.quoted(|field| field.escaped(text)),
            Some(Encode::Cbor) => self.cbor_string(TEXT, text),
        }
    }

    /// A sign that is not part of the value, left out where values are encoded.
    pub(super) fn sign(&mut self, byte: u8) {
        if self.flags.encode.is_none() {
            self.out.push(byte);
        }
    }

    /// What `print` prints in several pieces, as one plain text.
    pub(super) fn whole(&mut self, print: impl Fn(&mut Field<'_>)) {
        if self.flags.encode.is_none() {
            return print(self);
        }
        let mut text = Vec::new();
        print(&mut Field::new(&mut text, Flags::default()));
        self.plain(&text);
    }

    /// A number; negative ones stand for what was never reached.
    pub(in crate::vocab) fn number(&mut self, value: i64) {
        if self.flags.encode.is_some() {
            return self.encoded_number(value);
        }
        if value < 0 {
            self.out.push(b'-');
        }
        self.digits(value.unsigned_abs());
    }

    /// A number without sign. A line has some twenty; the formatter of the standard library
    /// would take a third of its time.
    pub(super) fn digits(&mut self, mut value: u64) {
        if self.flags.encode.is_some() {
            return self.encoded_number(i64::try_from(value).unwrap_or(i64::MAX));
        }
        let mut text = [b'0'; 20];
        let mut used = 0;
        for digit in text.iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
            used += 1;
            if value == 0 {
                break;
            }
        }
        let start = text.len() - used;
        self.out
            .extend_from_slice(text.get(start..).unwrap_or_default());
    }

    /// A number that `+X` prints in hexadecimal with at least `digits` digits.
    pub(super) fn number_or_hex(&mut self, value: u32, digits: usize) {
        match self.flags.hex {
            true => self.raw(format_args!("{value:0digits$X}")),
            false => self.digits(value.into()),
        }
    }

    /// Formatted text.
    pub(super) fn raw(&mut self, text: std::fmt::Arguments<'_>) {
        if self.flags.encode.is_some() {
            return self.plain(text.to_string().as_bytes());
        }
        self.out
            .write_fmt(text)
            .expect("writing to memory cannot fail");
    }
}

/// Major types of CBOR.
const BYTES: u8 = 2 << 5;
const TEXT: u8 = 3 << 5;

/// Encoded values.
impl Field<'_> {
    /// A name of a map, before its value.
    pub(in crate::vocab) fn key(&mut self, name: &[u8]) {
        match self.flags.encode {
            Some(Encode::Cbor) => self.cbor_string(TEXT, name),
            _ => {
                self.out.push(b'"');
                self.escaped(name);
                self.out.extend_from_slice(b"\": ");
            }
        }
    }

    /// A number, as the type it is cast to.
    fn encoded_number(&mut self, value: i64) {
        match (self.flags.cast, self.flags.encode) {
            (Some(Cast::To(Type::Bool)), _) => self.truth(value != 0),
            (Some(Cast::To(Type::Str)), Some(Encode::Json)) => {
                let text = format!("\"{value}\"");
                self.out.extend_from_slice(text.as_bytes());
            }
            (_, Some(Encode::Cbor)) if value < 0 => self.cbor_head(1 << 5, !value.cast_unsigned()),
            (_, Some(Encode::Cbor)) => self.cbor_head(0, value.cast_unsigned()),
            _ => self.out.extend_from_slice(value.to_string().as_bytes()),
        }
    }

    /// A boolean.
    pub(in crate::vocab) fn truth(&mut self, value: bool) {
        match (self.flags.encode, value) {
            (Some(Encode::Cbor), true) => self.mark(0xf5),
            (Some(Encode::Cbor), false) => self.mark(0xf4),
            (_, true) => self.out.extend_from_slice(b"true"),
            (_, false) => self.out.extend_from_slice(b"false"),
        }
    }

    /// Nothing.
    pub(in crate::vocab) fn null(&mut self) {
        match self.flags.encode {
            Some(Encode::Cbor) => self.mark(0xf6),
            _ => self.out.extend_from_slice(b"null"),
        }
    }

    /// Bytes, where they may stay as they are.
    pub(in crate::vocab) fn bytes(&mut self, bytes: &[u8]) {
        match self.flags.encode {
            Some(Encode::Cbor) => {
                self.mark(0x5f);
                if !bytes.is_empty() {
                    self.cbor_string(BYTES, bytes);
                }
                self.mark(0xff);
            }
            _ => self.out.extend_from_slice(bytes),
        }
    }

    /// A byte that opens or closes something.
    pub(in crate::vocab) fn mark(&mut self, byte: u8) {
        match self.flags.encode {
            Some(Encode::Cbor) if !self.flags.raw => {
                self.out.extend_from_slice(&hex_digits(byte));
            }
            _ => self.out.push(byte),
        }
    }

    fn cbor_string(&mut self, major: u8, text: &[u8]) {
        self.cbor_head(major, text.len() as u64);
        text.iter().for_each(|&byte| self.mark(byte));
    }

    /// The major type and its argument (RFC 8949 §3).
    fn cbor_head(&mut self, major: u8, value: u64) {
        let bytes = value.to_be_bytes();
        let length = match value {
            0..=23 => return self.mark(major | value as u8),
            24..=0xff => 0,
            0x100..=0xffff => 1,
            0x1_0000..=0xffff_ffff => 2,
            _ => 3,
        };
        self.mark(major | (24 + length));
        let skipped = bytes.len() - (1 << length);
        bytes.iter().skip(skipped).for_each(|&byte| self.mark(byte));
    }
}

fn hex_digits(byte: u8) -> [u8; 2] {
    let digit = |value: u8| match value {
        0..=9 => b'0' + value,
        _ => b'A' + value - 10,
    };
    [digit(byte >> 4), digit(byte & 15)]
}
