//! Where a stream is: references every step needs and none changes.

use super::client::Client;
use super::shared::Listener;
use super::transaction::Transaction;
use super::worker::Worker;
use crate::backend::Slot;
use crate::clock::Millis;
use crate::compile::config::{Backend, Frontend, Mode};
use crate::protect::bandwidth::Direction;
use crate::table::{Slots, Tracks};
use crate::vocab::context::Names;
use crate::vocab::variable::{Store, StreamVars, Vars};

/// Where a stream is. Each of the futures nested in a connection's keeps it, so it is as small as can be.
pub(super) type Place<'a> = &'a Spot<'a>;

/// The worker, the frontend and the listener of a client connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    pub(super) worker: &'a Worker,
    pub(super) frontend: &'a Frontend,
    pub(super) frontend_index: usize,
    pub(super) listener: &'a Listener,
    /// What the stream is: a TCP frontend's may become HTTP.
    pub(super) mode: Mode,
}

impl<'a> Spot<'a> {
    /// Whether bytes that go this way may be moved within the kernel (`option splice-*`, `-dS`).
    pub(super) fn may_splice(&self, direction: Direction) -> bool {
        let [requests, responses] = self.frontend.splice;
        let by_option = match direction {
            Direction::Up => requests,
            Direction::Down => responses,
        };
        by_option && self.worker.shared.splice
    }

    /// Whether the backend depends on rules.
    pub(super) fn is_switching(&self) -> bool {
        !self.frontend.switching.is_empty()
    }

    /// When `timeout client` passes if nothing happens from now on.
    pub(super) fn client_deadline(&self) -> Millis {
        self.worker
            .clock
            .now()
            .saturating_add(self.frontend.timeouts.client)
    }

    /// The variables that a stream of this connection sees.
    pub(super) fn vars(&self, session: &'a Store, stream: &'a StreamVars) -> Vars<'a> {
        Vars {
            process: &self.worker.shared.variables,
            session,
            stream: Some(stream),
        }
    }

    /// What a stream and its connection track.
    pub(super) fn tracks<'t>(connection: &'t Slots, stream: &'t Slots) -> Tracks<'t> {
        Tracks {
            connection: Some(connection),
            stream: Some(stream),
        }
    }

    /// The stream is over: its bytes are counted, what it tracks and its variables go.
    pub(super) fn end_stream(&self, client: &Client, tx: &mut Transaction) {
        let tracks = Self::tracks(&client.tracks, &tx.tracks);
        let clock = &self.worker.clock;
        tracks.bytes(tx.record.bytes_in, tx.record.bytes_out, clock);
        tx.tracks.end(clock);
        tx.holds.clear();
        self.vars(&client.vars, &tx.vars).end_stream();
    }

    /// Names for rules and logs; before a backend is chosen the frontend's stands for it.
    pub(super) fn names(&self, backend: Option<&'a Backend>, slot: Option<&Slot>) -> Names<'a> {
        let server = slot
            .zip(backend)
            .and_then(|(slot, b)| b.servers.get(slot.server()));
        Names {
            frontend: &self.frontend.name,
            mode: self.mode,
            frontend_id: self.frontend.uuid,
            frontend_index: self.frontend_index as u32,
            listener: match self.listener.is_named {
                true => &self.listener.name,
                false => "",
            },
            listener_id: self.listener.id,
            listener_conns: self.listener.limits[0].used(),
            backend: backend.map_or(&self.frontend.name, |b| &b.name),
            backend_id: backend.map_or(self.frontend.uuid, |b| b.uuid),
            backend_index: backend.map(|b| b.index),
            server: server.map(|s| &*s.name),
            server_id: server.map_or(0, |s| s.id),
            unique_id: self.frontend.unique_id.as_ref(),
        }
    }
}
