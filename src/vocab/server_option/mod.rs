//! `server` and `default-server` lines: name, address, options (manual section 5.2).

mod families;
mod words;

use crate::clock::Millis;
use crate::net::ServerAddr;
use crate::syntax::{Diagnostic, Span};
use crate::vocab::address::{self, Accepts, Address, PortRule, Ports, Target};
use crate::vocab::bind_option::OptionArg;
use crate::vocab::codes;
use crate::vocab::keyword::{Entry, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::section::report_family;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStringExt;

/// Reads one option into the draft.
pub type Build = fn(&mut OptionArg<'_, '_, '_>, &mut ServerOptions);

/// The words of `server` lines.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[words::WORDS], families::FAMILIES);

/// One `server` line.
#[derive(Clone, Debug)]
pub struct ServerDraft {
    /// Its name.
    pub name: String,
    /// The name's place.
    pub name_span: Span,
    /// Where it is; `None` when no way of finding out succeeded and that is acceptable.
    pub addr: Option<ServerAddr>,
    /// Written without a port.
    pub port_from_client: bool,
    /// Added to the client's destination port.
    pub port_offset: i32,
    /// The options, after those of `default-server`.
    pub options: ServerOptions,
}

/// The options of a `server` line, and what `default-server` collects.
#[derive(Clone, Debug)]
#[allow(
    missing_docs,
    reason = "each is the option of the same name, manual section 5.2"
)]
pub struct ServerOptions {
    pub id: Option<(u32, Span)>,
    pub weight: u32,
    pub maxconn: u32,
    pub minconn: u32,
    pub maxqueue: u32,
    pub backup: bool,
    pub disabled: bool,
    pub send_proxy: u8,
    pub source: Option<SocketAddr>,
    pub init_addr: Vec<InitAddr>,
    pub pool_max_conn: Option<u32>,
    pub pool_purge_delay: Millis,
    pub max_reuse: Option<u32>,
}

/// One way of finding a server's first address, `init-addr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitAddr {
    /// From a state file.
    Last,
    /// The system's resolver.
    Libc,
    /// None at all.
    None,
    /// This one.
    Ip(IpAddr),
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            id: None,
            weight: 1,
            maxconn: 0,
            minconn: 0,
            maxqueue: 0,
            backup: false,
            disabled: false,
            send_proxy: 0,
            source: None,
            init_addr: Vec::new(),
            pool_max_conn: None,
            pool_purge_delay: 5_000,
            max_reuse: None,
        }
    }
}

const SERVER: Accepts = Accepts {
    port: PortRule::Optional,
    range: false,
    offset: true,
    fd: false,
    stream: true,
    datagram: false,
};

/// An address to connect from.
const SOURCE: Accepts = Accepts {
    port: PortRule::Optional,
    range: true,
    offset: false,
    fd: false,
    stream: true,
    datagram: false,
};

/// Reads a `server` line. `None` when it names no usable server; its options are checked anyway.
pub fn read(line: &mut Line<'_, '_>, defaults: &ServerOptions, proxy: &str) -> Option<ServerDraft> {
    if line.arg(2).is_none() {
        line.error(
            codes::MISSING_ARGUMENT,
            1,
            "'server' expects <name> and <addr>[:<port>] as arguments",
        );
        return None;
    }
    let name = line.text(1).unwrap_or_default().into_owned();
    let context = format!("'server {proxy}/{name}'");
    let well_named = check_name(line, &name);
    let mut options = ServerOptions {
        id: None,
        ..defaults.clone()
    };
    read_options(line, 3, &mut options, &context);
    let (addr, ports) = find_address(line, &options, &context)?;
    let (port_from_client, port_offset) = match ports {
        Ports::None | Ports::Range(0, _) => (true, 0),
        Ports::Range(..) => (false, 0),
        Ports::Offset(by) => (true, by),
    };
    well_named.then_some(ServerDraft {
        name,
        name_span: line.place(1),
        addr,
        port_from_client,
        port_offset,
        options,
    })
}

/// Reads the options from `at` on.
pub fn read_options(
    line: &mut Line<'_, '_>,
    mut at: usize,
    options: &mut ServerOptions,
    context: &str,
) {
    while let Some(name) = line.text(at) {
        // `set-proxy-v2-tlv-fmt(id)` carries an argument in the word itself.
        let bare = name.split('(').next().unwrap_or("");
        match VOCABULARY.find(bare) {
            Some(Entry::Works(word)) => {
                let mut arg = OptionArg {
                    line: &mut *line,
                    at,
                    context,
                };
                (word.build)(&mut arg, options);
                at += 1 + words::values(word.name);
            }
            Some(Entry::Other(family, values)) => {
                report_family(line, at, family, &format!("'{name}' on a 'server' line"));
                at += 1 + usize::from(values);
            }
            None => return unknown(line, at, &name, context),
        }
    }
}

