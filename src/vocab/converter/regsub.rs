//! `regsub(<regex>,<substitution>[,<flags>])`: replaces what a regular expression finds.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::regex::{self, Groups};
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["regsub"],
    args: &[
        required("regex", Kind::Str),
        required("substitution", Kind::Str),
        optional("flags", Kind::Str),
    ],
    doc: "The text with the first match of <regex> replaced, or with flag \"g\" every match; \
          flag \"i\" ignores case. \\1 to \\9 stand for the groups.",
    examples: &[
        ("str(abcab),regsub(b,X)", Some("aXcab")),
        ("str(abcab),regsub(b,X,g)", Some("aXcaX")),
        ("str(aBcab),regsub(b,X,i)", Some("aXcab")),
        ("str(/a/b),regsub(^/a/,/)", Some("/b")),
        (r"str(abc),regsub('a(b)c','[\1]')", Some("[b]")),
        ("str(abc),regsub(x,y)", Some("abc")),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct RegSub {
    regex: Groups,
    template: Box<[u8]>,
    global: bool,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let flags = args.text(2).unwrap_or_default();
    if let Some(&unknown) = flags.iter().find(|flag| !b"gi".contains(flag)) {
        let flag = char::from(unknown);
        let message = format!("invalid regex flag '{flag}', only 'i' and 'g' are supported");
        return Err(BadArg::new(2, message));
    }
    let pattern = args.text(0).unwrap_or_default();
    let regex = regex::compile(pattern, flags.contains(&b'i')).map_err(|error| BadArg {
        index: 0,
        message: error.message,
        help: error.help,
    })?;
    Ok(Box::new(RegSub {
        regex: Groups::new(regex),
        template: args.text(1).unwrap_or_default().into(),
        global: flags.contains(&b'g'),
    }))
}

impl Converting for RegSub {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        let most = match self.global {
            true => 0,
            false => 1,
        };
        match self.regex.replace(&self.template, text, most, out) {
            true => Some(Sample::Str(out)),
            false => Some(Sample::Str(text)),
        }
    }
}
