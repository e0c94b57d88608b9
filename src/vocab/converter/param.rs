//! `param(<name>[,<delim>])`: one parameter of a list such as `a=1&b=2`.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["param"],
    args: &[required("name", Kind::Str), optional("delim", Kind::Str)],
    doc: "The value of the first parameter <name> in a list of \"name=value\" separated by \
          <delim>, one character, \"&\" by default. Empty without \"=\".",
    examples: &[
        ("str(a=b&c=d&a=r),param(a)", Some("b")),
        ("str(a&b=c),param(a)", Some("")),
        ("str(a=&b&c=a),param(b)", Some("")),
        ("str(a=1;b=2),param(b,;)", Some("2")),
        ("str(ab=1&a=2),param(a)", Some("2")),
        ("str(b=x&a),param(a)", Some("")),
        ("str(a=b=c),param(a)", Some("b=c")),
        ("str(A=1),param(a)", None),
        ("str(b=1),param(a)", None),
        ("str(),param(a)", None),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Param {
    name: Box<[u8]>,
    delimiter: u8,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let delimiter = match args.text(1) {
        None => b'&',
        Some(&[delimiter]) => delimiter,
        Some(_) => return Err(BadArg::new(1, "delimiter must be exactly 1 character")),
    };
    let name = args.text(0).unwrap_or_default().into();
    Ok(Box::new(Param { name, delimiter }))
}

impl Converting for Param {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        text.split(|&byte| byte == self.delimiter).find_map(|one| {
            match one.strip_prefix(&*self.name)? {
                [] => Some(Sample::Str(&[])),
                [b'=', value @ ..] => Some(Sample::Str(value)),
                _ => None,
            }
        })
    }
}
