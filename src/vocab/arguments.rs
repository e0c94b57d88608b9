//! The arguments of fetches and converters: `name(arg,arg)`.
//!
//! Quotes and backslashes inside the parentheses protect commas and parentheses, one level below
//! the quoting of configuration words. What a word wants is declared as a list of [`Arg`]; what
//! was written comes as [`Args`], already of the declared kinds.

use super::codes::UNKNOWN_USERLIST;
use super::outer::Site;
use super::userlist::UserList;
use super::{rule_codes, suggest};
use crate::syntax::{Code, Span, Word};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// What may be written at one place between the parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Str,
    /// A signed integer.
    Int,
    /// An IPv4 address.
    Ipv4,
    /// An IPv4 mask: a prefix length or dotted.
    Mask4,
    /// An IPv6 mask: a prefix length or an address.
    Mask6,
    /// The name of a userlist.
    Userlist,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Str => "string",
            Self::Int => "integer",
            Self::Ipv4 => "IPv4 address",
            Self::Mask4 => "IPv4 mask",
            Self::Mask6 => "IPv6 mask",
            Self::Userlist => "user list",
        }
    }
}

/// One declared argument.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// What the manual calls it.
    pub name: &'static str,
    /// What can be written.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

/// An argument that must be there.
pub const fn required(name: &'static str, kind: Kind) -> Arg {
    Arg {
        name,
        kind,
        required: true,
    }
}

/// An argument that may be left out, with those after it.
pub const fn optional(name: &'static str, kind: Kind) -> Arg {
    Arg {
        name,
        kind,
        required: false,
    }
}

/// What was written, read as the declared kinds.
#[derive(Clone, Debug, Default)]
pub struct Args {
    values: Vec<(Value, Span)>,
}

#[derive(Clone, Debug)]
enum Value {
    Text(Box<[u8]>),
    Int(i64),
    Addr(IpAddr),
    Userlist(Arc<UserList>),
}

impl Args {
    /// The text at `index`, if something was written there.
    pub fn text(&self, index: usize) -> Option<&[u8]> {
        match self.values.get(index) {
            Some((Value::Text(text), _)) => Some(text),
            _ => None,
        }
    }

    /// The integer at `index`.
    pub fn int(&self, index: usize) -> Option<i64> {
        match self.values.get(index) {
            Some((Value::Int(value), _)) => Some(*value),
            _ => None,
        }
    }

    /// The address or mask at `index`.
    pub fn addr(&self, index: usize) -> Option<IpAddr> {
        match self.values.get(index) {
            Some((Value::Addr(addr), _)) => Some(*addr),
            _ => None,
        }
    }

    /// The userlist named at `index`.
    pub(super) fn userlist(&self, index: usize) -> Option<Arc<UserList>> {
        match self.values.get(index) {
            Some((Value::Userlist(list), _)) => Some(list.clone()),
            _ => None,
        }
    }

    pub(super) fn span(&self, index: usize) -> Option<Span> {
        self.values.get(index).map(|&(_, span)| span)
    }
}

/// Why a build function refuses its arguments.
#[derive(Clone, Debug)]
pub struct BadArg {
    /// Which.
    pub index: usize,
    /// What is wrong, after `invalid args in …: `.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl BadArg {
    /// Says what is wrong with the argument at `index`.
    pub fn new(index: usize, message: impl Into<String>) -> Self {
        Self {
            index,
            message: message.into(),
            help: None,
        }
    }
}

/// A finding inside one word, not yet attached to what was being read.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) span: Span,
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span,
            help: None,
        }
    }

    #[must_use]
    pub(super) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// Where the bytes `start..end` of a word's value stand in the source. Exact for words without
/// escapes or expansions; otherwise the whole word.
pub(super) fn part_of(word: &Word, start: usize, end: usize) -> Span {
    let written = (word.span.end - word.span.start) as usize;
    let quote = match written.checked_sub(word.bytes.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return word.span,
    };
    let at = |offset: usize| (word.span.start + quote).saturating_add(offset as u32);
    Span {
        file: word.span.file,
        start: at(start).min(word.span.end),
        end: at(end.max(start + 1)).min(word.span.end),
    }
}

