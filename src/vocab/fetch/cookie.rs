//! Cookies: `req.cook`, `req.cook_cnt`, `req.cook_val`, `req.cook_names`, the same of `res`, and
//! `cookie`, which means those of the message at hand.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type, leading_int};
use memchr::memchr;

const NAME: &[Arg] = &[optional("name", Kind::Str)];
const DELIMITER: &[Arg] = &[optional("delim", Kind::Str)];
const COOKIES: &str = "GET / HTTP/1.1\nCookie: a=1; b=2; a = \"x;y\"";
const SET_COOKIES: &str = "HTTP/1.1 200 OK\nSet-Cookie: a=1; path=/\nSet-Cookie: b=2";

pub(super) const REQ_COOK: Keyword = Keyword {
    names: &["req.cook", "cook"],
    acl_stems: &["cook"],
    args: NAME,
    needs: Needs::RequestHead,
    doc: "The value of the last cookie <name> that the client sent; without a name that of the \
          first cookie. Conditions look at each.",
    examples: &[
        example(COOKIES, "req.cook(b)", "2"),
        example(COOKIES, "cook(a)", "\"x;y\""),
        example(COOKIES, "cook()", "1"),
        nothing(COOKIES, "cook(c)"),
    ],
    build: Build::With(|args| value(args, Of::Request)),
    ..Keyword::DEFAULT
};

pub(super) const RES_COOK: Keyword = Keyword {
    names: &["res.cook", "scook"],
    acl_stems: &["scook"],
    args: NAME,
    needs: Needs::ResponseHead,
    doc: "The value of the last cookie <name> that the server sets.",
    examples: &[
        example(SET_COOKIES, "res.cook(a)", "1"),
        nothing(SET_COOKIES, "scook(path)"),
    ],
    build: Build::With(|args| value(args, Of::Response)),
    ..Keyword::DEFAULT
};

pub(super) const COOKIE: Keyword = Keyword {
    names: &["cookie"],
    args: NAME,
    needs: Needs::Head,
    doc: "As \"req.cook\" in request rules and as \"res.cook\" in response rules.",
    examples: &[
        example(COOKIES, "cookie(b)", "2"),
        example(SET_COOKIES, "cookie(b)", "2"),
    ],
    build: Build::With(|args| value(args, Of::Either)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_COOK_CNT: Keyword = Keyword {
    names: &["req.cook_cnt", "cook_cnt"],
    args: NAME,
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "How many cookies <name> the client sent, or how many at all.",
    examples: &[
        example(COOKIES, "req.cook_cnt(a)", "2"),
        example(COOKIES, "cook_cnt", "3"),
    ],
    build: Build::With(|args| count(args, Of::Request)),
    ..Keyword::DEFAULT
};

pub(super) const RES_COOK_CNT: Keyword = Keyword {
    names: &["res.cook_cnt", "scook_cnt"],
    args: NAME,
    yields: Type::Sint,
    needs: Needs::ResponseHead,
    doc: "How many cookies <name> the server sets; without a name attributes count too.",
    examples: &[example(SET_COOKIES, "res.cook_cnt", "3")],
    build: Build::With(|args| count(args, Of::Response)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_COOK_VAL: Keyword = Keyword {
    names: &["req.cook_val", "cook_val"],
    args: NAME,
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "As \"req.cook\", as an integer.",
    examples: &[example(COOKIES, "req.cook_val(b)", "2")],
    build: Build::With(|args| integer(args, Of::Request)),
    ..Keyword::DEFAULT
};

pub(super) const RES_COOK_VAL: Keyword = Keyword {
    names: &["res.cook_val", "scook_val"],
    args: NAME,
    yields: Type::Sint,
    needs: Needs::ResponseHead,
    doc: "As \"res.cook\", as an integer.",
    examples: &[example(SET_COOKIES, "res.cook_val(b)", "2")],
    build: Build::With(|args| integer(args, Of::Response)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_COOK_NAMES: Keyword = Keyword {
    names: &["req.cook_names"],
    args: DELIMITER,
    needs: Needs::RequestHead,
    writes: true,
    doc: "The names of all cookies the client sent, with <delim> or a comma between them.",
    examples: &[
        example(COOKIES, "req.cook_names", "a,b,a"),
        example(COOKIES, "req.cook_names(;)", "a;b;a"),
        example("GET / HTTP/1.1", "req.cook_names", ""),
    ],
    build: Build::With(|args| names(args, Of::Request)),
    ..Keyword::DEFAULT
};

pub(super) const RES_COOK_NAMES: Keyword = Keyword {
    names: &["res.cook_names"],
    args: DELIMITER,
    needs: Needs::ResponseHead,
    writes: true,
    doc: "The names of all cookies the server sets, with <delim> or a comma between them.",
    examples: &[example(SET_COOKIES, "res.cook_names", "a,b")],
    build: Build::With(|args| names(args, Of::Response)),
    ..Keyword::DEFAULT
};

/// Whose cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Request,
    Response,
    /// Those of the message that rules work on.
    Either,
}

/// One `name=value`, both without blanks around.
#[derive(Clone, Copy, Debug)]
struct Cookie<'s> {
    name: &'s [u8],
    value: &'s [u8],
}

/// Shows the cookies called `name`, or all, to `visit` until it answers true; whether it did.
fn each<'s>(
    cx: &Context<'s>,
    of: Of,
    name: &[u8],
    visit: &mut dyn FnMut(Cookie<'s>) -> bool,
) -> bool {
    let set = match of {
        Of::Request => false,
        Of::Response => true,
        Of::Either => cx.response.is_some(),
    };
    let named = |cookie: &Cookie<'_>| name.is_empty() || cookie.name == name;
    if set {
        // In Set-Cookie attributes follow. HAProxy stops at the first pair of another name, so
        // that without a name it takes them for cookies.
        return cx.response.is_some_and(|head| {
            head.header_values(b"set-cookie")
                .flat_map(|line| pairs(line).flatten().take_while(named))
                .any(&mut *visit)
        });
    }
    cx.request.is_some_and(|head| {
        head.header_values(b"cookie")
            .flat_map(|line| pairs(line).flatten())
            .filter(|cookie| named(cookie) && cookie.name.first() != Some(&b'$'))
            .any(&mut *visit)
    })
}

/// The pairs of a line; `None` for a part without an equal sign.
fn pairs(mut rest: &[u8]) -> impl Iterator<Item = Option<Cookie<'_>>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = pair_end(rest);
        let pair = rest.get(..end).unwrap_or_default();
        rest = rest.get(end + 1..).unwrap_or_default();
        let split = memchr(b'=', pair).and_then(|equals| pair.split_at_checked(equals));
        Some(split.map(|(name, value)| Cookie {
            name: name.trim_ascii(),
            value: value.get(1..).unwrap_or_default().trim_ascii(),
        }))
    })
}

/// Where a pair ends: at a semicolon outside quotes.
fn pair_end(text: &[u8]) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    let is_end = |&byte: &u8| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' => return !quoted,
            _ => {}
        }
        false
    };
    text.iter().position(is_end).unwrap_or(text.len())
}

