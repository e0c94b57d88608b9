//! `concat(<start>[,<var>[,<end>]])` and `add_item(<delimiter>[,<var>[,<suffix>]])`.

use super::operand::Text;
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const CONCAT: Keyword = Keyword {
    names: &["concat"],
    args: &[
        required("start", Kind::Str),
        optional("var", Kind::Str),
        optional("end", Kind::Str),
    ],
    doc: "The text, then <start>, the variable's value if there is one, and <end>.",
    examples: &[
        ("str(abc),concat(x)", Some("abcx")),
        ("str(abc),concat(x,,y)", Some("abcxy")),
        ("str(abc),concat(,,y)", Some("abcy")),
        ("str(abc),concat()", Some("abc")),
        ("str(),concat(a)", Some("a")),
        ("int(5),concat(a)", Some("5a")),
    ],
    build: Build::With(|args| {
        Ok(Box::new(Concat {
            start: args.text(0).unwrap_or_default().into(),
            var: variable(args)?,
            end: args.text(2).unwrap_or_default().into(),
            list: false,
        }))
    }),
    ..Keyword::DEFAULT
};

pub(super) const ADD_ITEM: Keyword = Keyword {
    names: &["add_item"],
    args: &[
        required("delimiter", Kind::Str),
        required("var", Kind::Str),
        optional("suffix", Kind::Str),
    ],
    doc: "The text, then the variable's value if there is one and <suffix>. Between two that are \
          not empty stands <delimiter>.",
    examples: &[
        ("str(abc),add_item(;,,z)", Some("abc;z")),
        ("str(),add_item(;,,z)", Some("z")),
        ("str(abc),add_item(,,z)", Some("abcz")),
    ],
    build: Build::With(add_item),
    ..Keyword::DEFAULT
};

/// The second argument, which may be left empty.
fn variable(args: &Args) -> Result<Option<Text>, BadArg> {
    match args.text(1) {
        None | Some([]) => Ok(None),
        Some(_) => Text::variable(args, 1).map(Some),
    }
}

fn add_item(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let var = variable(args)?;
    let end = args.text(2).unwrap_or_default();
    if var.is_none() && end.is_empty() {
        let message = "one of the optional arguments has to be nonempty";
        return Err(BadArg::new(1, message));
    }
    Ok(Box::new(Concat {
        start: args.text(0).unwrap_or_default().into(),
        var,
        end: end.into(),
        list: true,
    }))
}

#[derive(Debug)]
struct Concat {
    start: Box<[u8]>,
    var: Option<Text>,
    end: Box<[u8]>,
    /// `start` stands only between two texts.
    list: bool,
}

impl Converting for Concat {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        out.extend_from_slice(text);
        out.extend_from_slice(&self.start);
        let after_start = out.len();
        if let Some(var) = &self.var {
            var.push(cx, out);
        }
        out.extend_from_slice(&self.end);
        if self.list && (text.is_empty() || out.len() == after_start) {
            out.drain(text.len()..after_start);
        }
        Some(Sample::Str(out))
    }
}
