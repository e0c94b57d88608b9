//! `capture-req(<id>)` and `capture-res(<id>)`: the value is put into a capture slot and goes on.

use super::{Build, Converting, Keyword};
use crate::observe::{Captured, Record};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

const ID: &[Arg] = &[required("id", Kind::Int)];

pub(super) const REQ: Keyword = Keyword {
    names: &["capture-req"],
    args: ID,
    takes: Type::Str,
    gives: Type::Str,
    doc: "Captures the text into the request slot <id>; without such a slot there is no value.",
    examples: &[("str(a),capture-req(0)", None)],
    build: Build::With(|args| build(args, |record| &record.request_captures)),
};

pub(super) const RES: Keyword = Keyword {
    names: &["capture-res"],
    args: ID,
    takes: Type::Str,
    gives: Type::Str,
    doc: "Captures the text into the response slot <id>; without such a slot there is no value.",
    examples: &[("str(a),capture-res(0)", None)],
    build: Build::With(|args| build(args, |record| &record.response_captures)),
};

type List = fn(&Record) -> &Captured;

#[derive(Debug)]
struct Capture {
    list: List,
    index: usize,
}

fn build(args: &Args, list: List) -> Result<Box<dyn Converting>, BadArg> {
    let index = usize::try_from(args.int(0).unwrap_or(0))
        .map_err(|_| BadArg::new(0, "captures are counted from 0"))?;
    Ok(Box::new(Capture { list, index }))
}

impl Converting for Capture {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        let captured = (self.list)(cx.record).put(self.index, text);
        captured.then_some(input)
    }
}
