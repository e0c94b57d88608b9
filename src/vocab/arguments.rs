//! The arguments of fetches and converters: `name(arg,arg)`.
//!
//! Quotes and backslashes inside the parentheses protect commas and parentheses, one level below
//! the quoting of configuration words. What a word wants is declared as a list of [`Arg`]; what
//! was written comes as [`Args`], already of the declared kinds.

use super::codes::UNKNOWN_USERLIST;
use super::condition::Acl;
use super::context::Context;
use super::outer::{Link, Reference, ServerIndex, Site, Target};
use super::pattern::{Columns, PatternRef};
use super::sample::leading_int;
use super::userlist::UserList;
use super::variable::{Access, Var};
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
    /// An IPv6 address.
    Ipv6,
    /// An IPv4 mask: a prefix length or dotted.
    Mask4,
    /// An IPv6 mask: a prefix length or an address.
    Mask6,
    /// A variable that is read. Where it is optional, it may be empty.
    Var,
    /// A variable that gets a value.
    VarSet,
    /// A variable that loses its value.
    VarUnset,
    /// An integer, or a variable that holds one.
    IntOrVar,
    /// A text, or a variable that holds one: whatever has the form of a variable's name.
    TextOrVar,
    /// A frontend's name; left out, it is the section's own.
    Frontend,
    /// A backend's name; left out, it is the section's own.
    Backend,
    /// `[backend/]server`.
    Server,
    /// A circuit breaker: `[proxy/]name`.
    Breaker,
    /// A stick table's name; left out, it is the section's own.
    Table,
    /// A userlist's name.
    Userlist,
    /// The name of an ACL of the section, perhaps behind a `!`.
    Acl,
    /// A file of patterns and values.
    Map,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Str => "string",
            Self::Int => "integer",
            Self::Ipv4 => "IPv4 address",
            Self::Ipv6 => "IPv6 address",
            Self::Mask4 => "IPv4 mask",
            Self::Mask6 => "IPv6 mask",
            Self::Var | Self::VarSet | Self::VarUnset => "variable",
            Self::IntOrVar => "integer or variable",
            Self::TextOrVar => "string or variable",
            Self::Frontend => "frontend",
            Self::Backend => "backend",
            Self::Server => "server",
            Self::Breaker => "circuit breaker",
            Self::Table => "table",
            Self::Userlist => "userlist",
            Self::Acl => "acl",
            Self::Map => "map",
        }
    }

    /// Whether nothing between two commas is an argument of this kind.
    fn may_be_empty(self) -> bool {
        matches!(
            self,
            Self::Str | Self::Var | Self::TextOrVar | Self::IntOrVar
        )
    }

    /// Whether leaving it out means the section's own.
    fn has_own(self) -> bool {
        matches!(self, Self::Frontend | Self::Backend | Self::Table)
    }

    fn target(self) -> Option<Target> {
        Some(match self {
            Self::Frontend => Target::Frontend(Link::default()),
            Self::Backend => Target::Backend(Link::default()),
            Self::Server => Target::Server(Link::default()),
            Self::Breaker => Target::Breaker(Link::default()),
            Self::Table => Target::Table(Link::default()),
            _ => return None,
        })
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
    Var(Var),
    Link(Target),
    Acl(AclRef),
    Map(Arc<PatternRef>),
    Userlist(Arc<UserList>),
    /// An optional variable that was left empty.
    Nothing,
}

/// An ACL that an argument names.
#[derive(Clone, Debug)]
pub struct AclRef {
    acl: Acl,
    negated: bool,
}

impl AclRef {
    /// Whether it matches, or does not where it stands behind a `!`.
    pub fn holds(&self, cx: &Context<'_>) -> bool {
        self.acl.iter().any(|test| test.holds(cx)) != self.negated
    }
}

/// A value written in the configuration, or in a variable when the expression is evaluated.
#[derive(Clone, Debug)]
pub enum Operand {
    /// This number.
    Int(i64),
    /// This text.
    Text(Box<[u8]>),
    /// What the variable holds.
    Var(Var),
}

