//! `bind` lines and `stats socket` lines: addresses, then options (manual section 5.1).

mod families;
mod words;

use crate::net::ListenAddr;
use crate::settings::{AccessLevel, Bind, SeverityOutput};
use crate::syntax::{Diagnostic, Span, Word};
use crate::vocab::address::{self, Accepts, Address, PortRule, Ports};
use crate::vocab::codes;
use crate::vocab::keyword::{Entry, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::mux_proto::{MuxProto, NoProto};
use crate::vocab::reference::{Class, not_applied};
use crate::vocab::section::report_family;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

/// Reads one option into the draft.
pub type Build = fn(&mut OptionArg<'_, '_, '_>, &mut BindOptions);

/// The words of `bind` lines.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[words::WORDS], families::FAMILIES);

/// One `bind` line.
#[derive(Clone, Debug)]
pub struct BindDraft {
    /// One per socket, in the order written.
    pub addrs: Vec<ListenAddr>,
    /// The options, shared by all of them.
    pub options: BindOptions,
    /// The address as written.
    pub text: String,
    /// The whole line.
    pub span: Span,
}

/// The options of a `bind` line.
#[derive(Clone, Debug, Default)]
#[allow(
    missing_docs,
    reason = "each is the option of the same name, manual section 5.1"
)]
pub struct BindOptions {
    pub name: Option<String>,
    pub id: Option<(u32, Span)>,
    pub guid_prefix: Option<String>,
    pub maxconn: u32,
    pub backlog: Option<u32>,
    pub accept_proxy: bool,
    pub interface: Option<String>,
    pub v6only: Option<bool>,
    pub transparent: bool,
    pub tfo: bool,
    pub defer_accept: bool,
    pub unix_mode: Option<u32>,
    pub unix_uid: Option<u32>,
    pub unix_gid: Option<u32>,
    pub level: Option<AccessLevel>,
    pub severity: SeverityOutput,
    pub exposes_listeners: bool,
    /// The lowest number of `thread`, and where it is.
    pub lowest_thread: Option<(u32, Span)>,
    /// `proto`, and where it says which.
    pub proto: Option<(MuxProto, Span)>,
}

impl BindDraft {
    /// One of its sockets: its address, its id, and what holds where the line says nothing.
    pub fn socket(
        &self,
        addr: &ListenAddr,
        id: u32,
        backlog: Option<u32>,
        location: String,
    ) -> Bind {
        let o = &self.options;
        Bind {
            addr: addr.clone(),
            name: o.name.clone().unwrap_or_else(|| shown(addr)).into(),
            is_named: o.name.is_some(),
            guid: self.guid(addr),
            id,
            maxconn: o.maxconn,
            backlog: o.backlog.or(backlog),
            accept_proxy: o.accept_proxy,
            interface: o.interface.clone(),
            v6only: o.v6only,
            transparent: o.transparent,
            tfo: o.tfo,
            defer_accept: o.defer_accept,
            keeps_tcp: matches!(o.proto, Some((MuxProto::Plain, _))),
            unix_mode: o.unix_mode,
            unix_uid: o.unix_uid,
            unix_gid: o.unix_gid,
            location,
        }
    }
}

impl BindDraft {
    /// The identifier of the socket for one of the line's addresses.
    fn guid(&self, addr: &ListenAddr) -> Option<Arc<str>> {
        let prefix = self.options.guid_prefix.as_ref()?;
        let at = self.addrs.iter().position(|own| std::ptr::eq(own, addr))?;
        Some(format!("{prefix}-{at}").into())
    }
}

/// An option being read: where it is in its line, and how to complain about it.
pub struct OptionArg<'a, 'l, 'd> {
    /// The line.
    pub line: &'a mut Line<'l, 'd>,
    /// Index of the option; its value is the next word.
    pub at: usize,
    /// `'bind *:80' in section 'frontend'` or the like.
    pub context: &'a str,
    /// What is said of an option without its value, where that has words of its own.
    pub missing: fn(&str) -> Option<String>,
}

