//! Whether connections live on after a request: `option http-keep-alive`, `http-server-close`,
//! `httpclose` (manual section 4.2).
//!
//! A frontend's `httpclose` closes the client's connection, a backend's the server's; a
//! `http-server-close` on either side closes the server's.

use super::place::Place;
use crate::compile::config::{Backend, ConnectionMode};
use crate::http1::{Connection, Version};

/// Whether the configuration lets the client's connection live on.
pub(super) fn of_client(at: Place<'_>) -> bool {
    at.frontend.connection_mode != ConnectionMode::Close && !at.worker.is_ending()
}

/// Whether the configuration lets the server's connection live on.
pub(super) fn of_server(at: Place<'_>, backend: &Backend) -> bool {
    at.frontend.connection_mode != ConnectionMode::ServerClose
        && backend.connection_mode == ConnectionMode::KeepAlive
}

/// What a request of that version says about the server's connection.
pub(super) fn to_server(keep: bool, version: Version) -> Connection {
    match (keep, version) {
        (true, Version::Http11) | (false, Version::Http10) => Connection::Absent,
        (true, Version::Http10) => Connection::KeepAlive,
        (false, Version::Http11) => Connection::Close,
    }
}

/// What our HTTP/1.1 response says about the connection of a client of that version.
pub(super) fn to_client(keep: bool, version: Version) -> Connection {
    match (keep, version) {
        (true, Version::Http11) => Connection::Absent,
        (true, Version::Http10) => Connection::KeepAlive,
        (false, _) => Connection::Close,
    }
}
