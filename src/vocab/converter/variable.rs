//! `set-var(<name>[,<condition>…])` and `unset-var(<name>)`: the value passes through unchanged.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::variable::{Conditions, Var};

pub(super) const SET_VAR: Keyword = Keyword {
    names: &["set-var"],
    args: &[
        required("name", Kind::VarSet),
        optional("condition", Kind::Str),
        optional("condition", Kind::Str),
        optional("condition", Kind::Str),
        optional("condition", Kind::Str),
    ],
    takes: Type::Any,
    gives: Type::Any,
    doc: "Puts the value into a variable if each <condition> holds; without success there is no value.",
    examples: &[
        ("str(a),set-var(txn.x)", Some("a")),
        ("str(a),set-var(txn.x,ifexists)", None),
        (
            "int(3),set-var(txn.x),add(1),set-var(txn.x,iflt),add(txn.x)",
            Some("8"),
        ),
    ],
    build: Build::With(set),
};

pub(super) const UNSET_VAR: Keyword = Keyword {
    names: &["unset-var"],
    args: &[required("name", Kind::VarUnset)],
    takes: Type::Any,
    gives: Type::Any,
    doc: "Takes the value of a variable away.",
    examples: &[
        ("int(3),set-var(txn.x),unset-var(txn.x)", Some("3")),
        ("int(3),set-var(txn.x),unset-var(txn.x),add(txn.x)", None),
    ],
    build: Build::With(|args| {
        let var = args
            .var(0)
            .ok_or_else(|| BadArg::new(0, "expects a name"))?;
        Ok(Box::new(UnsetVar { var }))
    }),
};

#[derive(Debug)]
struct SetVar {
    var: Var,
    when: Conditions,
}

#[derive(Debug)]
struct UnsetVar {
    var: Var,
}

fn set(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let mut when = Conditions::default();
    for index in 1..=4 {
        if let Some(name) = args.text(index) {
            when.add(name).map_err(|bad| BadArg {
                help: bad.help,
                ..BadArg::new(index, bad.message)
            })?;
        }
    }
    let var = args
        .var(0)
        .ok_or_else(|| BadArg::new(0, "expects a name"))?;
    Ok(Box::new(SetVar { var, when }))
}

impl Converting for SetVar {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        cx.vars.set(self.var, input, self.when).then_some(input)
    }
}

impl Converting for UnsetVar {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        cx.vars.unset(self.var).then_some(input)
    }
}
