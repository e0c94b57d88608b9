//! `distcc_param` and `distcc_body`: the tokens of a distcc message.
//!
//! A message is a row of tokens: four letters, eight hexadecimal digits, and for most tokens as
//! many bytes as these say.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::content::Content;
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

const ARGS: &[Arg] = &[required("token", Kind::Str), optional("occ", Kind::Int)];

pub(super) const PARAM: Keyword = Keyword {
    names: &["distcc_param"],
    args: ARGS,
    yields: Type::Sint,
    needs: Needs::Bytes,
    doc: "The number of a distcc token, the <occ>th one counted from 1.",
    examples: &[
        example("raw:DIST00000003ARGC0000000a", "distcc_param(ARGC)", "10"),
        example(
            "raw:ARGV00000002abARGV00000001c",
            "distcc_param(ARGV,2)",
            "1",
        ),
        nothing("raw:DIST0000000x", "distcc_param(DIST)"),
    ],
    build: Build::With(|args| Ok(Box::new(Param(token(args)?)))),
    ..Keyword::DEFAULT
};

pub(super) const BODY: Keyword = Keyword {
    names: &["distcc_body"],
    args: ARGS,
    yields: Type::Bin,
    needs: Needs::Bytes,
    doc: "The bytes that follow a distcc token, the <occ>th one counted from 1.",
    examples: &[example(
        "raw:DIST00000003ARGV00000002cc",
        "distcc_body(ARGV)",
        "cc",
    )],
    build: Build::With(|args| Ok(Box::new(Body(token(args)?)))),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Token {
    name: [u8; 4],
    /// Counted from 1; 0 is any.
    occurrence: i64,
}

#[derive(Debug)]
struct Param(Token);

#[derive(Debug)]
struct Body(Token);

fn token(args: &Args) -> Result<Token, BadArg> {
    let name = args.text(0).unwrap_or_default();
    Ok(Token {
        name: name
            .try_into()
            .map_err(|_| BadArg::new(0, "token name must be exactly 4 characters"))?,
        occurrence: args.int(1).unwrap_or(0),
    })
}

impl Fetching for Param {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let (number, _) = self.0.find(cx.content?)?;
        Some(Sample::Sint(number.into()))
    }
}

impl Fetching for Body {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let content = cx.content?;
        let (number, rest) = self.0.find(content)?;
        let length = if has_body(&self.0.name) {
            number as usize
        } else {
            0
        };
        match rest.get(..length) {
            Some(body) => Some(Sample::Bin(body)),
            // As much as there can be of it.
            None => {
                content.change();
                Some(Sample::Bin(rest))
            }
        }
    }
}

const TOKEN: usize = 12;

impl Token {
    /// The token's number and what follows it.
    fn find<'a>(&self, content: &'a Content<'a>) -> Option<(u32, &'a [u8])> {
        let mut rest = content.bytes()?;
        let mut seen = 0;
        loop {
            let Some((head, after)) = rest.split_at_checked(TOKEN) else {
                return content.wait();
            };
            let (name, digits) = head.split_at_checked(4)?;
            let number = hexadecimal(digits)?;
            if name == self.name {
                seen += 1;
                if self.occurrence == 0 || self.occurrence == seen {
                    return Some((number, after));
                }
            }
            let body = if has_body(name) { number as usize } else { 0 };
            rest = after.get(body..)?;
        }
    }
}

fn has_body(name: &[u8]) -> bool {
    ![b"ARGC", b"DIST", b"NFIL", b"STAT", b"DONE"]
        .iter()
        .any(|&token| token == name)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, &digit| {
        let value = char::from(digit).to_digit(16)?;
        Some(sum << 4 | value)
    })
}
