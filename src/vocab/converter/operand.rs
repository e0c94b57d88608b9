//! What a converter's argument stands for.
//!
//! HAProxy lets a variable's name stand where an integer or an encoded key is written. All
//! converters read such arguments here.

use crate::vocab::args::leading_integer;
use crate::vocab::arguments::{Args, BadArg};
use crate::vocab::context::Context;

use super::base64::{Alphabet, decode};

/// An integer argument.
#[derive(Debug)]
pub(super) enum Int {
    Literal(i64),
}

impl Int {
    /// Reads the argument at `index`. As HAProxy, an empty one is zero.
    pub(super) fn read(args: &Args, index: usize) -> Result<Self, BadArg> {
        let text = args.text(index).unwrap_or_default();
        refuse_variable(args, index)?;
        let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+"));
        if !digits.unwrap_or(text).iter().all(u8::is_ascii_digit) {
            let message = "expects an integer or a variable name";
            return Err(BadArg::new(index, message));
        }
        let (value, _) = leading_integer(&String::from_utf8_lossy(text));
        Ok(Self::Literal(value))
    }

    /// Its value now.
    pub(super) fn value(&self, _: &Context<'_>) -> Option<i64> {
        match self {
            Self::Literal(value) => Some(*value),
        }
    }
}

/// An argument of bytes in base64.
#[derive(Debug)]
pub(super) enum Encoded {
    Literal(Box<[u8]>),
}

impl Encoded {
    /// Reads the argument at `index`, called `what` in messages. An empty one is no bytes.
    pub(super) fn read(args: &Args, index: usize, what: &str) -> Result<Self, BadArg> {
        refuse_variable(args, index)?;
        let mut bytes = Vec::new();
        match decode(
            Alphabet::Standard,
            args.text(index).unwrap_or_default(),
            &mut bytes,
        ) {
            Some(()) => Ok(Self::Literal(bytes.into())),
            None => {
                let message = format!(
                    "failed to parse {what} : argument needs to be base64 encoded, and can \
                     either be a string or a variable"
                );
                Err(BadArg::new(index, message))
            }
        }
    }

    /// Its bytes now, decoded into `room` where that is needed.
    pub(super) fn bytes<'s>(&'s self, _: &Context<'_>, _: &'s mut Vec<u8>) -> Option<&'s [u8]> {
        match self {
            Self::Literal(bytes) => Some(bytes),
        }
    }

    /// Its length, if it is written in the configuration.
    pub(super) fn literal_len(&self) -> Option<usize> {
        match self {
            Self::Literal(bytes) => Some(bytes.len()),
        }
    }
}

/// A variable used as a text.
#[derive(Debug)]
pub(super) enum Text {}

impl Text {
    /// Reads the variable's name at `index`.
    pub(super) fn variable(args: &Args, index: usize) -> Result<Self, BadArg> {
        refuse_variable(args, index)?;
        let shown = String::from_utf8_lossy(args.text(index).unwrap_or_default());
        let message = format!("failed to register variable name '{shown}'");
        Err(BadArg::new(index, message))
    }

    /// Appends its value now, if it has one.
    pub(super) fn push(&self, _: &Context<'_>, _: &mut Vec<u8>) {
        match *self {}
    }
}

/// Variables come with the words that set them.
pub(super) fn refuse_variable(args: &Args, index: usize) -> Result<(), BadArg> {
    let text = args.text(index).unwrap_or_default();
    if !is_variable(text) {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(text);
    let message = format!("variables are not supported yet ('{shown}')");
    Err(BadArg::new(index, message))
}

/// Whether `text` is a variable's name: a scope, a dot, and letters, digits, dots or underscores.
fn is_variable(text: &[u8]) -> bool {
    const SCOPES: [&[u8]; 10] = [
        b"proc", b"sess", b"psess", b"txn", b"ptxn", b"req", b"preq", b"res", b"pres", b"check",
    ];
    let mut parts = text.splitn(2, |&byte| byte == b'.');
    let is_scope = parts.next().is_some_and(|scope| SCOPES.contains(&scope));
    let is_name = |name: &[u8]| {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._".contains(byte);
        !name.is_empty() && name.iter().all(allowed)
    };
    is_scope && parts.next().is_some_and(is_name)
}
