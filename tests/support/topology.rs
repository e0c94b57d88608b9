//! The sockets around a proxy: its listeners, the origins behind it, its log receiver, and the
//! configuration text that names them.
//!
//! `fd@${name}` gets a listener inherited by the proxy. `${s}`, `${t}`, `${u}` are origins,
//! `${s_port}` is the port of one, `${closed}` refuses connections, `${full}` never answers them, `${log}` receives syslog,
//! `${dir}` is a directory of the case's own. A comment `#file NAME: bytes` becomes a file in there.

use super::log::Syslog;
use super::process::Process;
use super::text::decode;
use regex::{Captures, Regex};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use tempfile::TempDir;

/// One proxy with everything it talks to.
#[derive(Debug)]
pub(crate) struct Topology {
    pub(crate) process: Process,
    pub(crate) log: Syslog,
    pub(crate) dir: TempDir,
    frontends: Vec<(String, TcpListener)>,
    origins: BTreeMap<String, TcpListener>,
    silent: Vec<Socket>,
}

/// Sockets and directory of a configuration, before a process runs it.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) log: Syslog,
    pub(crate) dir: TempDir,
    frontends: Vec<(String, TcpListener)>,
    origins: BTreeMap<String, TcpListener>,
    silent: Vec<Socket>,
}

impl Surroundings {
    /// Opens what `config` asks for and writes the text, with addresses filled in, to `cfg`.
    pub(crate) fn of(config: &str) -> Self {
        let mut made = Self {
            log: Syslog::open(),
            dir: TempDir::new().expect("a directory"),
            frontends: Vec::new(),
            origins: BTreeMap::new(),
            silent: Vec::new(),
        };
        let names = Regex::new(r"(fd@)?\$\{(\w+)\}").expect("a valid pattern");
        let text = names.replace_all(config, |found: &Captures<'_>| {
            if found.get(1).is_some() {
                made.frontend(&found[2]);
                return found[0].to_owned();
            }
            made.address(&found[2])
        });
        made.write("cfg", text.as_bytes());
        for line in config.lines() {
            if let Some((name, bytes)) = line
                .trim()
                .strip_prefix("#file ")
                .and_then(|l| l.split_once(": "))
            {
                made.write(name, &decode(bytes, &|_| None));
            }
        }
        made
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.dir.path().join(name), bytes).expect("a file in the directory");
    }

    fn frontend(&mut self, name: &str) {
        if self.frontends.iter().all(|(known, _)| known != name) {
            self.frontends.push((name.to_owned(), listener()));
        }
    }

    fn address(&mut self, name: &str) -> String {
        match name {
            "log" => self.log.address(),
            "dir" => self.dir.path().display().to_string(),
            "closed" => self.silent(None),
            "full" => self.silent(Some(0)),
            port if port.ends_with("_port") => {
                let address = self.address(port.trim_end_matches("_port"));
                address.rsplit(':').next().unwrap_or_default().to_owned()
            }
            origin => {
                let socket = self
                    .origins
                    .entry(origin.to_owned())
                    .or_insert_with(listener);
                socket.local_addr().expect("a local address").to_string()
            }
        }
    }

    /// A bound socket that refuses, or with a backlog, whose queue is full.
    fn silent(&mut self, backlog: Option<i32>) -> String {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket
            .bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
            .expect("a free port");
        let address = socket.local_addr().expect("a local address");
        if let Some(backlog) = backlog {
            socket.listen(backlog).expect("a short queue");
            let filler = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
            filler
                .connect(&address)
                .expect("the one place in the queue");
            self.silent.push(filler);
        }
        self.silent.push(socket);
        address.as_socket().expect("an IPv4 address").to_string()
    }

    /// Starts `binary` with `args` followed by `-f cfg`.
    pub(crate) fn start(self, binary: &Path, args: &[&str]) -> Topology {
        let args: Vec<&str> = args.iter().copied().chain(["-f", "cfg"]).collect();
        let process = Process::start(binary, &args, self.dir.path(), &self.frontends);
        let Self {
            log,
            dir,
            frontends,
            origins,
            silent,
        } = self;
        Topology {
            process,
            log,
            dir,
            frontends,
            origins,
            silent,
        }
    }
}

impl Topology {
    /// Runs `config` with `binary` in the foreground.
    pub(crate) fn start(binary: &Path, config: &str) -> Self {
        Surroundings::of(config).start(binary, &["-db"])
    }

    /// Connects to the frontend socket `name`.
    pub(crate) fn connect(&self, name: &str) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port(name))).expect("a connection to the frontend")
    }

    /// Port of a frontend or an origin.
    pub(crate) fn port(&self, name: &str) -> u16 {
        let frontend = self
            .frontends
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, s)| s);
        let socket = frontend.or_else(|| self.origins.get(name));
        let socket = socket.unwrap_or_else(|| panic!("no socket is called {name}"));
        socket.local_addr().expect("a local address").port()
    }

    /// A text in which origins and the directory are named as in a configuration.
    pub(crate) fn named(&self, text: &str) -> String {
        let mut text = text.replace("${dir}", &self.dir.path().display().to_string());
        for (name, socket) in &self.origins {
            let address = socket.local_addr().expect("a local address");
            text = text.replace(&format!("${{{name}}}"), &address.to_string());
        }
        text
    }

    /// Closes an origin's listening socket: from now on it refuses.
    pub(crate) fn close_origin(&mut self, name: &str) {
        self.origins.remove(name);
    }

    /// The listening socket of an origin, for a thread that serves it.
    pub(crate) fn origin(&self, name: &str) -> TcpListener {
        self.origins[name].try_clone().expect("a second handle")
    }

    /// Whether a connection to this origin waits to be accepted.
    pub(crate) fn has_pending(&self, name: &str) -> bool {
        readable(
            &self.origins[name],
            Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
        )
    }

    /// Accepts the next connection to an origin.
    pub(crate) fn accept(&self, name: &str) -> Option<TcpStream> {
        let socket = self
            .origins
            .get(name)
            .unwrap_or_else(|| panic!("no origin {name}"));
        let limit = Timespec::try_from(super::PATIENCE).expect("a short time");
        readable(socket, limit).then(|| socket.accept().expect("a connection").0)
    }
}

fn readable(socket: &TcpListener, limit: Timespec) -> bool {
    poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&limit)).expect("poll") > 0
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port")
}
