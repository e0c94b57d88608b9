//! `server` and `default-server` lines: name, address, options (manual section 5.2).

mod checks;
mod families;
mod missing;
mod words;

pub use checks::{CheckOptions, read_addr};

use crate::clock::Millis;
use crate::net::ServerAddr;
use crate::settings::{LogFraming, ProxyOptions, ServerKey};
use crate::syntax::{Diagnostic, Diagnostics, Span};
use crate::vocab::address::{self, Accepts, Address, PortRule, Ports, Target};
use crate::vocab::bind_option::OptionArg;
use crate::vocab::codes;
use crate::vocab::host::Host;
use crate::vocab::keyword::{Entry, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::mux_proto::MuxProto;
use crate::vocab::reference::{Class, not_applied};
use crate::vocab::section::report_family;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStringExt;

/// Reads one option into the draft.
pub type Build = fn(&mut OptionArg<'_, '_, '_>, &mut ServerOptions);

/// The words of `server` lines.
pub static VOCABULARY: Vocabulary<Build> =
    Vocabulary::new(&[words::WORDS, checks::WORDS], families::FAMILIES);

/// One `server` line.
#[derive(Clone, Debug)]
pub struct ServerDraft {
    /// Its name.
    pub name: String,
    /// The name's place.
    pub name_span: Span,
    /// Where it is, as far as that is written.
    pub place: Place,
    /// The address's place in the text.
    pub place_span: Span,
    /// Whether it takes datagrams, which only log lines are.
    pub datagram: bool,
    /// Written without a port.
    pub port_from_client: bool,
    /// Added to the client's destination port.
    pub port_offset: i32,
    /// The options, after those of `default-server`.
    pub options: ServerOptions,
}

/// The address of a server before names are looked up.
#[derive(Clone, Debug)]
pub enum Place {
    /// Known.
    Fixed(ServerAddr),
    /// A name and a port.
    Named(Target, u16),
}

/// The options of a `server` line, and what `default-server` collects.
#[derive(Clone, Debug)]
#[allow(
    missing_docs,
    reason = "each is the option of the same name, manual section 5.2"
)]
pub struct ServerOptions {
    pub id: Option<(u32, Span)>,
    pub guid: Option<(String, Span)>,
    pub weight: u32,
    pub maxconn: u32,
    pub minconn: u32,
    pub maxqueue: u32,
    pub hash_key: ServerKey,
    pub backup: bool,
    pub disabled: bool,
    pub cookie: Option<Box<[u8]>>,
    pub send_proxy: u8,
    pub proxy_options: ProxyOptions,
    pub source: Option<SocketAddr>,
    pub socks4: Option<SocketAddr>,
    pub init_addr: Vec<InitAddr>,
    pub pool_max_conn: Option<u32>,
    pub pool_low_conn: u32,
    pub pool_purge_delay: Millis,
    pub max_reuse: Option<u32>,
    pub shard: u32,
    pub log_proto: LogFraming,
    pub log_bufsize: Option<usize>,
    /// What it names, and where.
    pub proto: Option<(MuxProto, Span)>,
    /// Those about health.
    pub health: CheckOptions,
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
            guid: None,
            weight: 1,
            maxconn: 0,
            minconn: 0,
            maxqueue: 0,
            hash_key: ServerKey::Id,
            backup: false,
            disabled: false,
            cookie: None,
            send_proxy: 0,
            proxy_options: ProxyOptions::default(),
            source: None,
            socks4: None,
            init_addr: Vec::new(),
            pool_max_conn: None,
            pool_low_conn: 0,
            pool_purge_delay: 5_000,
            max_reuse: None,
            shard: 0,
            log_proto: LogFraming::default(),
            log_bufsize: None,
            proto: None,
            health: CheckOptions::default(),
        }
    }
}

