//! `map_<match>[_<type>](<file>[,<default>])`: the value beside the first pattern that matches.
//!
//! One table of words: each matching method with values that are texts, integers, addresses, or
//! with the pattern itself (`_key`). Files are read with the configuration; what changes them at
//! run time changes every map of the same file.

use super::{Build, Converting, Example, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::matcher::Method;
use crate::vocab::pattern::{Spec, Values, View};
use crate::vocab::sample::{Sample, Type};
use std::net::IpAddr;

const TEXT: &[Arg] = &[required("file", Kind::Map), optional("default", Kind::Str)];
const INT: &[Arg] = &[required("file", Kind::Map), optional("default", Kind::Int)];
const KEY: &[Arg] = &[required("file", Kind::Map)];

/// What a map gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    Value(Values),
    /// The value with the groups of the regular expression.
    Groups,
    Key,
}

#[derive(Debug)]
struct Map {
    view: View,
    gives: Gives,
    default: Option<Default>,
}

#[derive(Debug)]
enum Default {
    Text(Box<[u8]>),
    Int(i64),
    Addr(IpAddr),
}

fn build(args: &Args, method: Method, gives: Gives) -> Result<Box<dyn Converting>, BadArg> {
    let values = match gives {
        Gives::Value(values) => values,
        Gives::Groups | Gives::Key => Values::Text,
    };
    let default = match (args.int(1), args.text(1), values) {
        (Some(value), _, _) => Some(Default::Int(value)),
        (_, Some(text), Values::Addr) => Some(Default::Addr(read_addr(text)?)),
        (_, Some(text), _) => Some(Default::Text(text.into())),
        (_, None, _) => None,
    };
    let list = args
        .map(0)
        .ok_or_else(|| BadArg::new(0, "expected a file"))?;
    let view = list.view(Spec {
        method,
        ignore_case: false,
        full_addresses: true,
        values,
    });
    let view = view.map_err(|(_, bad)| BadArg {
        index: 0,
        message: bad.message,
        help: bad.help,
    })?;
    Ok(Box::new(Map {
        view,
        gives,
        default,
    }))
}

fn read_addr(text: &[u8]) -> Result<IpAddr, BadArg> {
    let text = String::from_utf8_lossy(text);
    let parsed = text.parse();
    parsed.map_err(|_| BadArg::new(1, format!("cannot parse default ip <{text}>")))
}

/// What is left of a value once the list may change again.
enum Kept {
    Written,
    Int(i64),
    Addr(IpAddr),
}

impl Converting for Map {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let kept = self.view.look_up(input, |found| match self.gives {
            Gives::Key => {
                out.extend_from_slice(found.key());
                Some(Kept::Written)
            }
            Gives::Groups => {
                let text = match input {
                    Sample::Str(text) => text,
                    _ => &[],
                };
                found.expand(text, out).then_some(Kept::Written)
            }
            Gives::Value(values) => match values.read(found.value())? {
                Sample::Sint(value) => Some(Kept::Int(value)),
                Sample::Addr(addr) => Some(Kept::Addr(addr)),
                Sample::Str(text) | Sample::Bin(text) | Sample::Meth(text) => {
                    out.extend_from_slice(text);
                    Some(Kept::Written)
                }
                Sample::Bool(_) => None,
            },
        });
        match (kept, &self.default) {
            (Some(kept), _) => Some(match kept? {
                Kept::Written => Sample::Str(out),
                Kept::Int(value) => Sample::Sint(value),
                Kept::Addr(addr) => Sample::Addr(addr),
            }),
            (None, Some(Default::Text(text))) => Some(Sample::Str(text)),
            (None, Some(Default::Int(value))) => Some(Sample::Sint(*value)),
            (None, Some(Default::Addr(addr))) => Some(Sample::Addr(*addr)),
            (None, None) => None,
        }
    }
}