impl Operand {
    /// The integer; nothing if a variable has none.
    pub fn int(&self, cx: &Context<'_>) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Text(_) => None,
            Self::Var(var) => cx.vars.int(*var),
        }
    }

    /// Appends the text; whether there is one.
    pub fn append(&self, cx: &Context<'_>, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Int(_) => false,
            Self::Text(text) => {
                out.extend_from_slice(text);
                true
            }
            Self::Var(var) => cx.vars.append(*var, out),
        }
    }
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

    /// The variable at `index`.
    pub fn var(&self, index: usize) -> Option<Var> {
        match self.values.get(index) {
            Some((Value::Var(var), _)) => Some(*var),
            _ => None,
        }
    }

    /// The integer, text or variable at `index`.
    pub fn operand(&self, index: usize) -> Option<Operand> {
        match &self.values.get(index)?.0 {
            Value::Int(value) => Some(Operand::Int(*value)),
            Value::Text(text) => Some(Operand::Text(text.clone())),
            Value::Var(var) => Some(Operand::Var(*var)),
            Value::Addr(_)
            | Value::Link(_)
            | Value::Acl(_)
            | Value::Map(_)
            | Value::Userlist(_)
            | Value::Nothing => None,
        }
    }

    /// The frontend at `index`.
    pub fn frontend(&self, index: usize) -> Option<Link<u32>> {
        match self.values.get(index) {
            Some((Value::Link(Target::Frontend(link)), _)) => Some(link.clone()),
            _ => None,
        }
    }

    /// The backend at `index`.
    pub fn backend(&self, index: usize) -> Option<Link<u32>> {
        match self.values.get(index) {
            Some((Value::Link(Target::Backend(link)), _)) => Some(link.clone()),
            _ => None,
        }
    }

    /// The server at `index`.
    pub fn server(&self, index: usize) -> Option<Link<ServerIndex>> {
        match self.values.get(index) {
            Some((Value::Link(Target::Server(link)), _)) => Some(link.clone()),
            _ => None,
        }
    }

    /// The circuit breaker at `index`.
    pub fn breaker(&self, index: usize) -> Option<Link<u32>> {
        match self.values.get(index) {
            Some((Value::Link(Target::Breaker(link)), _)) => Some(link.clone()),
            _ => None,
        }
    }

    /// The stick table at `index`.
    pub fn table(&self, index: usize) -> Option<Link<u32>> {
        match self.values.get(index) {
            Some((Value::Link(Target::Table(link)), _)) => Some(link.clone()),
            _ => None,
        }
    }

    /// The userlist at `index`.
    pub(super) fn userlist(&self, index: usize) -> Option<Arc<UserList>> {
        match self.values.get(index) {
            Some((Value::Userlist(list), _)) => Some(list.clone()),
            _ => None,
        }
    }

    /// The ACL at `index`.
    pub fn acl(&self, index: usize) -> Option<AclRef> {
        match self.values.get(index) {
            Some((Value::Acl(acl), _)) => Some(acl.clone()),
            _ => None,
        }
    }

    /// The map's list at `index`.
    pub fn map(&self, index: usize) -> Option<&Arc<PatternRef>> {
        match self.values.get(index) {
            Some((Value::Map(list), _)) => Some(list),
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

/// Reads the argument list that may start at `at`, of the word that messages call `what`; returns
/// it and where it ends.
pub(super) fn parse(
    word: &Word,
    at: usize,
    declared: &[Arg],
    what: &str,
    site: Site<'_>,
) -> Result<(Args, usize), Fault> {
    let reader = ArgReader { what, site };
    parse_list(word, at, declared, reader).map_err(|mut fault| {
        fault.message = format!("invalid args in {what} : {}", fault.message);
        fault
    })
}

fn parse_list(
    word: &Word,
    at: usize,
    declared: &[Arg],
    reader: ArgReader<'_>,
) -> Result<(Args, usize), Fault> {
    let mut args = Args::default();
    let least = declared.iter().filter(|arg| arg.required).count();
    if word.bytes.get(at) != Some(&b'(') {
        // No parentheses are one empty argument, if there must be one.
        let Some(first) = declared.first().filter(|arg| arg.required) else {
            return Ok((args, at));
        };
        let span = part_of(word, 0, at);
        args.values.push((reader.read(first, b"", span, 0)?, span));
        return match declared.get(1).filter(|arg| arg.required) {
            Some(missing) => Err(missing_argument(word, at, 1, least, missing)),
            None => Ok((args, at)),
        };
    }
    let mut from = at + 1;
    for (index, arg) in declared.iter().enumerate() {
        let (text, end) = unquote(word, from)?;
        let empty_list = index == 0 && text.is_empty() && word.bytes.get(end) == Some(&b')');
        let skipped = text.is_empty() && !arg.kind.may_be_empty() && index >= least;
        if (empty_list && least == 0) || skipped {
            from = end;
            break;
        }
        let span = part_of(word, from, end);
        args.values
            .push((reader.read(arg, &text, span, index)?, span));
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

/// Reads the arguments of one word.
#[derive(Clone, Copy)]
struct ArgReader<'a> {
    /// The word, for messages.
    what: &'a str,
    site: Site<'a>,
}

impl ArgReader<'_> {
    fn read(self, arg: &Arg, text: &[u8], span: Span, index: usize) -> Result<Value, Fault> {
        let shown = String::from_utf8_lossy(text);
        let value = match arg.kind {
            Kind::Str => Some(Value::Text(text.into())),
            Kind::Int if text.is_empty() => None,
            Kind::Int => integer(text).map(Value::Int),
            Kind::Ipv4 => shown.parse().ok().map(|v4| Value::Addr(IpAddr::V4(v4))),
            Kind::Ipv6 => shown.parse().ok().map(|v6| Value::Addr(IpAddr::V6(v6))),
            Kind::Acl => return self.acl(&shown, span),
            Kind::Map if text.is_empty() => None,
            Kind::Map => return map(&shown, span, self.site),
            Kind::Mask4 => mask4(&shown).map(|v4| Value::Addr(IpAddr::V4(v4))),
            Kind::Mask6 => mask6(&shown).map(|v6| Value::Addr(IpAddr::V6(v6))),
            Kind::Var if text.is_empty() && !arg.required => Some(Value::Nothing),
            Kind::Var => return self.variable(text, span, Access::Read),
            Kind::VarSet => return self.variable(text, span, Access::Set),
            Kind::VarUnset => return self.variable(text, span, Access::Unset),
            Kind::IntOrVar => return self.int_or_variable(text, span),
            Kind::TextOrVar => {
                let variable = self.variable(text, span, Access::Read);
                Some(variable.unwrap_or_else(|_| Value::Text(text.into())))
            }
            Kind::Userlist => {
                return userlist(text, span, self.site).map(Value::Userlist);
            }
            Kind::Frontend | Kind::Backend | Kind::Server | Kind::Breaker | Kind::Table => {
                self.link(arg.kind, &shown, span, index)?
            }
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

    fn variable(self, text: &[u8], span: Span, access: Access) -> Result<Value, Fault> {
        match self.site.outer.variable(text, span, access) {
            Ok(var) => Ok(Value::Var(var)),
            Err(bad) => Err(Fault::new(rule_codes::BAD_VARIABLE, span, bad.message).help(bad.help)),
        }
    }

    fn int_or_variable(self, text: &[u8], span: Span) -> Result<Value, Fault> {
        let variable = self.variable(text, span, Access::Read);
        variable.or_else(|bad| {
            integer(text).map(Value::Int).ok_or_else(|| {
                let message = "expects an integer or a variable name";
                Fault::new(rule_codes::BAD_ARGUMENT, span, message).help(bad.help)
            })
        })
    }

    fn acl(self, name: &str, span: Span) -> Result<Value, Fault> {
        let bare = name.strip_prefix('!');
        let found = self.site.acls.find(bare.unwrap_or(name), span, self.site);
        found.map(|acl| {
            Value::Acl(AclRef {
                acl,
                negated: bare.is_some(),
            })
        })
    }

    /// A name that `compile::resolve` looks up.
    fn link(
        self,
        kind: Kind,
        name: &str,
        span: Span,
        index: usize,
    ) -> Result<Option<Value>, Fault> {
        if name.is_empty() && !kind.has_own() {
            let message = format!("missing {} name", kind.name());
            return Err(Fault::new(rule_codes::BAD_ARGUMENT, span, message));
        }
        let target = kind.target();
        if let Some(target) = &target {
            self.site.outer.refer(Reference {
                target: target.clone(),
                name: name.into(),
                proxy: self.site.proxy.into(),
                span,
                what: format!("arg {} of {}", index + 1, self.what),
            });
        }
        Ok(target.map(Value::Link))
    }
}

fn map(name: &str, span: Span, site: Site<'_>) -> Result<Value, Fault> {
    let store = &site.outer.patterns;
    match store.open(name, "map", Columns::Two, span, site.files) {
        Ok(list) => Ok(Value::Map(list)),
        Err(bad) => {
            let fault = Fault::new(rule_codes::BAD_PATTERN_FILE, span, bad.message);
            Err(fault.help(bad.help))
        }
    }
}

/// An integer as HAProxy reads it: nothing is 0, and what 64 bits cannot hold is the nearest they
/// can.
fn integer(text: &[u8]) -> Option<i64> {
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+"));
    let digits = unsigned.unwrap_or(text);
    digits
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| leading_int(text))
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
mod tests;
