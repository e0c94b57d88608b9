//! `json([<input_code>])`: text as it stands inside the quotes of a JSON text.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use std::io::Write;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["json"],
    args: &[required("input_code", Kind::Str)],
    doc: "The text escaped for JSON. <input_code> says what it is and what a wrong sequence does: \
          \"ascii\", the default, takes each byte for a character; \"utf8\" gives no value and \
          \"utf8s\" leaves the sequence out; \"utf8p\" and \"utf8ps\" do the same but let \
          overlong forms pass. Characters beyond 16 bits count as wrong.",
    examples: &[
        (r#"str('a"b/c\d'),json()"#, Some(r#"a\"b\/c\\d"#)),
        (r#"str("\t"),json(ascii)"#, Some(r"\t")),
        ("bin(c3a9),json(ascii)", Some(r"\u00c3\u00a9")),
        ("bin(c3a9),json(utf8)", Some(r"\u00e9")),
        ("bin(61ff62),json(utf8)", None),
        ("bin(61ff62),json(utf8s)", Some("ab")),
        ("bin(61c1a1),json(utf8)", None),
        ("bin(61c1a1),json(utf8p)", Some("aa")),
        ("bin(61c32f),json(utf8p)", None),
        ("bin(61c32f),json(utf8ps)", Some(r"a\/")),
        ("bin(eda080),json(utf8ps)", Some("")),
        ("bin(f09f9880),json(utf8)", None),
        ("bin(61f09f9880),json(utf8s)", Some("a")),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

/// What the input is.
#[derive(Debug)]
enum Input {
    Ascii,
    Utf8 {
        /// Wrong sequences are left out instead of giving no value.
        skip: bool,
        /// Overlong sequences are not wrong.
        permissive: bool,
    },
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let (skip, permissive) = match args.text(0).unwrap_or_default() {
        b"" | b"ascii" => return Ok(Box::new(Input::Ascii)),
        b"utf8" => (false, false),
        b"utf8s" => (true, false),
        b"utf8p" => (false, true),
        b"utf8ps" => (true, true),
        _ => {
            let message = "unexpected input code type, allowed values are 'ascii', 'utf8', \
                           'utf8s', 'utf8p' and 'utf8ps'";
            return Err(BadArg::new(0, message));
        }
    };
    Ok(Box::new(Input::Utf8 { skip, permissive }))
}

impl Converting for Input {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        match *self {
            Self::Ascii => text.iter().for_each(|&byte| escape(u32::from(byte), out)),
            Self::Utf8 { skip, permissive } => {
                let mut rest = text;
                while !rest.is_empty() {
                    let (code, length, wrong) = next_character(rest, permissive);
                    rest = rest.get(length..).unwrap_or_default();
                    match wrong || code > 0xffff {
                        false => escape(code, out),
                        true if skip => {}
                        true => return None,
                    }
                }
            }
        }
        Some(Sample::Str(out))
    }
}

/// The first character, how many bytes it takes, and whether it is wrong.
///
/// Sequences of up to six bytes are known, as UTF-8 once was. A broken one takes the bytes before
/// the one that breaks it.
fn next_character(text: &[u8], permissive: bool) -> (u32, usize, bool) {
    let first = text.first().copied().unwrap_or(0);
    let length = match first.leading_ones() {
        0 => return (u32::from(first), 1, false),
        ones @ 2..=6 if text.len() >= ones as usize => ones as usize,
        _ => return (u32::from(first), 1, true),
    };
    let mut code = u32::from(first) & (0x7f >> length);
    for (at, &byte) in text.iter().enumerate().take(length).skip(1) {
        if byte & 0xc0 != 0x80 {
            return (code, at, true);
        }
        code = code << 6 | u32::from(byte & 0x3f);
    }
    let shortest = match code {
        0..=0x7f => 1,
        0x80..=0x7ff => 2,
        0x800..=0xffff => 3,
        0x1_0000..=0x1f_ffff => 4,
        _ => length,
    };
    let reserved = matches!(code, 0xd800..=0xdfff | 0xfffe..=0xffff);
    (code, length, reserved || (length > shortest && !permissive))
}

fn escape(code: u32, out: &mut Vec<u8>) {
    let short = match code {
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        0x22 => b'"',
        0x2f => b'/',
        0x5c => b'\\',
        0x20..=0x7e => return out.push(code as u8),
        _ => {
            // Writing to a vector cannot fail.
            let _ = write!(out, "\\u{code:04x}");
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
