//! What two peers say to each other once they have met: bytes in, bytes out, no socket.
//!
//! What must hold: whatever arrives, what is kept of it is bounded, and what is wrong ends the
//! session; what goes out is made piece by piece, as fast as the peer takes it.

use super::definition::{self, Field};
use super::dictionary::Dictionary;
use super::entry;
use super::journal::Journal;
use super::message::{self, Control, Fault, Kind, Message};
use super::section::{Lesson, Peer, PeerState, Resync, Section, Shared, Side};
use crate::clock::Millis;
use crate::table::Entry;
use std::rc::Rc;
use std::sync::Arc;

/// Silence after which we say that we are still there.
const HEARTBEAT: Millis = 3_000;
/// Silence after which a peer is taken for dead.
const PATIENCE: Millis = 5_000;
/// No further message is added to so many bytes.
const PIECE: usize = 16_384;

/// A session.
#[derive(Debug)]
pub(super) struct Session {
    section: Rc<Section>,
    peer: usize,
    /// Its number: with another one in the peer's place it is over.
    number: u64,
    /// What the values of the peer's updates are, of each table.
    fields: Vec<Option<Vec<Field>>>,
    teaching: Teaching,
    /// We have asked for a lesson.
    is_learning: bool,
    /// It is for teaching alone: an own new process.
    only_teaches: bool,
    /// That is done.
    is_complete: bool,
    last_sent: Millis,
    last_received: Millis,
    body: Vec<u8>,
}

/// Everything there is, on its way to a peer that asked for it.
#[derive(Debug)]
enum Teaching {
    No,
    /// Of this table and those after it; the entries of this one that were not sent.
    Entries(usize, std::vec::IntoIter<Arc<Entry>>),
    /// All is sent, and not confirmed.
    Said,
}

impl Session {
    /// Begins in place of whatever session the peer had; `teaches` an own new process everything at
    /// once.
    pub(super) fn new(section: &Rc<Section>, peer: usize, teaches: bool) -> Self {
        let (now, number) = (section.clock.now(), section.begin(peer));
        if let Some(peer) = section.peers.get(peer) {
            peer.dictionary.replace(Dictionary::default());
            for (side, shared) in peer.sides.borrow_mut().iter_mut().zip(&section.tables) {
                let last = shared.journal.borrow().last();
                *side = Side {
                    acknowledged: side.acknowledged.min(last),
                    pushed: side.acknowledged.min(last),
                    ..Side::default()
                };
            }
        }
        let mut session = Self {
            section: Rc::clone(section),
            peer,
            number,
            fields: vec![None; section.tables.len()],
            teaching: Teaching::No,
            is_learning: !teaches && section.is_taught_by(peer),
            only_teaches: teaches,
            is_complete: false,
            last_sent: now,
            last_received: now,
            body: Vec::new(),
        };
        if teaches {
            session.teach();
        }
        let is_learning = session.is_learning;
        session.with_state(|state| {
            (state.confirms, state.is_partial) = (0, false);
            state.is_teaching = is_learning;
            state.current_tables = (None, None);
        });
        session
    }

    fn peer(&self) -> Option<&Peer> {
        self.section.peers.get(self.peer)
    }

    fn with_state(&self, change: impl FnOnce(&mut PeerState)) {
        if let Some(peer) = self.peer() {
            change(&mut peer.state.borrow_mut());
        }
    }

    fn with_side<T>(&self, table: usize, change: impl FnOnce(&mut Side) -> T) -> Option<T> {
        let mut sides = self.peer()?.sides.borrow_mut();
        sides.get_mut(table).map(change)
    }

    fn shared(&self, table: usize) -> Option<&Shared> {
        self.section.tables.get(table)
    }

    /// Whether it is over, because another one took its place.
    pub(super) fn is_replaced(&self) -> bool {
        self.peer()
            .is_none_or(|peer| peer.session.get() != self.number)
    }

