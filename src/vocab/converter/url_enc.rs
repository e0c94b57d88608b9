//! `url_enc([<enc_type>])`: percent-encoding.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use std::io::Write;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["url_enc"],
    args: &[required("enc_type", Kind::Str)],
    doc: "The text with each byte but letters, digits and \"-._~\" written %XX (RFC 3986 section \
          2.3). <enc_type> can only be \"query\".",
    examples: &[
        (
            "str('a b/c?d=e&f'),url_enc()",
            Some("a%20b%2Fc%3Fd%3De%26f"),
        ),
        ("str(A-z_0.9~),url_enc(query)", Some("A-z_0.9~")),
        ("bin(ff7f),url_enc", Some("%FF%7F")),
        ("str(),url_enc", Some("")),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct UrlEnc;

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    match args.text(0).unwrap_or_default() {
        b"" | b"query" => Ok(Box::new(UrlEnc)),
        _ => {
            let message = "unexpected encode type, allowed value is 'query'";
            Err(BadArg::new(0, message))
        }
    }
}

impl Converting for UrlEnc {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        for &byte in text {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(byte);
            } else {
                // Writing to a vector cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
        Some(Sample::Str(out))
    }
}