/// A listener's name when it was not given one.
fn shown(addr: &ListenAddr) -> String {
    match addr {
        ListenAddr::Tcp(addr) => addr.to_string(),
        ListenAddr::Unix(path) => path.display().to_string(),
        ListenAddr::Abstract(name) => format!("abns@{}", String::from_utf8_lossy(name)),
        ListenAddr::Fd(fd) => format!("fd@{fd}"),
    }
}

const BIND: Accepts = Accepts {
    port: PortRule::Mandatory,
    range: true,
    offset: false,
    fd: true,
    stream: true,
    datagram: false,
};

/// Where datagrams arrive.
const DATAGRAM_BIND: Accepts = Accepts {
    fd: false,
    stream: false,
    datagram: true,
    ..BIND
};

/// Most sockets one line may open: a range of all ports on a few addresses.
const MAX_SOCKETS: usize = 262_144;

impl<'d> OptionArg<'_, '_, 'd> {
    /// The value, or an error that it is missing.
    pub fn value(&mut self) -> Option<&'d Word> {
        let value = self
            .line
            .arg(self.at + 1)
            .filter(|word| !word.bytes.is_empty());
        if value.is_none() {
            match (self.missing)(&self.name()) {
                Some(message) => self.complain(&message),
                None => self.error("missing value"),
            }
        }
        value
    }

    /// Whether nothing follows, not even a value: HAProxy reads some missing numbers as 0.
    pub fn is_last(&self) -> bool {
        self.line.arg(self.at + 1).is_none()
    }

    /// The value as text.
    pub fn text(&mut self) -> Option<String> {
        Some(self.value()?.text().into_owned())
    }

    /// The value as a count that HAProxy would read: leading digits.
    pub fn number(&mut self) -> Option<i64> {
        self.value()?;
        Some(self.line.lenient_integer(self.at + 1))
    }

    /// The value as a protocol, and where it is.
    pub fn mux_proto(&mut self) -> Option<(MuxProto, Span)> {
        let word = self.value()?;
        let (name, found) = (word.text(), MuxProto::find(&word.bytes));
        match found {
            Ok(proto) => return Some((proto, word.span)),
            Err(NoProto::NotYet) => {
                (self.line).not_yet(self.at + 1, &format!("'proto {name}'"), "")
            }
            Err(NoProto::Unknown) => self.error(&format!(" unknown MUX protocol '{name}'")),
        }
        None
    }

    /// Reports an error about this option.
    pub fn error(&mut self, message: &str) {
        let name = self.name();
        self.complain(&format!("'{name}' : {message}"));
    }

    /// The option's own word.
    pub fn name(&self) -> String {
        self.line.text(self.at).unwrap_or_default().into_owned()
    }

    /// Reports an error in whose text the option has its own place.
    pub fn complain(&mut self, message: &str) {
        let message = format!("{} : {message}", self.context);
        let place = match self.line.arg(self.at + 1) {
            Some(_) => self.at + 1,
            None => self.at,
        };
        self.line.error(codes::BAD_OPTION_VALUE, place, message);
    }
}

/// Reads the addresses at `at` and the options after them. `None` when the addresses are
/// unusable; options are checked all the same.
pub fn read(line: &mut Line<'_, '_>, at: usize, section: &str) -> Option<BindDraft> {
    read_onto(line, at, section, BindOptions::default())
}

/// The same with options that hold unless the line says something else.
pub fn read_onto(
    line: &mut Line<'_, '_>,
    at: usize,
    section: &str,
    mut options: BindOptions,
) -> Option<BindDraft> {
    let text = line.text(at).unwrap_or_default().into_owned();
    let accepts = match &*line.name() {
        "dgram-bind" => DATAGRAM_BIND,
        _ => BIND,
    };
    let addrs = addresses(line, at, &text, accepts);
    let context = match section {
        "stats socket" => "'stats socket'".to_owned(),
        _ => format!("'bind {text}' in section '{section}'"),
    };
    read_options(line, at + 1, &mut options, &context);
    Some(BindDraft {
        addrs: addrs?,
        options,
        text,
        span: line.span(),
    })
}

