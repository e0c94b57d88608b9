//! Log-format strings: text, `%aliases` and `%[expressions]`.
//!
//! The same language makes log lines, header values, paths and backend names; [`FormatUse`] says
//! which, and with it how unsafe bytes are written and what prints for a missing value.
//! With `%{+json}o` or `%{+cbor}o` it makes a map of the named items instead.

use super::arguments::part_of;
use super::context::Context;
use super::expression::{self, Expression, did_you_mean};
pub use super::log_alias::Ready;
use super::log_alias::{self, Alias, Cast, Encode, Encoding, Field, Flags};
use super::outer::{Outer, Site};
use super::sample::{ROOM, Sample, Type};
use super::scope::{Phase, Scope};
use super::{rule_codes, suggest};
use crate::settings::Mode;
use crate::syntax::{Code, Diagnostic, Diagnostics, FileId, Span, Word};
use std::io;
use std::sync::Arc;

/// What a format makes, which decides how unsafe bytes are written and what it can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatUse {
    /// A log line: blanks merge, control characters become `#XX`, a missing value is `-`.
    Log,
    /// A value in an HTTP message; the scope's phase says which. Unsafe bytes become `%XX`, a
    /// missing value is nothing.
    HttpValue,
    /// The same of `unique-id-format`, where blanks merge as in a log line.
    HttpId,
    /// Any other text, such as a backend's name: verbatim, a missing value is nothing.
    Text,
}

impl FormatUse {
    fn is_http(self) -> bool {
        matches!(self, Self::HttpValue | Self::HttpId)
    }

    fn merges_blanks(self) -> bool {
        matches!(self, Self::Log | Self::HttpId)
    }
}

/// A compiled format.
#[derive(Clone, Debug)]
pub struct Format {
    nodes: Arc<[Node]>,
    purpose: FormatUse,
    /// What `%{…}o` says of the whole.
    global: Flags,
}

#[derive(Debug)]
enum Node {
    Text(Box<[u8]>),
    /// Blanks of a log line: one is printed between things that were printed.
    Blank,
    Item(Item),
}

/// Something that depends on the stream.
#[derive(Debug)]
struct Item {
    /// Its key in an encoded map.
    name: Option<Box<[u8]>>,
    flags: Flags,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Alias(&'static Alias),
    Expression(Expression),
}

impl Format {
    /// Parses one word. `None` after an error, which is reported.
    pub fn parse(word: &Word, scope: &mut Scope<'_>, purpose: FormatUse) -> Option<Self> {
        let phase = match purpose {
            FormatUse::Log => Phase::Log,
            FormatUse::HttpValue | FormatUse::HttpId | FormatUse::Text => scope.phase,
        };
        let mut parser = Parser {
            word,
            phase,
            purpose,
            mode: scope.mode,
            site: scope.site,
            diags: scope.diags,
            flags: Flags::default(),
            global: Flags::default(),
            nodes: Vec::new(),
            text: Vec::new(),
        };
        parser.run()?;
        Some(Self {
            nodes: parser.nodes.into(),
            purpose,
            global: parser.global,
        })
    }

    /// A text that is always the same, whatever `%` it has.
    pub fn literal(text: &[u8]) -> Self {
        Self {
            nodes: [Node::Text(text.into())].into(),
            purpose: FormatUse::Text,
            global: Flags::default(),
        }
    }

    /// Appends the text for this stream.
    pub fn render(&self, cx: &Context<'_>, out: &mut Vec<u8>) {
        if self.global.encode.is_some() {
            return self.render_map(cx, out);
        }
        let mut after_blank = true;
        for node in &*self.nodes {
            let before = out.len();
            match node {
                Node::Text(text) => out.extend_from_slice(text),
                Node::Blank if after_blank => {}
                Node::Blank => {
                    out.push(b' ');
                    after_blank = true;
                    continue;
                }
                Node::Item(item) => {
                    self.render_item(item, cx, out);
                    if item.flags.encode.is_some() && out.len() == before {
                        Field::new(out, item.flags).null();
                    }
                }
            }
            after_blank &= out.len() == before;
        }
    }

