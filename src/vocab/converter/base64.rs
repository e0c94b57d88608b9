//! `base64`, `b64dec`, `ub64enc`, `ub64dec` (RFC 4648, sections 4 and 5).
//!
//! What HAProxy takes when decoding differs from any strict decoder: bits left over in the last
//! digit are dropped, padded pieces may follow each other, and the variant for URLs, which wants
//! no padding, reads `=` as the digit 63.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const BASE64: Keyword = Keyword {
    names: &["base64"],
    takes: Type::Bin,
    doc: "The bytes in base64, padded.",
    examples: &[
        ("str(f),base64", Some("Zg==")),
        ("str(fo),base64", Some("Zm8=")),
        ("str(foo),base64", Some("Zm9v")),
        ("ipv4(255.239.190.255),base64", Some("/+++/w==")),
        ("str(),base64", Some("")),
    ],
    build: Build::Plain(|input, out| encoded(Alphabet::Standard, input, out)),
    ..Keyword::DEFAULT
};

pub(super) const UB64ENC: Keyword = Keyword {
    names: &["ub64enc"],
    takes: Type::Bin,
    doc: "The bytes in the base64 of URLs, with - and _ and without padding.",
    examples: &[
        ("str(f),ub64enc", Some("Zg")),
        ("str(fo),ub64enc", Some("Zm8")),
        ("ipv4(255.239.190.255),ub64enc", Some("_---_w")),
        ("str(),ub64enc", Some("")),
    ],
    build: Build::Plain(|input, out| encoded(Alphabet::Url, input, out)),
    ..Keyword::DEFAULT
};

pub(super) const B64DEC: Keyword = Keyword {
    names: &["b64dec"],
    gives: Type::Bin,
    doc: "The bytes that padded base64 stands for; no value if the text is none.",
    examples: &[
        ("str(Zm9v),b64dec", Some("foo")),
        ("str(Zm8=),b64dec", Some("fo")),
        ("str(Zh==),b64dec", Some("f")),
        ("str(Zg==Zg==),b64dec", Some("ff")),
        ("str(Z===),b64dec", Some("")),
        ("str(),b64dec", Some("")),
        ("str(+/+/),b64dec,hex", Some("FBFFBF")),
        ("str(-_-_),b64dec", None),
        ("str(====),b64dec", None),
        ("str(Zg=Z),b64dec", None),
        ("str(Zg),b64dec", None),
    ],
    build: Build::Plain(|input, out| decoded(Alphabet::Standard, input, out)),
    ..Keyword::DEFAULT
};

pub(super) const UB64DEC: Keyword = Keyword {
    names: &["ub64dec"],
    gives: Type::Bin,
    doc: "The bytes that the unpadded base64 of URLs stands for; no value if the text is none.",
    examples: &[
        ("str(Zm9v),ub64dec", Some("foo")),
        ("str(Zm8),ub64dec", Some("fo")),
        ("str(Zg),ub64dec", Some("f")),
        ("str(-_-_),ub64dec,hex", Some("FBFFBF")),
        ("str(Zg==),ub64dec,hex", Some("660FFF")),
        ("str(),ub64dec", Some("")),
        ("str(Z),ub64dec", None),
        ("str(+/+/),ub64dec", None),
    ],
    build: Build::Plain(|input, out| decoded(Alphabet::Url, input, out)),
    ..Keyword::DEFAULT
};

/// The 64 digits, and whether there is padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// With `+` and `/`, padded.
    Standard,
    /// With `-` and `_`, not padded.
    Url,
}

impl Alphabet {
    fn digits(self) -> &'static [u8; 64] {
        match self {
            Self::Standard => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            Self::Url => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        }
    }

    fn value(self, digit: u8) -> Option<u8> {
        match (self, digit) {
            (_, b'A'..=b'Z') => Some(digit - b'A'),
            (_, b'a'..=b'z') => Some(digit - b'a' + 26),
            (_, b'0'..=b'9') => Some(digit - b'0' + 52),
            (Self::Standard, b'+') | (Self::Url, b'-') => Some(62),
            (Self::Standard, b'/') | (Self::Url, b'_' | b'=') => Some(63),
            _ => None,
        }
    }
}

fn encoded<'s>(alphabet: Alphabet, input: Sample<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let Sample::Bin(bytes) = input else {
        return None;
    };
    encode(alphabet, bytes, out);
    Some(Sample::Str(out))
}

fn decoded<'s>(alphabet: Alphabet, input: Sample<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let Sample::Str(text) = input else {
        return None;
    };
    decode(alphabet, text, out)?;
    Some(Sample::Bin(out))
}

/// Appends `bytes` in base64.
pub(super) fn encode(alphabet: Alphabet, bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(3) {
        let word = bits(group.iter().copied(), 8) << (8 * (3 - group.len()));
        let digit = |at: usize| alphabet.digits().get((word >> (18 - 6 * at)) as usize & 63);
        out.extend((0..=group.len()).filter_map(digit));
        if alphabet == Alphabet::Standard {
            out.resize(out.len() + 3 - group.len(), b'=');
        }
    }
}

/// Appends the bytes that `text` stands for; `None` if it is no base64.
pub(super) fn decode(alphabet: Alphabet, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if alphabet == Alphabet::Standard && !text.len().is_multiple_of(4) {
        return None;
    }
    for group in text.chunks(4) {
        let padding = match alphabet {
            Alphabet::Standard => group.iter().rev().take_while(|&&byte| byte == b'=').count(),
            Alphabet::Url => 0,
        };
        let mut values = [0; 4];
        let digits = group.get(..group.len() - padding)?;
        for (value, &digit) in values.iter_mut().zip(digits) {
            *value = alphabet.value(digit)?;
        }
        let [_, bytes @ ..] = bits(values.into_iter(), 6).to_be_bytes();
        let wanted = match (digits.len(), alphabet) {
            (0, _) | (1, Alphabet::Url) => return None,
            (digits, _) => digits - 1,
        };
        out.extend_from_slice(bytes.get(..wanted)?);
    }
    Some(())
}

/// The values one after the other, `width` bits each.
fn bits(values: impl Iterator<Item = u8>, width: u32) -> u32 {
    values.fold(0, |bits, value| bits << width | u32::from(value))
}
