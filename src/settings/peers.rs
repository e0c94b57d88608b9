//! `peers` sections.

use super::Bind;
use crate::net::ServerAddr;
use std::sync::Arc;

/// A section whose local peer is known.
#[derive(Clone, Debug, PartialEq)]
pub struct PeersSection {
    /// Its name.
    pub name: Arc<str>,
    /// The name of this process among the peers.
    pub local: Arc<str>,
    /// Where peers connect to us; without it only we connect.
    pub bind: Option<Bind>,
    /// Every peer, the local one among them.
    pub peers: Vec<PeerAddress>,
    /// `shards`: how many shares keys fall into; 0 = none.
    pub shards: u32,
    /// What is shared.
    pub tables: Vec<SharedTable>,
}

/// A peer.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerAddress {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is.
    pub addr: Option<ServerAddr>,
    /// `shard`: the share it gets, from 1; 0 = everything.
    pub shard: u32,
    /// It is this process, or the one that takes its place.
    pub is_local: bool,
}

/// A table that peers share.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedTable {
    /// Its number among the configuration's tables.
    pub table: u32,
    /// The name all peers know it by: its proxy's, or `/name` for tables of `peers` sections.
    pub wire_name: Arc<str>,
    /// `recv-only`: what is usually local is learned too.
    pub recv_only: bool,
    /// `write-to`: the number of the table that learns the same.
    pub write_to: Option<u32>,
}