    /// All items that have a name, as a map.
    fn render_map(&self, cx: &Context<'_>, out: &mut Vec<u8>) {
        let json = self.global.encode == Some(Encode::Json);
        let (open, close) = if json { (b'{', b'}') } else { (0xbf, 0xff) };
        Field::new(out, self.global).mark(open);
        let mut first = true;
        for node in &*self.nodes {
            let Node::Item(item) = node else { continue };
            let Some(name) = &item.name else { continue };
            if json && !first {
                out.extend_from_slice(b", ");
            }
            first = false;
            Field::new(out, self.global).key(name);
            let before = out.len();
            self.render_item(item, cx, out);
            if out.len() == before {
                Field::new(out, item.flags).null();
            }
        }
        Field::new(out, self.global).mark(close);
    }

    fn render_item(&self, item: &Item, cx: &Context<'_>, out: &mut Vec<u8>) {
        let mut field = Field::new(out, item.flags);
        match &item.value {
            Value::Alias(alias) => (alias.print)(cx, &mut field),
            Value::Expression(expression) if item.flags.encode.is_some() => {
                encode_value(expression, cx, &mut field, item.flags);
            }
            Value::Expression(expression) => {
                self.render_value(expression, cx, &mut field, item.flags.raw);
            }
        }
    }

    fn render_value(
        &self,
        expression: &Expression,
        cx: &Context<'_>,
        field: &mut Field<'_>,
        raw: bool,
    ) {
        let found = expression.one(cx, &mut |value| {
            let http = self.purpose.is_http();
            if let (Sample::Bin(bytes), true, false) = (value, raw, http) {
                return field.bytes(bytes);
            }
            let mut room = ROOM;
            let text = value.text(&mut room);
            match self.purpose {
                // No flag changes how expressions get into a message.
                FormatUse::HttpValue | FormatUse::HttpId => field.unquoted(text, Encoding::Http),
                FormatUse::Log if !text.is_empty() => field.encoded(text, Encoding::Control),
                FormatUse::Text if text.is_empty() => {}
                FormatUse::Log | FormatUse::Text => field.text(Some(text)),
            }
        });
        if !found && self.purpose == FormatUse::Log {
            field.text(None);
        }
    }

    /// Whether it prints the request line or URI, so that one must be kept.
    pub fn wants_request_line(&self) -> bool {
        self.has_alias(|alias| alias.reads_request_line)
    }

    /// When a line of it is written: once all it shows is known.
    pub fn ready(&self) -> Ready {
        let parts = self.nodes.iter().filter_map(|node| match node {
            Node::Item(item) => Some(&item.value),
            Node::Text(_) | Node::Blank => None,
        });
        let whens = parts.filter_map(|part| match part {
            Value::Alias(alias) => alias.ready(),
            Value::Expression(value) if value.grows() => Some(Ready::End),
            Value::Expression(_) => Some(Ready::Response),
        });
        whens.max().unwrap_or_default()
    }

    fn has_alias(&self, wanted: impl Fn(&Alias) -> bool) -> bool {
        self.nodes.iter().any(|node| match node {
            Node::Item(Item {
                value: Value::Alias(alias),
                ..
            }) => wanted(alias),
            _ => false,
        })
    }

