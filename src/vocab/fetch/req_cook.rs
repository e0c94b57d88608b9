//! `req.cook([<name>])` and `res.cook([<name>])`: the value of a cookie.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use memchr::memchr;

pub(super) const REQ_COOK: Keyword = Keyword {
    names: &["req.cook", "cook"],
    acl_stems: &["cook"],
    args: &[optional("name", Kind::Str)],
    needs: Needs::RequestHead,
    doc: "The value of the last cookie <name> that the client sent. Conditions look at each.",
    examples: &[
        example("GET / HTTP/1.1\nCookie: a=1; b=2", "req.cook(b)", "2"),
        example("GET / HTTP/1.1\nCookie: a=1; a=2", "cook(a)", "2"),
        nothing("GET / HTTP/1.1\nCookie: a=1", "cook(b)"),
    ],
    build: Build::With(|args| build(args, false)),
    ..Keyword::DEFAULT
};

pub(super) const RES_COOK: Keyword = Keyword {
    names: &["res.cook", "scook"],
    acl_stems: &["scook"],
    args: &[optional("name", Kind::Str)],
    needs: Needs::ResponseHead,
    doc: "The value of the last cookie <name> that the server sets.",
    examples: &[
        example(
            "HTTP/1.1 200 OK\nSet-Cookie: a=1; path=/",
            "res.cook(a)",
            "1",
        ),
        nothing("HTTP/1.1 200 OK\nSet-Cookie: a=1; path=/", "scook(path)"),
    ],
    build: Build::With(|args| build(args, true)),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Cookie {
    name: Box<[u8]>,
    set: bool,
}

fn build(args: &Args, set: bool) -> Result<Box<dyn Fetching>, BadArg> {
    let name = args.text(0).unwrap_or_default().into();
    Ok(Box::new(Cookie { name, set }))
}

impl Cookie {
    fn each<'s>(&self, cx: &Context<'s>, visit: &mut dyn FnMut(&'s [u8]) -> bool) -> bool {
        match self.set {
            // Only the first pair of Set-Cookie is the cookie; attributes follow.
            true => cx.response.is_some_and(|head| {
                head.header_values(b"set-cookie")
                    .filter_map(|value| self.value(value.split(|&byte| byte == b';').next()?))
                    .any(&mut *visit)
            }),
            false => cx.request.is_some_and(|head| {
                head.header_values(b"cookie")
                    .flat_map(|value| value.split(|&byte| byte == b';'))
                    .filter_map(|pair| self.value(pair))
                    .any(&mut *visit)
            }),
        }
    }

    fn value<'s>(&self, pair: &'s [u8]) -> Option<&'s [u8]> {
        let (name, value) = pair.split_at_checked(memchr(b'=', pair)?)?;
        let wanted = self.name.is_empty() || *name.trim_ascii() == *self.name;
        wanted.then(|| value.get(1..).unwrap_or_default().trim_ascii())
    }
}

impl Fetching for Cookie {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let mut last = None;
        self.each(cx, &mut |value| {
            last = Some(value);
            false
        });
        last.map(Sample::Str)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        _: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        self.each(cx, &mut |value| visit(Sample::Str(value)))
    }
}
