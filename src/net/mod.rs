//! Sockets and what surrounds them.
//!
//! What lives here: addresses, listeners (own, inherited, UNIX), streams, buffers and their
//! pool, coarse timers, the PROXY protocol, splice. Deliberately absent: HTTP, rules, configuration
//! text. Everything per connection is `!Send`; what workers share is in `backend` and `observe`.

mod address;
mod bind;
mod buffer;
mod datagram;
pub mod handover;
mod keep_alive;
mod lent;
mod listener;
pub mod proxy_protocol;
pub mod socks4;
mod splice;
mod stream;
pub mod timer;
pub mod tls_hello;

pub use address::{ConnFacts, Endpoint, ListenAddr, ServerAddr, UNIX_NAME_MAX, abns_name};
pub use bind::{BindError, ListenOptions, Opened, inherit, open, open_datagrams};
pub use buffer::{Buffer, BufferPool};
pub use datagram::DatagramSocket;
pub use handover::{
    Inherited, Offered, receive_fds, send_fds, take, take_from, take_tables, take_tables_from,
};
pub use keep_alive::KeepAlive;
pub use lent::Lent;
pub use listener::{Accepted, Acceptor};
pub use proxy_protocol::fuzz_proxy_header;
pub use splice::{PipePool, Splicer, Transfer, TransferError};
pub(crate) use stream::register;
pub use stream::{Activity, ConnectOptions, ReadOutcome, Stream, connect};
pub use timer::{TICK_MS, Timer, Wheel};
pub use tls_hello::fuzz_tls_hello;