    /// The text, if it is always the same.
    pub fn as_text(&self) -> Option<&[u8]> {
        match &*self.nodes {
            [] => Some(b""),
            [Node::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// A value in JSON or CBOR: numbers and booleans as such, unless they are cast, the rest as text;
/// CBOR has bytes too.
fn encode_value(expression: &Expression, cx: &Context<'_>, field: &mut Field<'_>, flags: Flags) {
    let found = expression.one(cx, &mut |value| {
        let cbor = flags.encode == Some(Encode::Cbor);
        let wanted = match (flags.cast, value) {
            (Some(Cast::To(cast)), _) => cast,
            (Some(Cast::Raw), _) => {
                if let Some(Sample::Bin(bytes)) = value.cast(Type::Bin, &mut ROOM.clone()) {
                    field.out.extend_from_slice(bytes);
                }
                return;
            }
            (None, Sample::Bool(_)) => Type::Bool,
            (None, Sample::Sint(_)) => Type::Sint,
            (None, Sample::Bin(_)) if cbor || flags.raw => Type::Bin,
            (None, _) => Type::Str,
        };
        match value.cast(wanted, &mut ROOM.clone()) {
            Some(Sample::Bool(value)) => field.truth(value),
            Some(Sample::Sint(value)) => field.number(value),
            Some(Sample::Bin(bytes)) => field.bytes(bytes),
            Some(value) if cbor => field.text(Some(value.text(&mut ROOM.clone()))),
            Some(value) => field.encoded(value.text(&mut ROOM.clone()), Encoding::Control),
            None => field.text(None),
        }
    });
    if !found && flags.cast != Some(Cast::Raw) {
        field.text(None);
    }
}

struct Parser<'p> {
    word: &'p Word,
    phase: Phase,
    purpose: FormatUse,
    mode: Mode,
    site: Site<'p>,
    diags: &'p mut Diagnostics,
    /// Flags in force, set by `%{…}o`.
    flags: Flags,
    global: Flags,
    nodes: Vec<Node>,
    /// Literal text not yet a node.
    text: Vec<u8>,
}

/// What stands between `%` and an item.
type Named = (Name, Flags);

/// An item's key, if it has one.
type Name = Option<Box<[u8]>>;

impl Parser<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.word.bytes.get(at).copied()
    }

    fn run(&mut self) -> Option<()> {
        let mut at = 0;
        while let Some(byte) = self.byte(at) {
            at = match byte {
                b'%' => self.item(at)?,
                b' ' if self.purpose.merges_blanks() => {
                    self.flush();
                    self.nodes.push(Node::Blank);
                    at + 1
                }
                _ => {
                    self.text.push(byte);
                    at + 1
                }
            };
        }
        self.flush();
        Some(())
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.nodes.push(Node::Text(text.into()));
        }
    }

    fn push(&mut self, node: Node) {
        self.flush();
        self.nodes.push(node);
    }

    fn error(&mut self, code: Code, span: Span, message: String, help: Option<String>) {
        let mut diagnostic = Diagnostic::error(code, message).at(span, "");
        diagnostic.help = help;
        self.diags.push(diagnostic);
    }

    /// Reads what follows a `%` at `start`; where it ends.
    fn item(&mut self, start: usize) -> Option<usize> {
        let mut at = start + 1;
        let mut name = None;
        let mut flags = self.flags;
        if self.byte(at) == Some(b'(') {
            (name, flags.cast, at) = self.name(at)?;
        }
        if self.byte(at) == Some(b'{') {
            (flags, at) = self.flags(at, flags)?;
        }
        match self.byte(at) {
            Some(b'[') => self.expression(start, at + 1, (name, flags)),
            Some(byte) if byte.is_ascii_alphabetic() => self.alias(start, at, (name, flags)),
            Some(b'%') if at == start + 1 => {
                self.text.push(b'%');
                Some(at + 1)
            }
            Some(byte) if at == start + 1 && !matches!(byte, b'0'..=b'9' | b' ' | b'\t') => {
                self.text.push(b'%');
                Some(at)
            }
            None => {
                let message = "truncated line after '%'".to_owned();
                let help = "write '%%' to print a single '%'".to_owned();
                let span = part_of(self.word, start, at);
                self.error(rule_codes::BAD_FORMAT, span, message, Some(help));
                None
            }
            _ => {
                let message = "unexpected alias name after '%'".to_owned();
                let help = "write '%%' to print a single '%'".to_owned();
                let span = part_of(self.word, start, at + 1);
                self.error(rule_codes::BAD_FORMAT, span, message, Some(help));
                None
            }
        }
    }