/// The value of one cookie, converted.
#[derive(Debug)]
struct Value {
    name: Box<[u8]>,
    of: Of,
    convert: for<'v> fn(&'v [u8]) -> Sample<'v>,
}

fn value(args: &Args, of: Of) -> Result<Box<dyn Fetching>, BadArg> {
    Ok(Box::new(Value {
        name: args.text(0).unwrap_or_default().into(),
        of,
        convert: |text| Sample::Str(text),
    }))
}

fn integer(args: &Args, of: Of) -> Result<Box<dyn Fetching>, BadArg> {
    Ok(Box::new(Value {
        name: args.text(0).unwrap_or_default().into(),
        of,
        convert: |text| Sample::Sint(leading_int(text)),
    }))
}

impl Fetching for Value {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let mut found = None;
        each(cx, self.of, &self.name, &mut |cookie| {
            found = Some(cookie.value);
            self.name.is_empty()
        });
        found.map(self.convert)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        _: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        each(cx, self.of, &self.name, &mut |cookie| {
            visit((self.convert)(cookie.value))
        })
    }
}

#[derive(Debug)]
struct Count {
    name: Box<[u8]>,
    of: Of,
}

fn count(args: &Args, of: Of) -> Result<Box<dyn Fetching>, BadArg> {
    let name = args.text(0).unwrap_or_default().into();
    Ok(Box::new(Count { name, of }))
}

impl Fetching for Count {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let mut count = 0;
        each(cx, self.of, &self.name, &mut |_| {
            count += 1;
            false
        });
        Some(Sample::Sint(count))
    }
}

#[derive(Debug)]
struct Names {
    delimiter: u8,
    of: Of,
}

fn names(args: &Args, of: Of) -> Result<Box<dyn Fetching>, BadArg> {
    let delimiter = args.text(0).and_then(|text| text.first().copied());
    Ok(Box::new(Names {
        delimiter: delimiter.unwrap_or(b','),
        of,
    }))
}

impl Fetching for Names {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let mut push = |name: &[u8]| {
            if !out.is_empty() {
                out.push(self.delimiter);
            }
            out.extend_from_slice(name);
        };
        match self.of {
            Of::Response => cx
                .response?
                .header_values(b"set-cookie")
                .filter_map(|line| pairs(line).next()?)
                .for_each(|cookie| push(cookie.name)),
            Of::Request | Of::Either => {
                each(cx, self.of, b"", &mut |cookie| {
                    push(cookie.name);
                    false
                });
            }
        }
        Some(Sample::Str(out))
    }
}