macro_rules! maps {
    ($($constant:ident: $names:expr, $method:ident, $takes:ident, $doc:literal,
       [$($text:expr),*] [$($int:expr),*] [$($ip:expr),*] [$($key:expr),*];)*) => {
        $(
            #[allow(non_snake_case, reason = "one module for each row of the table")]
            pub(super) mod $constant {
                use super::*;

                pub(in crate::vocab::converter) const TEXT: Keyword = Keyword {
                    args: super::TEXT,
                    gives: Type::Str,
                    examples: &[$($text),*],
                    build: Build::With(|args| {
                        build(args, Method::$method, Gives::Value(Values::Text))
                    }),
                    ..row($names.0, Type::$takes, concat!("The value beside ", $doc))
                };
                pub(in crate::vocab::converter) const INT: Keyword = Keyword {
                    args: super::INT,
                    gives: Type::Sint,
                    examples: &[$($int),*],
                    build: Build::With(|args| {
                        build(args, Method::$method, Gives::Value(Values::Int))
                    }),
                    ..row($names.1, Type::$takes, concat!("The integer beside ", $doc))
                };
                pub(in crate::vocab::converter) const IP: Keyword = Keyword {
                    args: super::TEXT,
                    gives: Type::Addr,
                    examples: &[$($ip),*],
                    build: Build::With(|args| {
                        build(args, Method::$method, Gives::Value(Values::Addr))
                    }),
                    ..row($names.2, Type::$takes, concat!("The address beside ", $doc))
                };
                pub(in crate::vocab::converter) const KEY: Keyword = Keyword {
                    args: super::KEY,
                    gives: Type::Str,
                    examples: &[$($key),*],
                    build: Build::With(|args| build(args, Method::$method, Gives::Key)),
                    ..row($names.3, Type::$takes, concat!("Itself: ", $doc))
                };
            }
        )*
    };
}

const fn row(names: &'static [&'static str], takes: Type, doc: &'static str) -> Keyword {
    Keyword {
        names,
        takes,
        doc,
        ..Keyword::DEFAULT
    }
}

const fn gives(expression: &'static str, value: &'static str) -> Example {
    (expression, Some(value))
}

const fn none(expression: &'static str) -> Example {
    (expression, None)
}

maps! {
    STR: (&["map_str", "map"], &["map_str_int"], &["map_str_ip"], &["map_str_key"]), Str, Str,
        "the first pattern that is the text.",
        [
            gives("str(one),map(texts.map)", "the first"),
            gives("str(one),map_str(texts.map)", "the first"),
            gives("str(none),map(texts.map,other)", "other"),
            none("str(none),map(texts.map)"),
            none("str(ONE),map(texts.map)"),
            gives("str(a),map(virt@none,b)", "b"),
            gives("str(a),map(opt@none.map,b)", "b"),
            gives("str(one),map(file@texts.map)", "the first")
        ]
        [
            gives("str(a),map_str_int(ints.map)", "1"),
            gives("str(none),map_str_int(ints.map,-7)", "-7")
        ]
        [
            gives("str(a),map_str_ip(addrs.map)", "192.0.2.1"),
            gives("str(none),map_str_ip(addrs.map,::1)", "::1")
        ]
        [gives("str(one),map_str_key(texts.map)", "one")];
    BEG: (&["map_beg"], &["map_beg_int"], &["map_beg_ip"], &["map_beg_key"]), Beg, Str,
        "the longest pattern that the text starts with.",
        [gives("str(/api/v1/x),map_beg(paths.map)", "v1"), gives("str(/api/v2),map_beg(paths.map)", "api")]
        [gives("str(bcd),map_beg_int(ints.map)", "22")]
        [gives("str(abc),map_beg_ip(addrs.map)", "192.0.2.1")]
        [gives("str(/api/v1/x),map_beg_key(paths.map)", "/api/v1")];
    END: (&["map_end"], &["map_end_int"], &["map_end_ip"], &["map_end_key"]), End, Str,
        "the first pattern that the text ends with.",
        [gives("str(www.example.com),map_end(hosts.map)", "any")]
        [gives("str(xbc),map_end_int(ints.map)", "22")]
        [gives("str(xxa),map_end_ip(addrs.map)", "192.0.2.1")]
        [gives("str(www.example.com),map_end_key(hosts.map)", "com")];
    SUB: (&["map_sub"], &["map_sub_int"], &["map_sub_ip"], &["map_sub_key"]), Sub, Str,
        "the first pattern that occurs in the text.",
        [gives("str(www.example.com),map_sub(hosts.map)", "any")]
        [gives("str(xbcx),map_sub_int(ints.map)", "22")]
        [gives("str(xax),map_sub_ip(addrs.map)", "192.0.2.1")]
        [gives("str(www.example.com),map_sub_key(hosts.map)", "com")];
    DIR: (&["map_dir"], &["map_dir_int"], &["map_dir_ip"], &["map_dir_key"]), Dir, Str,
        "the first pattern that stands in the text between slashes.",
        [gives("str(/x/api/v1/y),map_dir(paths.map)", "api")]
        [gives("str(/x/bc/y),map_dir_int(ints.map)", "22")]
        [gives("str(/x/a),map_dir_ip(addrs.map)", "192.0.2.1")]
        [gives("str(/x/api/v1/y),map_dir_key(paths.map)", "/api")];
    DOM: (&["map_dom"], &["map_dom_int"], &["map_dom_ip"], &["map_dom_key"]), Dom, Str,
        "the first pattern that stands in the text between dots.",
        [gives("str(www.example.com:80),map_dom(hosts.map)", "any")]
        [gives("str(x.bc.y),map_dom_int(ints.map)", "22")]
        [gives("str(x.a),map_dom_ip(addrs.map)", "192.0.2.1")]
        [gives("str(www.example.org),map_dom_key(hosts.map)", "example.org")];
    REG: (&["map_reg"], &["map_reg_int"], &["map_reg_ip"], &["map_reg_key"]), Reg, Str,
        "the first regular expression that matches the text.",
        [gives("str(b12),map_reg(regs.map)", "got \\1")]
        [gives("str(xbcx),map_reg_int(ints.map)", "22")]
        [gives("str(xax),map_reg_ip(addrs.map)", "192.0.2.1")]
        [gives("str(b12),map_reg_key(regs.map)", "^b([0-9]*)")];
    INTS: (&["map_int"], &["map_int_int"], &["map_int_ip"], &["map_int_key"]), Int, Sint,
        "the first integer or range that holds the integer.",
        [gives("int(5),map_int(ranges.map)", "1"), gives("int(50),map_int(ranges.map)", "3")]
        [gives("int(5),map_int_int(ranges.map)", "1")]
        [none("int(1000),map_int_ip(ranges_addrs.map)"), gives("int(1),map_int_ip(ranges_addrs.map)", "192.0.2.1")]
        [gives("int(50),map_int_key(ranges.map)", "10:99")];
    IPS: (&["map_ip"], &["map_ip_int"], &["map_ip_ip"], &["map_ip_key"]), Ip, Addr,
        "the smallest network that holds the address.",
        [gives("src,map_ip(nets.map)", "3"), gives("ipv4(10.0.0.1),map_ip(nets.map)", "1")]
        [gives("ipv4(10.0.0.1),map_ip_int(nets.map)", "1")]
        [gives("ipv4(10.0.0.1),map_ip_ip(nets_addrs.map)", "192.0.2.1")]
        [gives("src,map_ip_key(nets.map)", "192.0.2.0/24")];
}

