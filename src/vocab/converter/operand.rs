//! Bytes that are written in base64, in the configuration or in a variable.

use super::base64::{Alphabet, decode};
use crate::vocab::arguments::{Args, BadArg, Operand};
use crate::vocab::context::Context;

/// An argument of [`Kind::TextOrVar`](crate::vocab::arguments::Kind) that is base64.
#[derive(Debug)]
pub(super) enum Encoded {
    /// Decoded.
    Literal(Box<[u8]>),
    /// Decoded whenever it is used.
    Variable(Operand),
}

impl Encoded {
    /// Reads the argument at `index`, called `what` in messages. An empty one is no bytes.
    pub(super) fn read(args: &Args, index: usize, what: &str) -> Result<Self, BadArg> {
        let text = match args.operand(index) {
            Some(Operand::Text(text)) => text,
            Some(variable) => return Ok(Self::Variable(variable)),
            None => Box::default(),
        };
        let mut bytes = Vec::new();
        match decode(Alphabet::Standard, &text, &mut bytes) {
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
    pub(super) fn bytes<'s>(&'s self, cx: &Context<'_>, room: &'s mut Vec<u8>) -> Option<&'s [u8]> {
        match self {
            Self::Literal(bytes) => Some(bytes),
            Self::Variable(variable) => {
                let mut text = cx.scratch.take_text();
                let decoded = variable
                    .append(cx, &mut text)
                    .then(|| decode(Alphabet::Standard, &text, room));
                cx.scratch.give_text(text);
                decoded.flatten()?;
                Some(room)
            }
        }
    }

    /// Its length, if it is written in the configuration.
    pub(super) fn literal_len(&self) -> Option<usize> {
        match self {
            Self::Literal(bytes) => Some(bytes.len()),
            Self::Variable(_) => None,
        }
    }
}
