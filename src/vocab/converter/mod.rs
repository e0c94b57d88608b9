//! Converters: one value to another. One word is one file plus one line of [`ALL`].
//!
//! What must hold: a converter gets a value of the type it takes, borrows from it or writes to
//! the buffer it is given, and answers `None` where there is no result.

use super::arguments::{Arg, Args, BadArg};
use super::context::Context;
use super::sample::{Sample, Type};
use std::collections::HashMap;
use std::sync::LazyLock;

mod arithmetic;
mod bool;
mod crc32;
mod field;
mod hex;
mod ipmask;
mod length;
mod lower;
mod parity;
mod regsub;
mod sdbm;
mod trim;
mod url_dec;
mod word;

pub(super) use sdbm::full_avalanche;

/// Every converter.
pub const ALL: &[&Keyword] = &[
    &arithmetic::ADD,
    &arithmetic::DIV,
    &arithmetic::MOD,
    &arithmetic::MUL,
    &arithmetic::NEG,
    &arithmetic::SUB,
    &bool::BOOL,
    &bool::NOT,
    &crc32::KEYWORD,
    &field::KEYWORD,
    &hex::KEYWORD,
    &ipmask::KEYWORD,
    &length::KEYWORD,
    &lower::LOWER,
    &lower::UPPER,
    &parity::EVEN,
    &parity::ODD,
    &regsub::KEYWORD,
    &sdbm::KEYWORD,
    &trim::LTRIM,
    &trim::RTRIM,
    &url_dec::KEYWORD,
    &word::KEYWORD,
];

/// One converter of the language.
#[derive(Debug)]
pub struct Keyword {
    /// Its name, then older spellings.
    pub names: &'static [&'static str],
    /// What goes between its parentheses.
    pub args: &'static [Arg],
    /// The type it works on.
    pub takes: Type,
    /// The type of its values.
    pub gives: Type,
    /// One or two sentences for the reference manual.
    pub doc: &'static str,
    /// Cases that are run as tests: an expression without a message, and its value as text.
    pub examples: &'static [Example],
    /// How it is made.
    pub build: Build,
}

/// An expression and what it gives; `None` is no value.
pub type Example = (&'static str, Option<&'static str>);

/// A converter without arguments.
pub type Plain = for<'s> fn(Sample<'s>, &'s mut Vec<u8>) -> Option<Sample<'s>>;

/// How a converter is made from its arguments.
#[derive(Clone, Copy, Debug)]
pub enum Build {
    /// It has none: the function itself.
    Plain(Plain),
    /// They are checked and kept.
    With(fn(&Args) -> Result<Box<dyn Converting>, BadArg>),
}

/// A converter with arguments.
pub trait Converting: std::fmt::Debug + Send + Sync {
    /// The new value.
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>>;
}

/// A converter ready to run.
#[derive(Debug)]
pub(super) enum Convert {
    Plain(Plain),
    Boxed(Box<dyn Converting>),
}

impl Convert {
    pub(super) fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        match self {
            Self::Plain(convert) => convert(input, out),
            Self::Boxed(convert) => convert.apply(cx, input, out),
        }
    }
}

impl Keyword {
    /// What most converters are: text to text without arguments.
    const DEFAULT: Self = Self {
        names: &[],
        args: &[],
        takes: Type::Str,
        gives: Type::Str,
        doc: "",
        examples: &[],
        build: Build::Plain(|_, _| None),
    };

    /// The name it is documented under.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or("")
    }

    pub(super) fn build(&self, args: &Args) -> Result<Convert, BadArg> {
        match self.build {
            Build::Plain(convert) => Ok(Convert::Plain(convert)),
            Build::With(build) => build(args).map(Convert::Boxed),
        }
    }
}

/// All names of all converters.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|keyword| keyword.names).copied()
}

/// The converter of that name.
pub fn find(name: &[u8]) -> Option<&'static Keyword> {
    static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Keyword>> = LazyLock::new(|| {
        let names = |keyword: &&'static Keyword| {
            let keyword = *keyword;
            keyword
                .names
                .iter()
                .map(move |name| (name.as_bytes(), keyword))
        };
        ALL.iter().flat_map(names).collect()
    });
    BY_NAME.get(name).copied()
}