/// Reads an address to connect from: of `source` lines and options.
pub fn source(line: &mut Line<'_, '_>, at: usize) -> Result<Option<SocketAddr>, String> {
    let text = line.text(at).unwrap_or_default();
    match address::parse(&text, SOURCE, line.host)? {
        Address::Inet(target, ports) => {
            let ip = target
                .ip(line.host)
                .map_err(|_| format!("invalid address: '{text}' cannot be resolved"))?;
            match ports {
                Ports::Range(low, high) if low == high => Ok(Some(SocketAddr::new(ip, low))),
                Ports::Range(..) => {
                    line.not_yet(at, "a range of source ports", "");
                    Ok(None)
                }
                Ports::None | Ports::Offset(_) => Ok(Some(SocketAddr::new(ip, 0))),
            }
        }
        _ => Err(format!("'{text}' is not an address to connect from")),
    }
}

fn check_name(line: &mut Line<'_, '_>, name: &str) -> bool {
    let Some(bad) = crate::vocab::args::bad_name_character(name) else {
        return true;
    };
    let message = match bad {
        Some(c) => format!("character '{c}' is not permitted in server name '{name}'"),
        None => "a server name must not be empty".into(),
    };
    line.error(codes::BAD_NAME, 1, message);
    false
}

/// The address and port part; `None` after an error.
fn find_address(
    line: &mut Line<'_, '_>,
    options: &ServerOptions,
    context: &str,
) -> Option<(Option<ServerAddr>, Ports)> {
    let text = line.text(2).unwrap_or_default();
    match address::parse(&text, SERVER, line.host) {
        Ok(Address::Inet(target, ports)) => {
            let ip = first_address(line, &target, options, context)?;
            let port = match ports {
                Ports::Range(port, _) => port,
                Ports::None | Ports::Offset(_) => 0,
            };
            Some((
                ip.map(|ip| ServerAddr::Tcp(SocketAddr::new(ip, port))),
                ports,
            ))
        }
        Ok(Address::Unix(path)) => {
            let path = std::ffi::OsString::from_vec(path).into();
            Some((Some(ServerAddr::Unix(path)), Ports::Range(1, 1)))
        }
        Ok(Address::Abstract(name)) => Some((Some(ServerAddr::Abstract(name)), Ports::Range(1, 1))),
        Ok(Address::Fd(_)) => None,
        Ok(Address::NotYet(what)) => {
            line.not_yet(2, &format!("'{what}' as a server's address"), "");
            None
        }
        Err(message) => {
            line.error(codes::BAD_ADDRESS, 2, format!("{context} : {message}"));
            None
        }
    }
}

/// Follows `init-addr`. The outer `None` is an error, the inner one a server without address.
fn first_address(
    line: &mut Line<'_, '_>,
    target: &Target,
    options: &ServerOptions,
    context: &str,
) -> Option<Option<IpAddr>> {
    let Target::Name(name, _) = target else {
        return Some(target.ip(line.host).ok());
    };
    // Names that start with an underscore are SRV records, which only a resolver answers.
    let methods = match options.init_addr.as_slice() {
        [] if name.starts_with('_') => &[InitAddr::None],
        [] => [InitAddr::Last, InitAddr::Libc].as_slice(),
        given => given,
    };
    for method in methods {
        match method {
            InitAddr::Last => {}
            InitAddr::None => return Some(None),
            InitAddr::Ip(ip) => return Some(Some(*ip)),
            InitAddr::Libc => {
                if let Ok(ip) = target.ip(line.host) {
                    return Some(Some(ip));
                }
            }
        }
    }
    let message = format!("{context} : could not resolve address '{name}'");
    if line.host.ignores_unresolved() {
        line.warning(codes::UNRESOLVABLE, 2, message);
        return Some(None);
    }
    let place = line.place(2);
    line.diags.push(
        Diagnostic::error(codes::UNRESOLVABLE, message)
            .at(place, "")
            .help("correct the name, write the address in numbers, or add 'init-addr none' to start without it"),
    );
    None
}

fn unknown(line: &mut Line<'_, '_>, at: usize, name: &str, context: &str) {
    let message = format!("{context} : unknown keyword '{name}'");
    let mut found = Diagnostic::error(codes::UNKNOWN_SERVER_OPTION, message).at(line.place(at), "");
    if let Some(near) = VOCABULARY.suggest(name) {
        found = found.help(format!("did you mean '{near}' maybe?"));
    }
    line.diags.push(found);
}