/// Reads the argument list that may start at `at`; returns it and where it ends.
pub(super) fn parse(
    word: &Word,
    at: usize,
    declared: &[Arg],
    site: Site<'_>,
) -> Result<(Args, usize), Fault> {
    let mut args = Args::default();
    let least = declared.iter().filter(|arg| arg.required).count();
    if word.bytes.get(at) != Some(&b'(') {
        return match declared.get(least.wrapping_sub(1)) {
            Some(missing) => Err(missing_argument(word, at, 0, least, missing)),
            None => Ok((args, at)),
        };
    }
    let mut from = at + 1;
    for (index, arg) in declared.iter().enumerate() {
        let (text, end) = unquote(word, from)?;
        let empty_list = index == 0 && text.is_empty() && word.bytes.get(end) == Some(&b')');
        let skipped = text.is_empty() && arg.kind != Kind::Str && index >= least;
        if (empty_list && least == 0) || skipped {
            from = end;
            break;
        }
        let span = part_of(word, from, end);
        args.values
            .push((read(arg, &text, span, index, site)?, span));
        from = end;
        if word.bytes.get(end) != Some(&b',') || index + 1 == declared.len() {
            break;
        }
        from = end + 1;
    }
    if let Some(missing) = declared.get(args.values.len()).filter(|arg| arg.required) {
        let got = args.values.len();
        return Err(missing_argument(word, from, got, least, missing));
    }
    if word.bytes.get(from) == Some(&b')') {
        return Ok((args, from + 1));
    }
    let rest = String::from_utf8_lossy(word.bytes.get(from..).unwrap_or_default());
    let message = match rest.is_empty() {
        true => "expected ')'".to_owned(),
        false => format!("expected ')' before '{rest}'"),
    };
    let span = part_of(word, from, word.bytes.len());
    Err(Fault::new(rule_codes::BAD_ARGUMENT, span, message))
}

fn missing_argument(word: &Word, at: usize, got: usize, least: usize, arg: &Arg) -> Fault {
    let message = format!(
        "missing arguments (got {got}/{least}), type '{}' expected",
        arg.kind.name()
    );
    Fault::new(rule_codes::BAD_ARGUMENT, part_of(word, at, at), message)
        .help(Some(format!("write <{}> between parentheses", arg.name)))
}

/// One argument without its quotes and escapes, and where it ends.
fn unquote(word: &Word, from: usize) -> Result<(Vec<u8>, usize), Fault> {
    let mut text = Vec::new();
    let mut quote = None;
    let mut at = from;
    while let Some(&byte) = word.bytes.get(at) {
        at += 1;
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (b'\\', None | Some(b'"')) => match word.bytes.get(at) {
                Some(&escaped) => {
                    at += usize::from(unescape(escaped, &mut text));
                }
                None => return Err(unterminated(word, from)),
            },
            (b',' | b')', None) => return Ok((text, at - 1)),
            (_, _) => text.push(byte),
        }
    }
    match quote {
        Some(_) => Err(unterminated(word, from)),
        None => Ok((text, at)),
    }
}

/// Writes what backslash and `next` mean; whether `next` was used up.
fn unescape(next: u8, text: &mut Vec<u8>) -> bool {
    let byte = match next {
        b'\\' | b' ' | b'"' | b'\'' => next,
        b'r' => b'\r',
        b'n' => b'\n',
        b't' => b'\t',
        _ => {
            text.push(b'\\');
            return false;
        }
    };
    text.push(byte);
    true
}

fn unterminated(word: &Word, from: usize) -> Fault {
    let span = part_of(word, from, word.bytes.len());
    Fault::new(
        rule_codes::BAD_ARGUMENT,
        span,
        "unterminated quote or escape",
    )
}

fn read(arg: &Arg, text: &[u8], span: Span, index: usize, site: Site<'_>) -> Result<Value, Fault> {
    let shown = String::from_utf8_lossy(text);
    let value = match arg.kind {
        Kind::Str => Some(Value::Text(text.into())),
        Kind::Int => shown.parse().ok().map(Value::Int),
        Kind::Ipv4 => shown.parse().ok().map(|v4| Value::Addr(IpAddr::V4(v4))),
        Kind::Mask4 => mask4(&shown).map(|v4| Value::Addr(IpAddr::V4(v4))),
        Kind::Mask6 => mask6(&shown).map(|v6| Value::Addr(IpAddr::V6(v6))),
        Kind::Userlist => return userlist(text, span, site).map(Value::Userlist),
    };
    value.ok_or_else(|| {
        let kind = arg.kind.name();
        let at = index + 1;
        let message = match text.is_empty() {
            true => format!("expected type '{kind}' at position {at}, but got nothing"),
            false => format!("failed to parse '{shown}' as type '{kind}' at position {at}"),
        };
        Fault::new(rule_codes::BAD_ARGUMENT, span, message)
    })
}

