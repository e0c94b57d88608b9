//! Converters: one value to another. One word is one file plus one line of [`ALL`].
//!
//! What must hold: a converter gets a value of the type it takes, borrows from it or writes to
//! the buffer it is given, and answers `None` where there is no result.

use super::arguments::{Arg, Args, BadArg};
use super::context::Context;
use super::sample::{Sample, Type};
use std::collections::HashMap;
use std::sync::LazyLock;

mod aes;
mod arithmetic;
mod base2;
mod base64;
mod bits;
mod bool;
mod bytes;
mod capture;
mod chunk;
mod concat;
mod cut_crlf;
mod decimal;
mod digest;
mod field;
mod hash32;
mod hex;
mod host_only;
mod htonl;
mod iif;
mod ipmask;
mod json_query;
mod length;
mod lower;
mod operand;
mod parity;
mod regsub;
mod reverse;
mod trim;
mod url_dec;
mod word;
mod x509_v_err_str;
mod xxh;

/// The longest text a converter may give, in bytes; a longer one is no value. Some give many times
/// what they take, and they can follow each other.
const LONGEST: usize = 1 << 20;

pub(super) use hash32::full_avalanche;

/// Every converter.
pub const ALL: &[&Keyword] = &[
    &capture::REQ,
    &capture::RES,
    &aes::CBC_DEC,
    &aes::CBC_ENC,
    &aes::GCM_DEC,
    &arithmetic::ADD,
    &arithmetic::DIV,
    &arithmetic::MOD,
    &arithmetic::MUL,
    &arithmetic::NEG,
    &arithmetic::SUB,
    &base2::KEYWORD,
    &base64::B64DEC,
    &base64::BASE64,
    &base64::UB64DEC,
    &base64::UB64ENC,
    &bits::AND,
    &bits::CPL,
    &bits::OR,
    &bits::XOR,
    &bool::BOOL,
    &bool::NOT,
    &bytes::KEYWORD,
    &concat::ADD_ITEM,
    &concat::CONCAT,
    &cut_crlf::KEYWORD,
    &decimal::BE2DEC,
    &decimal::LE2DEC,
    &digest::DIGEST,
    &digest::HMAC,
    &digest::SHA1,
    &digest::SHA2,
    &field::KEYWORD,
    &hash32::CRC32,
    &hash32::CRC32C,
    &hash32::DJB2,
    &hash32::SDBM,
    &hash32::WT6,
    &hex::BE2HEX,
    &hex::HEX,
    &hex::HEX2I,
    &host_only::HOST_ONLY,
    &host_only::PORT_ONLY,
    &htonl::KEYWORD,
    &iif::KEYWORD,
    &ipmask::KEYWORD,
    &json_query::KEYWORD,
    &length::KEYWORD,
    &lower::LOWER,
    &lower::UPPER,
    &parity::EVEN,
    &parity::ODD,
    &regsub::KEYWORD,
    &reverse::REVERSE,
    &reverse::REVERSE_DOM,
    &trim::LTRIM,
    &trim::RTRIM,
    &url_dec::KEYWORD,
    &word::KEYWORD,
    &x509_v_err_str::KEYWORD,
    &xxh::XXH3,
    &xxh::XXH32,
    &xxh::XXH64,
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
        let output = match self {
            Self::Plain(convert) => convert(input, out),
            Self::Boxed(convert) => convert.apply(cx, input, out),
        };
        output.filter(|output| match output {
            Sample::Str(bytes) | Sample::Bin(bytes) => bytes.len() <= LONGEST,
            _ => true,
        })
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
