//! A `server`, how its connections are shared, and the cookie that names it.

use super::ServerKey;
use crate::backend::ServerCookie;
use crate::clock::Millis;
use crate::net::ServerAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// `cookie`: persistence by a cookie that names the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: Box<[u8]>,
    /// Who writes it; `None` only reads it.
    pub mode: Option<CookieMode>,
    /// `indirect`: servers and clients see it only where they need it.
    pub indirect: bool,
    /// `nocache`: a response that gets the cookie must not be cached by others.
    pub nocache: bool,
    /// `postonly`: only responses to POST get it.
    pub postonly: bool,
    /// `preserve`: what a server sets itself stays.
    pub preserve: bool,
    /// What follows the value: `domain`, `httponly`, `secure`, `attr`, each with `; ` before it.
    pub attributes: Box<[u8]>,
    /// `maxidle`, seconds; 0 = for ever.
    pub max_idle_s: u32,
    /// `maxlife`, seconds; 0 = for ever.
    pub max_life_s: u32,
    /// `dynamic`: servers without a cookie get one made of their address and the backend's key.
    pub dynamic: bool,
}

/// Who writes a persistence cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieMode {
    /// The server sets it, its value is replaced.
    Rewrite,
    /// It is added to responses.
    Insert,
    /// The server sets it, its value is prefixed.
    Prefix,
}

impl Cookie {
    /// Whether logs tell what became of it (`%tsc`).
    pub fn is_logged(&self) -> bool {
        self.mode.is_some() || self.indirect
    }
}

/// `proxy-v2-options`: what a PROXY header of version 2 tells beside addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyOptions {
    /// `crc32c`: a checksum.
    pub checksum: bool,
    /// `unique-id`: the unique id of the stream that the connection is made for.
    pub unique_id: bool,
}

/// `http-reuse`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// Connections are never shared between sessions.
    Never,
    /// The first request of a session gets a fresh connection.
    #[default]
    Safe,
    /// First requests may use connections that were reused before.
    Aggressive,
    /// Any idle connection.
    Always,
}

/// `load-server-state-from-file`: where the servers' states at start come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StateFile {
    /// Nowhere.
    #[default]
    None,
    /// `server-state-file` of `global`.
    Global,
    /// `server-state-file-name`, or a file called as the backend.
    Local(PathBuf),
}

/// One `server`.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: Arc<str>,
    /// `guid`.
    pub guid: Option<Arc<str>>,
    /// `id`, or counted from 1.
    pub id: u32,
    /// Where it is, resolved at start; `None` when `init-addr none` left it unresolved.
    pub addr: Option<ServerAddr>,
    /// Its name is looked up, and `init-addr` prefers the address of a state file.
    pub keeps_address: bool,
    /// Written without a port: the client's destination port is used.
    pub port_from_client: bool,
    /// Added to the client's destination port (`host:+N`, `host:-N`).
    pub port_offset: i32,
    /// `weight` 0..=256.
    pub weight: u32,
    /// `maxconn`; 0 = none.
    pub maxconn: u32,
    /// `minconn`; 0 = same as maxconn.
    pub minconn: u32,
    /// `maxqueue`; 0 = unlimited.
    pub maxqueue: u32,
    /// `hash-key`.
    pub hash_key: ServerKey,
    /// `backup`.
    pub backup: bool,
    /// `disabled`: in maintenance from the start.
    pub disabled: bool,
    /// `cookie`: the value of the persistence cookie that means this server.
    pub cookie: ServerCookie,
    /// `send-proxy` = 1, `send-proxy-v2` = 2, 0 = neither.
    pub send_proxy: u8,
    /// `proxy-v2-options`.
    pub proxy_options: ProxyOptions,
    /// `source`: local address to connect from.
    pub source: Option<std::net::SocketAddr>,
    /// `socks4`: the proxy that connections go through.
    pub socks4: Option<std::net::SocketAddr>,
    /// `pool-max-conn`; `None` = no limit of its own.
    pub pool_max_conn: Option<u32>,
    /// `pool-low-conn`, default 0.
    pub pool_low_conn: u32,
    /// `pool-purge-delay`, default 5 s.
    pub pool_purge_delay: Millis,
    /// `max-reuse`; `None` = unlimited.
    pub max_reuse: Option<u32>,
    /// `slowstart`, whole seconds; 0 = none.
    pub slowstart_s: u64,
    /// Its checks, and what follows from them.
    pub health: crate::health::ServerSpec,
}
