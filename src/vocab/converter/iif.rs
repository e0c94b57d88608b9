//! `iif(<true>,<false>)`: one of two texts.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["iif"],
    args: &[required("true", Kind::Str), required("false", Kind::Str)],
    takes: Type::Bool,
    doc: "The text <true> if the value is true, otherwise <false>.",
    examples: &[
        ("bool(true),iif(yes,no)", Some("yes")),
        ("bool(false),iif(yes,no)", Some("no")),
        ("bool(true),iif(,no)", Some("")),
        ("int(7),iif(yes,no)", Some("yes")),
        ("str(0),iif(yes,no)", Some("no")),
        ("str(x),iif(yes,no)", Some("no")),
        ("str(),iif(yes,no)", None),
    ],
    build: Build::With(|args: &Args| -> Result<Box<dyn Converting>, BadArg> {
        Ok(Box::new(Iif {
            yes: args.text(0).unwrap_or_default().into(),
            no: args.text(1).unwrap_or_default().into(),
        }))
    }),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Iif {
    yes: Box<[u8]>,
    no: Box<[u8]>,
}

impl Converting for Iif {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        match input {
            Sample::Bool(true) => Some(Sample::Str(&self.yes)),
            Sample::Bool(false) => Some(Sample::Str(&self.no)),
            _ => None,
        }
    }
}
