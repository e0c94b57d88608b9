//! `var(<name>[,<default>])`: what a variable holds. `dump_all_vars`: all of them as a text.

use super::{Build, Fetching, Keyword, example, nothing};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{ROOM, Sample, Type};
use crate::vocab::suggest::closest;
use crate::vocab::variable::{SCOPES, Var, VarScope};

pub(super) const VAR: Keyword = Keyword {
    names: &["var"],
    args: &[required("name", Kind::Var), optional("default", Kind::Str)],
    yields: Type::Any,
    writes: true,
    doc: "The value of a variable, of the type it was set with, or the text <default>.",
    examples: &[
        nothing("", "var(txn.x)"),
        example("", "var(txn.x,none)", "none"),
        example("", "var(txn.x,60),div(12)", "5"),
    ],
    build: Build::With(|args| {
        let var = args
            .var(0)
            .ok_or_else(|| BadArg::new(0, "expects a name"))?;
        let default = args.text(1).map(Into::into);
        Ok(Box::new(Variable { var, default }))
    }),
    ..Keyword::DEFAULT
};

pub(super) const DUMP_ALL_VARS: Keyword = Keyword {
    names: &["dump_all_vars"],
    args: &[
        optional("scope", Kind::Str),
        optional("prefix", Kind::Str),
        optional("delimiter", Kind::Str),
    ],
    writes: true,
    doc: "Names and values of all variables, or of those of <scope> whose names start with <prefix>, separated by <delimiter> or \", \".",
    examples: &[example("", "dump_all_vars", "")],
    build: Build::With(dump),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Variable {
    var: Var,
    default: Option<Box<[u8]>>,
}

impl Fetching for Variable {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let value = cx.vars.read(self.var, out);
        value.or_else(|| self.default.as_deref().map(Sample::Str))
    }
}

#[derive(Debug)]
struct Dump {
    scope: Option<VarScope>,
    prefix: Box<[u8]>,
    delimiter: Box<[u8]>,
}

fn dump(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let scope = match args.text(0).filter(|name| !name.is_empty()) {
        None => None,
        Some(name) => Some(VarScope::named(name).ok_or_else(|| unknown_scope(name))?),
    };
    Ok(Box::new(Dump {
        scope,
        prefix: args.text(1).unwrap_or_default().into(),
        delimiter: args.text(2).unwrap_or(b", ").into(),
    }))
}

fn unknown_scope(name: &[u8]) -> BadArg {
    let shown = String::from_utf8_lossy(name);
    let near = closest(&shown, SCOPES.iter().map(|(_, name)| *name));
    BadArg {
        help: near.map(|near| format!("did you mean '{near}'?")),
        ..BadArg::new(
            0,
            format!("invalid scope '{shown}', must be one of: sess, txn, req, res, proc"),
        )
    }
}

impl Fetching for Dump {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        // Without a scope HAProxy leaves those of health checks out.
        let wanted = |scope| match self.scope {
            Some(only) => only == scope,
            None => scope != VarScope::Check,
        };
        for (scope, prefix) in SCOPES.into_iter().filter(|(scope, _)| wanted(*scope)) {
            cx.vars.each(scope, |name, value| {
                if !name.as_bytes().starts_with(&self.prefix) {
                    return;
                }
                if !out.is_empty() {
                    out.extend_from_slice(&self.delimiter);
                }
                for part in [prefix, ".", name, "="] {
                    out.extend_from_slice(part.as_bytes());
                }
                write_value(value, out);
            });
        }
        Some(Sample::Str(out))
    }
}

/// As a dump shows it: texts quoted, bytes as hexadecimal digits behind an `x`.
fn write_value(value: Sample<'_>, out: &mut Vec<u8>) {
    match value {
        Sample::Str(text) | Sample::Meth(text) => {
            out.push(b'"');
            text.iter().for_each(|&byte| escape(byte, out));
            out.push(b'"');
        }
        Sample::Bin(bytes) => {
            out.push(b'x');
            for byte in bytes {
                out.extend(hex(*byte));
            }
        }
        Sample::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Sample::Sint(_) | Sample::Addr(_) => {
            out.extend_from_slice(value.text(&mut ROOM.clone()));
        }
    }
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\r' => b'r',
        b'\n' => b'n',
        8 => b'b',
        0 => b'0',
        _ => return out.push(byte),
    };
    out.extend([b'\\', letter]);
}

fn hex(byte: u8) -> [u8; 2] {
    let digit = |value: u8| match value {
        0..=9 => b'0' + value,
        _ => b'a' + value - 10,
    };
    [digit(byte >> 4), digit(byte & 15)]
}
