//! `acl(<name>[,…])`: whether all these ACLs match, each perhaps behind a `!`.

use super::{Build, Fetching, Keyword, example};
use crate::vocab::arguments::{AclRef, Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

/// Most names HAProxy takes.
const MOST: usize = 12;
const NAME: Arg = optional("name", Kind::Acl);

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["acl"],
    args: &[
        required("name", Kind::Acl),
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
    ],
    yields: Type::Bool,
    doc: "Whether every named ACL matches; a \"!\" before a name inverts it.",
    examples: &[
        example("GET / HTTP/1.1", "acl(METH_GET,TRUE)", "1"),
        example("GET / HTTP/1.1", "acl(METH_GET,!TRUE)", "0"),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct All(Vec<AclRef>);

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let acls = (0..MOST).map_while(|index| args.acl(index)).collect();
    Ok(Box::new(All(acls)))
}

impl Fetching for All {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        Some(Sample::Bool(self.0.iter().all(|acl| acl.holds(cx))))
    }
}
