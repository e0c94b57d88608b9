//! `concat(<start>[,<var>[,<end>]])` and `add_item(<delimiter>[,<var>[,<suffix>]])`.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use crate::vocab::variable::Var;

pub(super) const CONCAT: Keyword = Keyword {
    names: &["concat"],
    args: &[
        required("start", Kind::Str),
        optional("var", Kind::Var),
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
        ("int(5),set-var(txn.x),concat(-,txn.x,;)", Some("5-5;")),
        ("str(abc),concat(-,txn.unset,;)", Some("abc-;")),
    ],
    build: Build::With(|args| {
        Ok(Box::new(Concat {
            start: args.text(0).unwrap_or_default().into(),
            var: args.var(1),
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
        optional("var", Kind::Var),
        optional("suffix", Kind::Str),
    ],
    doc: "The text, then the variable's value if there is one and <suffix>. Between two that are \
          not empty stands <delimiter>.",
    examples: &[
        ("str(abc),add_item(;,,z)", Some("abc;z")),
        ("str(),add_item(;,,z)", Some("z")),
        ("str(abc),add_item(,,z)", Some("abcz")),
        ("int(5),set-var(txn.x),add_item(;,txn.x)", Some("5;5")),
        ("str(abc),add_item(;,txn.unset)", Some("abc")),
        ("str(abc),add_item(;,txn.unset,z)", Some("abc;z")),
    ],
    build: Build::With(add_item),
    ..Keyword::DEFAULT
};

fn add_item(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let var = args.var(1);
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
    var: Option<Var>,
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
        if let Some(var) = self.var {
            cx.vars.append(var, out);
        }
        out.extend_from_slice(&self.end);
        if self.list && (text.is_empty() || out.len() == after_start) {
            out.drain(text.len()..after_start);
        }
        Some(Sample::Str(out))
    }
}