const SERVER: Accepts = Accepts {
    port: PortRule::Optional,
    range: false,
    offset: true,
    fd: false,
    stream: true,
    datagram: true,
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
        guid: None,
        ..defaults.clone()
    };
    read_options(line, 3, &mut options, &context);
    let (place, ports, datagram) = read_address(line, &context)?;
    let (port_from_client, port_offset) = match ports {
        Ports::None | Ports::Range(0, _) => (true, 0),
        Ports::Range(..) => (false, 0),
        Ports::Offset(by) => (true, by),
    };
    well_named.then_some(ServerDraft {
        name,
        name_span: line.place(1),
        place,
        place_span: line.place(2),
        datagram,
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
        let entry = VOCABULARY.find(bare);
        let values = entry.map_or(0, |entry| entry.values());
        match entry {
            Some(Entry::Works(word)) => {
                let mut arg = OptionArg {
                    line: &mut *line,
                    at,
                    context,
                    missing: missing::message,
                };
                (word.build)(&mut arg, options);
                if let Some(why) = not_applied(Class::Server, word.name) {
                    line.no_effect(at, &format!("'{name}' on a 'server' line"), why);
                }
            }
            Some(Entry::Other(family, _)) => {
                report_family(line, at, family, &format!("'{name}' on a 'server' line"));
            }
            None => return unknown(line, at, &name, context),
        }
        at += 1 + values;
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

/// Reads the address of a proxy to connect through.
fn socks4(line: &mut Line<'_, '_>, at: usize) -> Result<SocketAddr, String> {
    let text = line.text(at).unwrap_or_default();
    match address::parse(&text, SOURCE, line.host)? {
        Address::Inet(target, Ports::Range(port, high)) if port == high => {
            let ip = (target.ip(line.host))
                .map_err(|_| format!("invalid address: '{text}' cannot be resolved"))?;
            Ok(SocketAddr::new(ip, port))
        }
        Address::Inet(_, Ports::None) => Err(format!("missing port number: '{text}'")),
        _ => Err(format!("'{text}' is not an address and a port")),
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

/// The address, the port part, and whether it is one for datagrams; `None` after an error.
fn read_address(line: &mut Line<'_, '_>, context: &str) -> Option<(Place, Ports, bool)> {
    let text = line.text(2).unwrap_or_default();
    let parsed = address::parse_typed(&text, SERVER, line.host);
    let datagram = matches!(parsed, Ok((_, Some(false))));
    let local = |addr| Some((Place::Fixed(addr), Ports::Range(1, 1), datagram));
    match parsed.map(|(address, _)| address) {
        Ok(Address::Inet(target, ports)) => {
            let port = match ports {
                Ports::Range(port, _) => port,
                Ports::None | Ports::Offset(_) => 0,
            };
            Some((Place::Named(target, port), ports, datagram))
        }
        Ok(Address::Unix(path)) => local(ServerAddr::Unix(OsString::from_vec(path).into())),
        Ok(Address::Abstract(name)) => local(ServerAddr::Abstract(name)),
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

impl ServerDraft {
    /// Finds the address as `init-addr` says. `None` when there is none, reported if it must not
    /// be so. `proxy` is the name of the server's proxy.
    pub fn locate(
        &self,
        proxy: &str,
        host: &dyn Host,
        diags: &mut Diagnostics,
    ) -> Option<ServerAddr> {
        let (target, port) = match &self.place {
            Place::Fixed(addr) => return Some(addr.clone()),
            Place::Named(target, port) => (target, *port),
        };
        let tcp = |ip| Some(ServerAddr::Tcp(SocketAddr::new(ip, port)));
        let Target::Name(name, _) = target else {
            return target.ip(host).ok().and_then(tcp);
        };
        for method in self.methods(name) {
            match method {
                InitAddr::Last => {}
                InitAddr::None => return None,
                InitAddr::Ip(ip) => return tcp(*ip),
                InitAddr::Libc => {
                    if let Ok(ip) = target.ip(host) {
                        return tcp(ip);
                    }
                }
            }
        }
        diags.push(self.unresolvable(proxy, name, host.ignores_unresolved()));
        None
    }

    /// Whether the address of a state file goes before that of the name.
    pub fn keeps_address(&self) -> bool {
        let Place::Named(Target::Name(name, _), _) = &self.place else {
            return false;
        };
        matches!(self.methods(name), [InitAddr::Last, ..])
    }

    /// Ways of finding the address. Names that start with an underscore are SRV records, which
    /// only a resolver answers.
    fn methods(&self, name: &str) -> &[InitAddr] {
        match self.options.init_addr.as_slice() {
            [] if name.starts_with('_') => &[InitAddr::None],
            [] => &[InitAddr::Last, InitAddr::Libc],
            given => given,
        }
    }

    fn unresolvable(&self, proxy: &str, name: &str, ignored: bool) -> Diagnostic {
        let server = &self.name;
        let message = format!("'server {proxy}/{server}' : could not resolve address '{name}'");
        match ignored {
            true => Diagnostic::warning(codes::UNRESOLVABLE, message),
            false => Diagnostic::error(codes::UNRESOLVABLE, message),
        }
        .at(self.place_span, "")
        .help("correct the name, write the address in numbers, or add 'init-addr none' to start without it")
    }
}

fn unknown(line: &mut Line<'_, '_>, at: usize, name: &str, context: &str) {
    let message = format!("{context} : unknown keyword '{name}'");
    let mut found = Diagnostic::error(codes::UNKNOWN_SERVER_OPTION, message).at(line.place(at), "");
    if let Some(near) = VOCABULARY.suggest(name) {
        found = found.help(format!("did you mean '{near}'?"));
    } else if at == 1 && line.name() == "default-server" {
        found = found.help("no name and no address stand here, only what holds for all servers");
    }
    line.diags.push(found);
}