    /// `(name)` or `(name:type)`, which only encodings look at, and where it ends.
    fn name(&mut self, open: usize) -> Option<(Name, Option<Cast>, usize)> {
        let rest = self.word.bytes.get(open + 1..).unwrap_or_default();
        let Some(end) = memchr::memchr(b')', rest) else {
            let span = part_of(self.word, open, self.word.bytes.len());
            let message = "missing ')' after the name of a format item".to_owned();
            self.error(rule_codes::BAD_FORMAT, span, message, None);
            return None;
        };
        let inside = rest.get(..end).unwrap_or_default();
        let (name, cast) = match memchr::memchr(b':', inside) {
            Some(colon) => inside.split_at(colon),
            None => (inside, b"".as_slice()),
        };
        let cast = match cast {
            b"" => None,
            b":str" => Some(Cast::To(Type::Str)),
            b":sint" => Some(Cast::To(Type::Sint)),
            b":bool" => Some(Cast::To(Type::Bool)),
            b":raw" => Some(Cast::Raw),
            other => {
                let shown = String::from_utf8_lossy(other.get(1..).unwrap_or_default());
                let message = format!("unexpected output format typecast '{shown}'");
                let start = open + 1 + name.len();
                let span = part_of(self.word, start + 1, start + other.len());
                let help = "the types are 'str', 'sint', 'bool' and 'raw'".to_owned();
                self.error(rule_codes::BAD_FORMAT, span, message, Some(help));
                return None;
            }
        };
        let name = (!name.is_empty()).then(|| name.into());
        Some((name, cast, open + end + 2))
    }

    /// `{+Q,-X}` at `open`; the flags then in force and where it ends.
    fn flags(&mut self, open: usize, mut flags: Flags) -> Option<(Flags, usize)> {
        let rest = self.word.bytes.get(open + 1..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'}', rest) else {
            let span = part_of(self.word, open, self.word.bytes.len());
            let message = "missing '}' after the flags of a format item".to_owned();
            self.error(rule_codes::BAD_FORMAT, span, message, None);
            return None;
        };
        let list = rest.get(..length).unwrap_or_default();
        let mut at = open + 1;
        for flag in list.split(|&byte| byte == b',') {
            let on = flag.starts_with(b"+");
            match flag.get(1..).filter(|_| on || flag.starts_with(b"-")) {
                Some(b"Q") => flags.quote = on,
                Some(b"X") => flags.hex = on,
                Some(b"E") => flags.escape = on,
                Some(b"bin") => flags.raw = on,
                // What is in force for all items stays, and HTTP values have no encoding.
                Some(b"json" | b"cbor")
                    if self.global.encode.is_some() || self.purpose.is_http() => {}
                Some(b"json") => flags.encode = on.then_some(Encode::Json),
                Some(b"cbor") => flags.encode = on.then_some(Encode::Cbor),
                // HAProxy ignores what it does not know here.
                _ => {
                    let shown = String::from_utf8_lossy(flag);
                    let message = format!("unknown format flag '{shown}' is ignored");
                    let span = part_of(self.word, at, at + flag.len());
                    let help = "the flags are +Q, +X, +E, +bin, +json and +cbor, or with '-' to turn them off";
                    self.diags.push(
                        Diagnostic::warning(rule_codes::UNKNOWN_FLAG, message)
                            .at(span, "")
                            .help(help),
                    );
                }
            }
            at += flag.len() + 1;
        }
        Some((flags, open + length + 2))
    }

    fn alias(&mut self, start: usize, at: usize, (key, flags): Named) -> Option<usize> {
        let rest = self.word.bytes.get(at..).unwrap_or_default();
        let length = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let name = rest.get(..length).unwrap_or_default();
        let end = at + length;
        if name == b"o" {
            (self.flags, self.global) = (flags, flags);
            return Some(end);
        }
        let span = part_of(self.word, start, end);
        let shown = String::from_utf8_lossy(name).into_owned();
        let Some(alias) = log_alias::find(name) else {
            let message = format!("no such format alias '{shown}'");
            let help = suggest::closest(&shown, log_alias::names()).map(did_you_mean);
            let help = help.unwrap_or_else(|| "write '%%' to print a single '%'".to_owned());
            self.error(rule_codes::UNKNOWN_ALIAS, span, message, Some(help));
            return None;
        };
        if alias.http_only && self.mode == Mode::Tcp {
            let message = format!("format alias '{shown}' is reserved for HTTP mode");
            let warning = Diagnostic::warning(rule_codes::ALIAS_NEEDS_HTTP, message);
            self.diags.push(warning.at(span, ""));
        }
        if alias.reads_server_address {
            self.site.outer.want_server_address();
        }
        self.push(Node::Item(Item {
            name: key,
            flags,
            value: Value::Alias(alias),
        }));
        Some(end)
    }