    /// Whether an own new process has learned everything.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Takes in what came; how many bytes of it were whole messages.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut used = 0;
        while let Some((message, length)) = message::next(bytes.get(used..).unwrap_or_default())? {
            used += length;
            match message {
                Message::Control(control) => self.control(control),
                Message::Table(kind, body) => self.table_message(kind, body)?,
                Message::Unknown => {}
            }
            self.last_received = self.section.clock.now();
        }
        Ok(used)
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::ResyncRequest => self.teach(),
            Control::ResyncFinished | Control::ResyncPartial => {
                self.with_state(|state| state.confirms += 1);
                if std::mem::take(&mut self.is_learning) {
                    let lesson = match control {
                        Control::ResyncFinished => Lesson::Whole,
                        _ => Lesson::Partial,
                    };
                    self.with_state(|state| {
                        state.is_partial |= lesson == Lesson::Partial;
                        state.is_teaching = false;
                    });
                    self.section.learned(self.peer, lesson);
                }
            }
            Control::ResyncConfirm => {
                if matches!(self.teaching, Teaching::Said) {
                    self.is_complete = self.only_teaches;
                    for table in 0..self.section.tables.len() {
                        self.with_side(table, |side| {
                            (side.acknowledged, side.pushed) = (side.origin, side.origin);
                        });
                    }
                }
                self.teaching = Teaching::No;
            }
            Control::Heartbeat => self.with_state(|state| state.received_heartbeats += 1),
        }
    }

    /// Begins to send everything; what changes from now on is sent afterwards.
    fn teach(&mut self) {
        for (table, shared) in self.section.tables.iter().enumerate() {
            let last = shared.journal.borrow().last();
            self.with_side(table, |side| side.origin = last);
        }
        self.teaching = Teaching::Entries(0, self.entries(0));
    }

    fn entries(&self, table: usize) -> std::vec::IntoIter<Arc<Entry>> {
        let shared = self.shared(table);
        let all = shared.map_or_else(Vec::new, |shared| shared.table.entries());
        all.into_iter()
    }

    fn table_message(&mut self, kind: Kind, body: &[u8]) -> Result<(), Fault> {
        match kind {
            Kind::Define => self.define(body),
            Kind::Switch => {
                let id = crate::table::varint::Reader::new(body).varint();
                let id = id.ok_or(Fault::Protocol)?;
                let sides = self.peer().map(|peer| peer.sides.borrow());
                let known = |side: &Side| id != 0 && side.remote_id == id;
                let table = sides.and_then(|sides| sides.iter().position(known));
                self.with_state(|state| state.current_tables.1 = table);
                Ok(())
            }
            Kind::Update { numbered, timed } => self.update(body, (numbered, timed)),
            Kind::Acknowledge => self.acknowledged(body),
        }
    }

    /// The peer says what its next updates are about. A table that we don't share, or with keys of
    /// another type, is passed over.
    fn define(&mut self, body: &[u8]) -> Result<(), Fault> {
        let read = definition::read(body)?;
        let tables = self.section.config.tables.iter();
        let tables: Vec<_> = tables.zip(&self.section.tables).collect();
        for table in 0..tables.len() {
            self.with_side(table, |side| {
                if side.remote_id == read.id {
                    side.remote_id = 0;
                }
            });
        }
        let found = tables.iter().position(|(config, shared)| {
            let (kind, length) = shared.table.spec().key.on_the_wire();
            config.wire_name.as_bytes() == read.name && (kind, length.into()) == read.key
        });
        let table = found.filter(|_| read.fields.is_some());
        if let Some(table) = table {
            self.with_side(table, |side| {
                (side.remote_id, side.remote_types) = (read.id, read.types);
            });
            if let Some(fields) = self.fields.get_mut(table) {
                *fields = read.fields;
            }
        }
        self.with_state(|state| state.current_tables.1 = table);
        Ok(())
    }

    fn update(&mut self, body: &[u8], says: (bool, bool)) -> Result<(), Fault> {
        let table = self
            .peer()
            .and_then(|peer| peer.state.borrow().current_tables.1);
        let Some(table) = table else {
            return Ok(());
        };
        let section = Rc::clone(&self.section);
        let shared = section.tables.get(table);
        let fields = self.fields.get(table).and_then(Option::as_deref);
        let (Some(shared), Some(fields)) = (shared, fields) else {
            return Ok(());
        };
        let key = shared.table.spec().key;
        let peer = section.peers.get(self.peer).ok_or(Fault::Protocol)?;
        let dictionary = &mut peer.dictionary.borrow_mut();
        let read = entry::read(body, says, key, fields, dictionary);
        let update = read.ok_or(Fault::Protocol)?;
        if !self.is_learning {
            self.with_side(table, |side| {
                side.received = update.number.unwrap_or(side.received.wrapping_add(1));
            });
        }
        let config = section.config.tables.get(table);
        let recv_only = config.is_some_and(|config| config.recv_only);
        update.apply(&shared.table, recv_only, shared.write_to.as_deref());
        Ok(())
    }

    fn acknowledged(&mut self, body: &[u8]) -> Result<(), Fault> {
        if !matches!(self.teaching, Teaching::No) {
            return Ok(());
        }
        let mut reader = crate::table::varint::Reader::new(body);
        let (id, number) = (reader.varint(), reader.u32());
        let (Some(id), Some(number)) = (id, number) else {
            return Err(Fault::Protocol);
        };
        // Our numbers of tables count from 1.
        let table = id.checked_sub(1).and_then(|at| usize::try_from(at).ok());
        if let Some(table) = table {
            self.with_side(table, |side| {
                let number = Journal::named(side.pushed, number);
                side.acknowledged = side.acknowledged.max(number);
            });
        }
        Ok(())
    }

    /// Appends what there is to say, up to a piece; more is left if it is that long.
    pub(super) fn fill(&mut self, out: &mut Vec<u8>) {
        let before = out.len();
        if !self.is_learning && self.section.asks(self.peer) {
            message::put_control(out, Control::ResyncRequest);
            self.is_learning = true;
            self.with_state(|state| state.is_teaching = true);
        }
        self.put_acknowledgements(out);
        match self.teaching {
            Teaching::No if !self.is_learning => self.push(out),
            Teaching::Entries(..) => self.put_lesson(out),
            Teaching::No | Teaching::Said => {}
        }
        self.put_confirms(out);
        let now = self.section.clock.now();
        if out.len() == before && now >= self.last_sent.saturating_add(HEARTBEAT) {
            message::put_control(out, Control::Heartbeat);
            self.with_state(|state| state.sent_heartbeats += 1);
        }
        if out.len() > before {
            self.last_sent = now;
        }
        self.with_state(|state| {
            state.heartbeat_at = Some(self.last_sent.saturating_add(HEARTBEAT));
            state.reconnect_at = Some(self.last_received.saturating_add(PATIENCE));
        });
    }

    fn put_acknowledgements(&mut self, out: &mut Vec<u8>) {
        for table in 0..self.section.tables.len() {
            let owed = self.with_side(table, |side| {
                let is_owed = side.remote_id != 0 && side.received != side.confirmed;
                side.confirmed = side.received;
                is_owed.then_some((side.remote_id, side.received))
            });
            if let Some(Some((id, number))) = owed {
                self.body.clear();
                crate::table::varint::put(&mut self.body, id);
                self.body.extend(number.to_be_bytes());
                message::put_table(out, Kind::Acknowledge, &self.body);
            }
        }
    }

    fn put_confirms(&mut self, out: &mut Vec<u8>) {
        self.with_state(|state| {
            for _ in 0..std::mem::take(&mut state.confirms) {
                message::put_control(out, Control::ResyncConfirm);
            }
        });
    }

    /// Sends what has changed since the peer's place.
    fn push(&mut self, out: &mut Vec<u8>) {
        let section = Rc::clone(&self.section);
        for (table, shared) in section.tables.iter().enumerate() {
            let journal = shared.journal.borrow();
            let mut pushed = self.with_side(table, |side| side.pushed).unwrap_or(0);
            while pushed < journal.last() && out.len() < PIECE {
                match journal.after(&shared.table, pushed) {
                    Some((number, entry)) => {
                        if section.has_share(self.peer, shared, entry.key()) {
                            self.put_update(out, table, shared, &entry, (number as u32, false));
                        }
                        pushed = number;
                    }
                    None => pushed = journal.last(),
                }
            }
            self.with_side(table, |side| side.pushed = pushed);
        }
    }

    /// Sends more of everything, and says when that was all.
    fn put_lesson(&mut self, out: &mut Vec<u8>) {
        let section = Rc::clone(&self.section);
        let is_timed = self.peer().is_some_and(|peer| !peer.state.borrow().is_old);
        while let Teaching::Entries(table, entries) = &mut self.teaching {
            if out.len() >= PIECE {
                return;
            }
            let table = *table;
            let (Some(entry), Some(shared)) = (entries.next(), section.tables.get(table)) else {
                let next = table + 1;
                if next < section.tables.len() {
                    self.teaching = Teaching::Entries(next, self.entries(next));
                    continue;
                }
                let is_all = section.resync() == Resync::Done;
                message::put_control(
                    out,
                    match is_all {
                        true => Control::ResyncFinished,
                        false => Control::ResyncPartial,
                    },
                );
                self.teaching = Teaching::Said;
                return;
            };
            if section.has_share(self.peer, shared, entry.key()) {
                let number = entry.update();
                self.put_update(out, table, shared, &entry, (number, is_timed));
            }
        }
    }

    fn put_update(
        &mut self,
        out: &mut Vec<u8>,
        table: usize,
        shared: &Shared,
        entry: &Arc<Entry>,
        (number, timed): (u32, bool),
    ) {
        let announced = self
            .peer()
            .and_then(|peer| peer.state.borrow().current_tables.0);
        if announced != Some(table) {
            let name = section_name(&self.section, table);
            self.body.clear();
            definition::put_definition(&mut self.body, table as u64 + 1, name, &shared.table);
            message::put_table(out, Kind::Define, &self.body);
            self.with_state(|state| state.current_tables.0 = Some(table));
        }
        self.body.clear();
        if let Some(peer) = self.section.peers.get(self.peer) {
            let dictionary = &mut peer.dictionary.borrow_mut();
            entry::put_update(
                &mut self.body,
                &shared.table,
                entry,
                number,
                timed,
                dictionary,
            );
        }
        // Always with its number: HAProxy acknowledges others with the bytes of theirs turned round.
        let kind = Kind::Update {
            numbered: true,
            timed,
        };
        message::put_table(out, kind, &self.body);
    }

    /// When it must look around again although nothing happens, and whether the peer is dead by now.
    pub(super) fn deadline(&self) -> (Millis, bool) {
        let dead = self.last_received.saturating_add(PATIENCE);
        let mut due = self.last_sent.saturating_add(HEARTBEAT).min(dead);
        if let Resync::FromLocal(until) = self.section.resync() {
            due = due.min(until);
        }
        (due, self.section.clock.now() >= dead)
    }
}

fn section_name(section: &Section, table: usize) -> &str {
    let config = section.config.tables.get(table);
    config.map_or("", |config| &*config.wire_name)
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.is_learning {
            self.section.learned(self.peer, Lesson::Broken);
        }
        if !self.is_replaced()
            && let Some(peer) = self.peer()
        {
            peer.session.set(0);
            let mut state = peer.state.borrow_mut();
            (state.is_teaching, state.ends, state.heartbeat_at) = (false, None, None);
            state.current_tables = (None, None);
        }
    }
}
