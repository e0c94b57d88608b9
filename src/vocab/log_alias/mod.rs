//! Aliases of log formats: `%ci`, `%ST`, `%{+Q}r`… One family is one file, one alias one line
//! of [`ALL`].
//!
//! What must hold: each prints exactly what HAProxy prints, `-1` and `-` for what was never
//! reached included.

use super::context::Context;
use std::io::Write;

mod address;
mod capture;
mod count;
mod date;
mod name;
mod outcome;
mod request;
mod timer;

/// Every alias but `%o`, which only sets flags.
pub const ALL: &[&[Alias]] = &[
    address::ALL,
    capture::ALL,
    count::ALL,
    date::ALL,
    name::ALL,
    outcome::ALL,
    request::ALL,
    timer::ALL,
];

/// One alias of the language.
#[derive(Clone, Copy, Debug)]
pub struct Alias {
    /// Its name, without `%`.
    pub name: &'static str,
    /// What it prints, for the reference manual.
    pub doc: &'static str,
    /// Whether it needs the request line to be kept.
    pub reads_request_line: bool,
    /// Whether it only makes sense in HTTP mode.
    pub http_only: bool,
    /// Prints it.
    pub(super) print: fn(&Context<'_>, &mut Field<'_>),
}

impl Alias {
    const fn new(
        name: &'static str,
        doc: &'static str,
        print: fn(&Context<'_>, &mut Field<'_>),
    ) -> Self {
        Self {
            name,
            doc,
            reads_request_line: false,
            http_only: false,
            print,
        }
    }

    const fn http(
        name: &'static str,
        doc: &'static str,
        print: fn(&Context<'_>, &mut Field<'_>),
    ) -> Self {
        Self {
            http_only: true,
            ..Self::new(name, doc, print)
        }
    }
}

/// The alias of that name.
pub fn find(name: &[u8]) -> Option<&'static Alias> {
    let named = |alias: &&Alias| alias.name.as_bytes() == name;
    ALL.iter().flat_map(|family| family.iter()).find(named)
}

/// All names of aliases, with `o`.
pub fn names() -> impl Iterator<Item = &'static str> {
    let names = ALL
        .iter()
        .flat_map(|family| family.iter())
        .map(|alias| alias.name);
    names.chain(["o"])
}

/// How a field is printed, from `%{+Q}…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `Q`: texts are between double quotes.
    pub(super) quote: bool,
    /// `X`: addresses, ports and some numbers are hexadecimal.
    pub(super) hex: bool,
    /// `E`: `"`, `\` and `]` get a backslash.
    pub(super) escape: bool,
}

/// Where an alias prints.
pub(super) struct Field<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) flags: Flags,
}

/// Which bytes are replaced by `#XX` or `%XX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Request lines: all but printable ASCII, and `"` and `#`.
    Url,
    /// Header values: what HTTP forbids in them, as `%XX`.
    Http,
    /// Control characters only, as `#XX`.
    Control,
    /// Captured headers: all but printable ASCII, and what delimits them.
    Capture,
}

impl Encoding {
    fn replaces(self, byte: u8) -> bool {
        match self {
            Self::Url => !(32..127).contains(&byte) || byte == b'"' || byte == b'#',
            Self::Http => byte == 127 || (byte < 32 && byte != b'\t'),
            Self::Control => byte == 127 || byte < 32,
            Self::Capture => !(32..127).contains(&byte) || b"\"#{|}".contains(&byte),
        }
    }

    fn mark(self) -> u8 {
        match self {
            Self::Http => b'%',
            Self::Url | Self::Control | Self::Capture => b'#',
        }
    }
}

impl Field<'_> {
    /// Text as it is; `-` if there is none.
    pub(super) fn text(&mut self, text: Option<&[u8]>) {
        let text = text.unwrap_or_default();
        match (text.is_empty(), self.flags.quote) {
            (true, false) => self.out.push(b'-'),
            (_, quote) => {
                self.quote(quote);
                match self.flags.escape {
                    false => self.out.extend_from_slice(text),
                    true => text.iter().for_each(|&byte| {
                        self.escape(byte);
                        self.out.push(byte);
                    }),
                }
                self.quote(quote);
            }
        }
    }

    /// Text whose unsafe bytes are replaced. Nothing is printed for none.
    pub(super) fn encoded(&mut self, text: &[u8], encoding: Encoding) {
        self.quoted(|field| field.unquoted(text, encoding));
    }

    /// What `print` prints, as one text.
    pub(super) fn quoted(&mut self, print: impl FnOnce(&mut Self)) {
        let quote = self.flags.quote;
        self.quote(quote);
        print(self);
        self.quote(quote);
    }

    /// Several texts, of which `print` prints each.
    pub(super) fn each(&mut self, count: usize, print: impl Fn(&mut Self, usize)) {
        for index in 0..count {
            if index > 0 {
                self.out.push(b' ');
            }
            print(self, index);
        }
    }

    /// As [`Field::encoded`], as a part of a text.
    pub(super) fn unquoted(&mut self, text: &[u8], encoding: Encoding) {
        let escapes = self.flags.escape;
        let unsafe_byte = |byte: &u8| encoding.replaces(*byte) || (escapes && needs_escape(*byte));
        if !text.iter().any(unsafe_byte) {
            self.out.extend_from_slice(text);
            return;
        }
        for &byte in text {
            if encoding.replaces(byte) {
                self.out.push(encoding.mark());
                self.raw(format_args!("{byte:02X}"));
            } else {
                self.escape(byte);
                self.out.push(byte);
            }
        }
    }

    /// Text that needs neither quotes nor care.
    pub(super) fn plain(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    /// A number; negative ones stand for what was never reached.
    pub(super) fn number(&mut self, value: i64) {
        if value < 0 {
            self.out.push(b'-');
        }
        self.digits(value.unsigned_abs());
    }

    /// A number without sign. A line has some twenty; the formatter of the standard library
    /// would take a third of its time.
    pub(super) fn digits(&mut self, mut value: u64) {
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
        self.out
            .write_fmt(text)
            .expect("writing to memory cannot fail");
    }

    fn quote(&mut self, quote: bool) {
        if quote {
            self.out.push(b'"');
        }
    }

    fn escape(&mut self, byte: u8) {
        if self.flags.escape && needs_escape(byte) {
            self.out.push(b'\\');
        }
    }
}

/// Whether `+E` puts a backslash before it.
fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b']')
}