    fn expression(&mut self, start: usize, at: usize, (name, flags): Named) -> Option<usize> {
        let (expression, end) = match expression::parse_inside(self.word, at, self.site) {
            Ok(parsed) => parsed,
            Err(fault) => {
                self.error(fault.code, fault.span, fault.message, fault.help);
                return None;
            }
        };
        let rest = self.word.bytes.get(end..).unwrap_or_default();
        if rest.first() != Some(&b']') {
            let message = match rest.first() {
                Some(&byte) => format!("expected ']' but found '{}'", byte.escape_ascii()),
                None => "missing ']' after the expression".to_owned(),
            };
            let span = part_of(self.word, start, end);
            self.error(rule_codes::BAD_FORMAT, span, message, None);
            return None;
        }
        if !expression.available(self.phase) {
            let message = format!(
                "sample fetch <{}> may not be reliably used here because it needs '{}' which is not available here.",
                expression.name(),
                expression.source_name()
            );
            self.error(
                rule_codes::NOT_AVAILABLE_HERE,
                expression.span(),
                message,
                None,
            );
            return None;
        }
        self.push(Node::Item(Item {
            name,
            flags,
            value: Value::Expression(expression),
        }));
        Some(end + 1)
    }
}

/// `option httplog`, and the variable `HAPROXY_HTTP_LOG_FMT`.
pub const HTTPLOG: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc \
     %sq/%bq %hr %hs %{+Q}r";
/// `option httplog clf`, and the variable `HAPROXY_HTTP_CLF_LOG_FMT`.
pub const HTTPLOG_CLF: &str = "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta \
     %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl";
/// `option tcplog`, and the variable `HAPROXY_TCP_LOG_FMT`.
pub const TCPLOG: &str = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq";

/// `option httplog`.
pub fn httplog() -> Format {
    built_in(HTTPLOG)
}

/// `option httplog clf`.
pub fn httplog_clf() -> Format {
    built_in(HTTPLOG_CLF)
}

/// `option tcplog`.
pub fn tcplog() -> Format {
    built_in(TCPLOG)
}

/// `option httpslog`, and the variable `HAPROXY_HTTPS_LOG_FMT`.
pub const HTTPSLOG: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc \
     %sq/%bq %hr %hs %{+Q}r %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] \
     %[ssl_fc_sni]/%sslv/%sslc";
/// `option tcplog clf`, and the variable `HAPROXY_TCP_CLF_LOG_FMT`.
pub const TCPLOG_CLF: &str = "%{+Q}o %{-Q}ci - - [%T] \"TCP \" 000 %B \"\" \"\" %cp %ms %ft %b %s %Th %Tw %Tc %Tt \
     %U %ts-- %ac %fc %bc %sc %rc %sq %bq \"\" \"\" ";

/// `option httpslog`.
pub fn httpslog() -> Format {
    built_in(HTTPSLOG)
}

/// `option tcplog clf`.
pub fn tcplog_clf() -> Format {
    built_in(TCPLOG_CLF)
}

/// The line of a proxy without any `log-format`, written when the connection was accepted.
pub fn default_line(mode: Mode) -> Format {
    built_in(match mode {
        Mode::Tcp => "Connect from %ci:%cp to %fi:%fp (%f/TCP)",
        Mode::Http => "Connect from %ci:%cp to %fi:%fp (%f/HTTP)",
    })
}

/// How the line about a connection that failed before its protocol began starts.
pub fn embryonic_line() -> Format {
    built_in("%ci:%cp [%t] %f/")
}

/// A format of our own, known to be right by the tests.
fn built_in(text: &'static str) -> Format {
    let word = Word {
        bytes: text.as_bytes().into(),
        span: Span {
            file: FileId(0),
            start: 0,
            end: 0,
        },
    };
    let mut diags = Diagnostics::default();
    let acls = super::condition::AclSet::default();
    let mut scope = Scope {
        acls: &acls,
        mode: Mode::Http,
        phase: Phase::Log,
        diags: &mut diags,
        site: Site {
            files: &|_| Err(io::ErrorKind::NotFound.into()),
            resolve: &|_| Err(io::ErrorKind::NotFound.into()),
            outer: &Outer::default(),
            proxy: "",
            acls: &acls,
        },
    };
    Format::parse(&word, &mut scope, FormatUse::Log).expect("built-in formats are tested")
}

#[cfg(test)]
mod tests;