fn addresses(
    line: &mut Line<'_, '_>,
    at: usize,
    text: &str,
    accepts: Accepts,
) -> Option<Vec<ListenAddr>> {
    let mut addrs = Vec::new();
    let mut sound = true;
    for part in text.split(',') {
        match address(line, at, part, accepts) {
            Ok(more) if addrs.len() + more.len() <= MAX_SOCKETS => addrs.extend(more),
            Ok(_) => return fail(line, at, "too many addresses"),
            Err(Some(message)) => {
                fail::<()>(line, at, &message);
                sound = false;
            }
            Err(None) => sound = false,
        }
    }
    sound.then_some(addrs)
}

fn fail<T>(line: &mut Line<'_, '_>, at: usize, message: &str) -> Option<T> {
    let what = match at {
        1 => line.name().into_owned(),
        _ => "stats socket".to_owned(),
    };
    line.error(codes::BAD_ADDRESS, at, format!("'{what}' : {message}"));
    None
}

/// One address of the list; the inner `None` was reported already.
fn address(
    line: &mut Line<'_, '_>,
    at: usize,
    text: &str,
    accepts: Accepts,
) -> Result<Vec<ListenAddr>, Option<String>> {
    match address::parse(text, accepts, line.host).map_err(Some)? {
        Address::Inet(target, ports) => {
            let ip = target
                .ip(line.host)
                .map_err(|_| Some(format!("invalid address: '{text}' cannot be resolved")))?;
            let (low, high) = match ports {
                Ports::Range(low, high) => (low, high),
                Ports::None | Ports::Offset(_) => {
                    return Err(Some(format!("missing port specification in '{text}'")));
                }
            };
            Ok((low..=high)
                .map(|port| ListenAddr::Tcp(SocketAddr::new(ip, port)))
                .collect())
        }
        Address::Unix(path) => Ok(vec![ListenAddr::Unix(
            std::ffi::OsString::from_vec(path).into(),
        )]),
        Address::Abstract(name) => Ok(vec![ListenAddr::Abstract(name)]),
        Address::Fd(fd) => Ok(vec![ListenAddr::Fd(fd)]),
        Address::NotYet(what) => {
            line.not_yet(at, &format!("binding to '{what}'"), "");
            Err(None)
        }
    }
}

/// Reads options from the word at `at` on; those that are not there stay as they are.
pub fn read_options(
    line: &mut Line<'_, '_>,
    mut at: usize,
    options: &mut BindOptions,
    context: &str,
) {
    while let Some(name) = line.text(at) {
        let entry = VOCABULARY.find(&name);
        let values = entry.map_or(0, |entry| entry.values());
        match entry {
            Some(Entry::Works(word)) => {
                let mut arg = OptionArg {
                    line: &mut *line,
                    at,
                    context,
                    missing: |_| None,
                };
                (word.build)(&mut arg, options);
                if let Some(why) = not_applied(Class::Bind, word.name) {
                    line.no_effect(at, &format!("'{name}' on a 'bind' line"), why);
                }
            }
            Some(Entry::Other(family, _)) => {
                report_family(line, at, family, &format!("'{name}' on a 'bind' line"));
            }
            None => {
                return unknown(line, at, &name, context);
            }
        }
        at += 1 + values;
    }
}

fn unknown(line: &mut Line<'_, '_>, at: usize, name: &str, context: &str) {
    let message = format!("{context}: unknown keyword '{name}'");
    let mut found = Diagnostic::error(codes::UNKNOWN_BIND_OPTION, message).at(line.place(at), "");
    if let Some(near) = VOCABULARY.suggest(name) {
        found = found.help(format!("did you mean '{near}'?"));
    }
    line.diags.push(found);
}
