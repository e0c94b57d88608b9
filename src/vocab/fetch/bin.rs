//! `bin(<hex>)`: bytes written in the configuration.

use super::{Build, Fetching, Keyword, example};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["bin"],
    args: &[required("hex", Kind::Str)],
    yields: Type::Bin,
    doc: "Bytes, written as pairs of hexadecimal digits.",
    examples: &[
        example("", "bin(6A6b)", "jk"),
        example("", "bin(0aFF),hex", "0AFF"),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Bytes(Box<[u8]>);

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let text = args.text(0).unwrap_or_default();
    if text.is_empty() {
        return Err(BadArg::new(0, "expects pairs of hexadecimal digits"));
    }
    if !text.len().is_multiple_of(2) {
        return Err(BadArg::new(0, "an even number of hex digit is expected"));
    }
    let digit = |byte: u8| {
        let value = char::from(byte).to_digit(16).map(|value| value as u8);
        value.ok_or_else(|| {
            let shown = char::from(byte);
            BadArg::new(0, format!("an hex digit is expected (found '{shown}')"))
        })
    };
    let pairs = text.chunks_exact(2).map(|pair| match *pair {
        [high, low] => Ok(digit(high)? << 4 | digit(low)?),
        _ => Ok(0),
    });
    Ok(Box::new(Bytes(pairs.collect::<Result<_, BadArg>>()?)))
}

impl Fetching for Bytes {
    fn one<'s>(&'s self, _: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        Some(Sample::Bin(&self.0))
    }
}
