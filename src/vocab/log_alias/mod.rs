//! Aliases of log formats: `%ci`, `%ST`, `%{+Q}r`… One family is one file, one alias one line
//! of [`ALL`].
//!
//! What must hold: each prints exactly what HAProxy prints, `-1` and `-` for what was never
//! reached included.

use super::context::Context;
use super::sample::Type;

mod address;
mod capture;
mod count;
pub(in crate::vocab) mod date;
mod field;
mod name;
mod outcome;
mod request;
mod timer;

pub(super) use field::Field;
pub(super) use timer::Times;

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
    /// Whether it needs our own address on the server connection.
    pub reads_server_address: bool,
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
            reads_server_address: false,
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

/// When all that a log line shows is known, and the line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ready {
    /// Once the request has come.
    Request,
    /// Once there is a response, or in TCP mode a server.
    #[default]
    Response,
    /// In the end.
    End,
}

/// What is only known in the end.
const AT_END: [&str; 22] = [
    "B", "ID", "TR", "Ta", "Tc", "Td", "Th", "Ti", "Tq", "Tr", "Tt", "Tu", "Tw", "U", "ac", "bc",
    "bq", "fc", "rc", "sc", "sq", "ts",
];
/// What the request says.
const OF_REQUEST: [&str; 8] = ["HM", "HP", "HPO", "HQ", "HU", "HV", "r", "rt"];
/// What is known before anything else.
const AT_ONCE: [&str; 16] = [
    "H", "OG", "T", "Tl", "Ts", "b", "f", "ft", "lc", "ms", "pid", "t", "tr", "trg", "trl", "tsc",
];

impl Alias {
    /// When it can be printed; `None` at any time.
    pub(super) fn ready(&self) -> Option<Ready> {
        if AT_END.contains(&self.name) {
            Some(Ready::End)
        } else if OF_REQUEST.contains(&self.name) {
            Some(Ready::Request)
        } else if AT_ONCE.contains(&self.name) {
            None
        } else {
            Some(Ready::Response)
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
    /// `bin`: bytes stay as they are.
    pub(super) raw: bool,
    /// `json` or `cbor`.
    pub(super) encode: Option<Encode>,
    /// What is written after the name: how values are cast before they are encoded.
    pub(super) cast: Option<Cast>,
}

/// What `%(name:type)` makes of a value that is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cast {
    /// A value of this type.
    To(Type),
    /// `raw`: the bytes as they are, without encoding; of samples only.
    Raw,
}

/// How values are written where they are not plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encode {
    /// RFC 8259.
    Json,
    /// RFC 8949, in hexadecimal unless `bin` is there too.
    Cbor,
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