fn userlist(name: &[u8], span: Span, site: Site<'_>) -> Result<Arc<UserList>, Fault> {
    site.outer.userlist(name).ok_or_else(|| {
        let shown = String::from_utf8_lossy(name);
        let names = site.outer.userlist_names();
        let near = suggest::closest(&shown, names.iter().map(String::as_str));
        let help = near.map(|near| format!("did you mean '{near}'?"));
        let message = format!("unable to find userlist '{shown}'");
        Fault::new(UNKNOWN_USERLIST, span, message).help(help)
    })
}

/// A dotted IPv4 mask or a prefix length.
pub(super) fn mask4(text: &str) -> Option<Ipv4Addr> {
    if text.contains('.') {
        return text.parse().ok();
    }
    let bits = text.parse().ok().filter(|&bits: &u32| bits <= 32)?;
    Some(Ipv4Addr::from(u32::MAX.checked_shl(32 - bits).unwrap_or(0)))
}

/// An IPv6 mask or a prefix length.
pub(super) fn mask6(text: &str) -> Option<Ipv6Addr> {
    if text.contains(':') {
        return text.parse().ok();
    }
    let bits = text.parse().ok().filter(|&bits: &u32| bits <= 128)?;
    Some(Ipv6Addr::from(
        u128::MAX.checked_shl(128 - bits).unwrap_or(0),
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::syntax::Sources;
    use crate::vocab::stage::SITE;

    /// A word written plainly, as the only text of a file.
    pub(in crate::vocab) fn word(text: &str) -> Word {
        let file = Sources::default().add("test", text);
        Word {
            bytes: text.as_bytes().into(),
            span: Span {
                file,
                start: 0,
                end: text.len() as u32,
            },
        }
    }

    #[track_caller]
    fn check(text: &str, declared: &[Arg], expected: Result<&[&str], &str>) {
        let word = word(text);
        match (parse(&word, 1, declared, SITE.site()), expected) {
            (Ok((args, end)), Ok(values)) => {
                let shown: Vec<String> = args.values.iter().map(|(value, _)| show(value)).collect();
                assert_eq!(
                    (shown.as_slice(), end),
                    (
                        &*values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>(),
                        text.len()
                    ),
                    "{text}"
                );
            }
            (Err(fault), Err(message)) => assert_eq!(fault.message, message, "{text}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    fn show(value: &Value) -> String {
        match value {
            Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Value::Int(value) => value.to_string(),
            Value::Addr(addr) => addr.to_string(),
            Value::Userlist(_) => String::new(),
        }
    }

    #[test]
    fn lists() {
        const NAME_OCC: &[Arg] = &[required("name", Kind::Str), optional("occ", Kind::Int)];
        const MAYBE: &[Arg] = &[optional("name", Kind::Str)];
        const MASKS: &[Arg] = &[required("v4", Kind::Mask4), optional("v6", Kind::Mask6)];
        check("f", &[], Ok(&[]));
        check("f()", &[], Ok(&[]));
        check("f", MAYBE, Ok(&[]));
        check("f()", MAYBE, Ok(&[]));
        check("f(a)", NAME_OCC, Ok(&["a"]));
        check("f(a,-1)", NAME_OCC, Ok(&["a", "-1"]));
        check("f(a,)", NAME_OCC, Ok(&["a"]));
        check(r#"f("a,b)")"#, MAYBE, Ok(&["a,b)"]));
        check(r"f('a\,b')", MAYBE, Ok(&[r"a\,b"]));
        check(r#"f(\"\n)"#, MAYBE, Ok(&["\"\n"]));
        check(
            "f(24,64)",
            MASKS,
            Ok(&["255.255.255.0", "ffff:ffff:ffff:ffff::"]),
        );
        check("f(255.0.0.0)", MASKS, Ok(&["255.0.0.0"]));
    }

    #[test]
    fn faults() {
        const NAME_OCC: &[Arg] = &[required("name", Kind::Str), optional("occ", Kind::Int)];
        let check = |text, message| check(text, NAME_OCC, Err(message));
        check("f", "missing arguments (got 0/1), type 'string' expected");
        check("f(a", "expected ')'");
        check("f(a,1,2)", "expected ')' before ',2)'");
        check(
            "f(a,x)",
            "failed to parse 'x' as type 'integer' at position 2",
        );
        check("f('a)", "unterminated quote or escape");
    }

    #[test]
    fn spans_are_exact_inside_plain_words() {
        let word = word("f(abc,x)");
        let fault = parse(
            &word,
            1,
            &[required("a", Kind::Str), optional("b", Kind::Int)],
            SITE.site(),
        );
        let span = fault.unwrap_err().span;
        assert_eq!((span.start, span.end), (6, 7));
    }
}