pub(super) const REGM: Keyword = Keyword {
    args: TEXT,
    gives: Type::Str,
    examples: &[
        ("str(b12),map_regm(regs.map)", Some("got 12")),
        ("str(c),map_regm(regs.map,no)", Some("no")),
    ],
    build: Build::With(|args| build(args, Method::Reg, Gives::Groups)),
    ..row(
        &["map_regm"],
        Type::Str,
        "The value beside the first regular expression that matches the text, with \"\\1\" and so \
         on replaced by what its groups matched.",
    )
};

#[cfg(test)]
mod tests {
    use crate::vocab::expression;
    use crate::vocab::stage::{SITE, word};

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let fault = expression::parse_inside(&word(text), 0, SITE.site()).unwrap_err();
        assert_eq!(fault.message, expected);
    }

    #[test]
    fn faults() {
        refused(
            "path,map_str_int(bad.map)",
            "invalid args in converter 'map_str_int' : map file 'bad.map' line 2: unable to parse 'x' (and 2 more lines)",
        );
        refused(
            "path,map_reg(bad_regs.map)",
            "invalid args in converter 'map_reg' : map file 'bad_regs.map' line 2: regex '(b' is invalid: unclosed group",
        );
        refused(
            "src,map_ip(texts.map)",
            "invalid args in converter 'map_ip' : map file 'texts.map' line 2: 'one' is not a valid IPv4 or IPv6 address (and 2 more lines)",
        );
        refused(
            "path,map(nowhere)",
            "invalid args in converter 'map_str' : failed to open pattern file <nowhere>: entity not found",
        );
        refused(
            "path,map_str_ip(addrs.map,x)",
            "invalid args in converter 'map_str_ip' : cannot parse default ip <x>",
        );
    }
}
