//! What is checked, and how: plain data made from a configuration.

use super::counter::Bounds;
use super::external::Program;
use super::script::Script;
use crate::clock::Millis;
use crate::net::{KeepAlive, ServerAddr};
use std::net::IpAddr;
use std::sync::Arc;

/// Which of a server's two checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// `check`.
    Health,
    /// `agent-check`.
    Agent,
}

/// A server's place: index of its backend, index in there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// Of the backend.
    pub backend: usize,
    /// Of the server in its backend.
    pub server: usize,
}

/// Times between checks, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// `inter`.
    pub inter: Millis,
    /// `fastinter`: while the level is neither the highest nor 0.
    pub fast: Option<Millis>,
    /// `downinter`: while the server is down.
    pub down: Option<Millis>,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            inter: 2000,
            fast: None,
            down: None,
        }
    }
}

/// `init-state`: the state a checked server starts in, and comes back from maintenance in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitState {
    /// Up; `fall` failures take it down.
    FullyUp,
    /// Up; one failure takes it down.
    Up,
    /// Down; one success brings it up.
    Down,
    /// Down; `rise` successes bring it up.
    FullyDown,
}

impl InitState {
    /// Whether that is down.
    pub fn is_down(self) -> bool {
        matches!(self, Self::Down | Self::FullyDown)
    }
}

/// `observe`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Observe {
    /// Live traffic is not looked at.
    #[default]
    Nothing,
    /// Connections.
    Layer4,
    /// Connections that fail, and responses.
    Layer7,
}

/// `on-error`: what too many errors in a row lead to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The next check comes soon.
    FastInter,
    /// As much as a failed check.
    #[default]
    FailCheck,
    /// One more failure takes the server down.
    SuddenDeath,
    /// The server is down.
    MarkDown,
}

/// A check of one server.
#[derive(Clone, Debug)]
pub struct CheckSpec {
    /// Times between checks.
    pub intervals: Intervals,
    /// `rise`.
    pub rise: u32,
    /// `fall`.
    pub fall: u32,
    /// `addr`: another place than the server's.
    pub addr: Option<CheckAddr>,
    /// `port`: another port; 0 = the server's, or that of `addr`.
    pub port: u16,
    /// `check-send-proxy` and the version of the header: 0 = none.
    pub send_proxy: u8,
    /// What is done with the connection.
    pub script: Arc<Script>,
    /// `timeout check`: for what comes after the connection; `None` = `inter` for all.
    pub timeout: Option<Millis>,
    /// `timeout connect`, which bounds connecting if `timeout` is set.
    pub connect_timeout: Millis,
    /// `source`: the address to connect from.
    pub source: Option<std::net::SocketAddr>,
    /// `socks4`: the proxy that connections may go through.
    pub socks4: Option<std::net::SocketAddr>,
    /// `option srvtcpka`: what the kernel does to find out that the peer is gone.
    pub keep_alive: Option<KeepAlive>,
    /// `check-via-socks4`: they do unless a rule says otherwise.
    pub via_socks4: bool,
    /// `check-reuse-pool`: takes an idle connection of the server's, if there is one.
    pub reuse_pool: bool,
    /// `option external-check`.
    pub program: Option<Arc<Program>>,
}

/// Where checks connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckAddr {
    /// A host; the port is 0 if none was written.
    Ip(IpAddr, u16),
    /// A UNIX socket.
    Local(ServerAddr),
}

/// What becomes of a server by its checks and traffic.
#[derive(Clone, Debug, Default)]
pub struct ServerSpec {
    /// Its name.
    pub name: Arc<str>,
    /// `check`.
    pub check: Option<CheckSpec>,
    /// `agent-check`.
    pub agent: Option<CheckSpec>,
    /// `track`: its state follows that one's.
    pub track: Option<Place>,
    /// `observe`; only with a check.
    pub observe: Observe,
    /// `error-limit`.
    pub error_limit: u32,
    /// `on-error`.
    pub on_error: OnError,
    /// `on-marked-down shutdown-sessions`.
    pub shutdown_sessions: bool,
    /// `on-marked-up shutdown-backup-sessions`.
    pub shutdown_backup_sessions: bool,
    /// `init-state`.
    pub init_state: Option<InitState>,
    /// `rise` and `fall`, of a server that is not checked, too.
    pub bounds: Bounds,
}

/// The servers of a backend.
#[derive(Clone, Debug, Default)]
pub struct BackendSpec {
    /// Its name.
    pub name: Arc<str>,
    /// What messages call it: `backend`, or `proxy` of a `listen`.
    pub noun: &'static str,
    /// `option log-health-checks`.
    pub logs_checks: bool,
    /// `disabled`: nothing is checked.
    pub disabled: bool,
    /// In order.
    pub servers: Vec<ServerSpec>,
}
