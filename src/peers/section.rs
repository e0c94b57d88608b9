//! A `peers` section at work: its tables, how far each peer is, and where everything is learned from.
//!
//! All of it belongs to the control thread. What must hold: a peer has at most one session, the last
//! that was made; what a session leaves behind is how far its peer has acknowledged updates.

use super::dictionary::Dictionary;
use super::hello::Status;
use super::journal::Journal;
use crate::clock::{Clock, Millis, NEVER};
use crate::net::{Endpoint, ListenAddr, ServerAddr};
use crate::settings::PeersSection;
use crate::table::{Key, KeyType, Spec, Table};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;
use twox_hash::XxHash64;

/// How long a section waits for a peer that can teach it, milliseconds.
pub(super) const RESYNC_TIMEOUT: Millis = 5_000;

/// What `show peers` says of how a section came to know things, in HAProxy's bits: for the local peer,
/// and one further left for the others.
mod flag {
    pub(super) const FINISHED: u32 = 0x1;
    pub(super) const ASSIGNED_NOW: u32 = 0x4;
    pub(super) const TIMEOUT: u32 = 0x10_0000;
    pub(super) const ABORT: u32 = 0x40_0000;
    pub(super) const WHOLE: u32 = 0x100_0000;
    pub(super) const PARTIAL: u32 = 0x400_0000;
    pub(super) const ASSIGNED: u32 = 0x1000_0000;
}

/// How a peer's teaching ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lesson {
    /// It has said all.
    Whole,
    /// It has said all it knows, which is not everything.
    Partial,
    /// It is gone.
    Broken,
}

/// Sessions of all sections, for statistics.
#[derive(Debug, Default)]
pub struct Counts {
    /// Those begun, connecting ones among them.
    pub active: AtomicU32,
    /// Those whose handshake is over.
    pub connected: AtomicU32,
}

impl Counts {
    /// How many of each there are.
    pub fn read(&self) -> (u32, u32) {
        let read = |count: &AtomicU32| count.load(Ordering::Relaxed);
        (read(&self.active), read(&self.connected))
    }
}

/// A section.
#[derive(Debug)]
pub struct Section {
    /// What it was made from.
    pub config: PeersSection,
    /// Its tables, in the order of [`PeersSection::tables`].
    pub(super) tables: Vec<Shared>,
    /// Its peers, in the order of [`PeersSection::peers`].
    pub peers: Vec<Peer>,
    /// When it began, microseconds of the clock.
    pub since_us: u64,
    /// Told when a table has changed.
    pub(super) changed: Arc<Notify>,
    resync: Cell<Resync>,
    /// What has happened on the way there, see [`Section::flags`].
    history: Cell<u32>,
    /// How many sessions there were.
    sessions: Cell<u64>,
    pub(super) clock: Clock,
    pub(super) counts: Arc<Counts>,
}

/// A table that peers share.
#[derive(Debug)]
pub struct Shared {
    /// The table.
    pub table: Arc<Table>,
    /// `write-to`
    pub(super) write_to: Option<Arc<Table>>,
    pub(super) journal: RefCell<Journal>,
}

/// Whether the section knows what its peers know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resync {
    /// Not yet: the process before us is to teach it, until then.
    FromLocal(Millis),
    /// Not yet: it asks the next peer there is, until then.
    Wanted(Millis),
    /// A peer is asked.
    Asked,
    /// It knows, or nobody could say.
    Done,
}

/// One peer.
#[derive(Debug)]
pub struct Peer {
    /// The number of its session; 0 = there is none.
    pub(super) session: Cell<u64>,
    /// We are connecting to it.
    pub(super) is_calling: Cell<bool>,
    /// Told when its session must look around.
    pub(super) wake: Notify,
    /// The texts that both sides remember.
    pub(super) dictionary: RefCell<Dictionary>,
    /// How far it is with each table.
    pub sides: RefCell<Vec<Side>>,
    /// What is known of it.
    pub state: RefCell<PeerState>,
}

/// What is known of a peer.
#[derive(Clone, Debug, Default)]
pub struct PeerState {
    /// How its last handshake ended, or how far it is.
    pub status: Status,
    /// When that was.
    pub last_handshake: Option<Millis>,
    /// When it is connected to again, or has been silent for too long.
    pub reconnect_at: Option<Millis>,
    /// When it is told that we are still there.
    pub heartbeat_at: Option<Millis>,
    /// It had not everything itself.
    pub(super) is_partial: bool,
    /// It speaks version 2.0.
    pub(super) is_old: bool,
    /// Both ends of its session.
    pub ends: Option<(Endpoint, Endpoint)>,
    /// It is teaching us.
    pub is_teaching: bool,
    /// Confirmations that are owed to it.
    pub confirms: u32,
    /// Heartbeats sent.
    pub sent_heartbeats: u32,
    /// Heartbeats received.
    pub received_heartbeats: u32,
    /// Sessions that ended because nothing was heard.
    pub silences: u32,
    /// Connections made to it.
    pub connections: u32,
    /// Times it broke the protocol.
    pub faults: u32,
    /// Sessions that gave way to another.
    pub collisions: u32,
    /// Which table was last announced to it, and which it last announced.
    pub current_tables: (Option<usize>, Option<usize>),
}

/// How far a peer is with a table.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The last of our updates that it has acknowledged. Outlives sessions.
    pub acknowledged: u64,
    /// The last of our updates that was sent.
    pub pushed: u64,
    /// Where pushing goes on after teaching.
    pub origin: u64,
    /// The number by which it means the table; 0 = not said.
    pub remote_id: u64,
    /// Its data types, a bit each.
    pub remote_types: u64,
    /// The last of its updates that came.
    pub received: u32,
    /// The last of its updates that we acknowledged.
    pub confirmed: u32,
}

impl Section {
    /// A section that shares these tables, the process's, as its configuration numbers them.
    pub fn new(
        config: PeersSection,
        tables: &[Arc<Table>],
        clock: &Clock,
        counts: &Arc<Counts>,
    ) -> Self {
        let changed = Arc::new(Notify::new());
        let table = |number: u32| tables.get(number as usize).map(Arc::clone);
        let shared = config.tables.iter().filter_map(|shared| {
            let table = table(shared.table)?;
            table.updates().listen(Some(Arc::clone(&changed)));
            Some(Shared {
                table,
                write_to: shared
                    .write_to
                    .and_then(|number| tables.get(number as usize).map(Arc::clone)),
                journal: RefCell::default(),
            })
        });
        let shared: Vec<Shared> = shared.collect();
        let peer = |_| Peer {
            session: Cell::new(0),
            is_calling: Cell::new(false),
            wake: Notify::new(),
            dictionary: RefCell::default(),
            sides: RefCell::new(vec![Side::default(); shared.len()]),
            state: RefCell::default(),
        };
        let section = Self {
            peers: config.peers.iter().map(peer).collect(),
            tables: shared,
            changed,
            since_us: clock.now_us(),
            sessions: Cell::new(0),
            resync: Cell::new(Resync::Done),
            history: Cell::new(0),
            clock: clock.clone(),
            counts: Arc::clone(counts),
            config,
        };
        section.resync.set(section.ask_others(flag::TIMEOUT));
        section
    }

    /// The process before us will teach it; nobody else is asked before that has failed.
    pub fn await_lesson(&self) {
        self.history.set(0);
        self.resync.set(Resync::FromLocal(self.until()));
    }

    /// Other peers are asked, if there are any, since the local one could not be, or this was its last word.
    fn ask_others(&self, why: u32) -> Resync {
        self.note(why);
        match self.config.peers.iter().all(|peer| peer.is_local) {
            true => self.give_up(),
            false => Resync::Wanted(self.until()),
        }
    }

    /// Nobody was there who knew everything.
    fn give_up(&self) -> Resync {
        self.note(flag::TIMEOUT << 1);
        Resync::Done
    }

    fn note(&self, flags: u32) {
        self.history.set(self.history.get() | flags);
    }

    /// How it came to know what its peers know, as HAProxy's `show peers` has it.
    pub fn flags(&self) -> u32 {
        let local = flag::FINISHED;
        let asks_others = self.history.get() & (flag::ASSIGNED << 1) > 0;
        let state = match self.resync() {
            Resync::FromLocal(_) => 0,
            Resync::Wanted(_) => local,
            Resync::Asked if asks_others => local | flag::ASSIGNED_NOW,
            Resync::Asked => flag::ASSIGNED_NOW,
            Resync::Done => local | local << 1,
        };
        state | self.history.get()
    }

    fn until(&self) -> Millis {
        self.clock.now().saturating_add(RESYNC_TIMEOUT)
    }

    /// What its clock says.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Whether these, the process's tables, are still the ones it shares.
    pub fn shares(&self, tables: &[Arc<Table>]) -> bool {
        let is = |number: u32, table: &Arc<Table>| {
            let now = tables.get(number as usize);
            now.is_some_and(|now| Arc::ptr_eq(now, table))
        };
        let mut shared = self.config.tables.iter().zip(&self.tables);
        shared.all(|(config, shared)| {
            let target = config.write_to.zip(shared.write_to.as_ref());
            is(config.table, &shared.table)
                && target.is_none_or(|(number, table)| is(number, table))
        })
    }

    /// The tables it shares.
    pub fn tables(&self) -> impl Iterator<Item = (&Shared, u64)> {
        self.tables
            .iter()
            .map(|shared| (shared, shared.journal.borrow().last()))
    }

    /// Whether it knows what its peers know.
    pub fn resync(&self) -> Resync {
        let now = self.clock.now();
        self.resync.set(match self.resync.get() {
            Resync::FromLocal(until) if until <= now => self.ask_others(flag::TIMEOUT),
            Resync::Wanted(until) if until <= now => self.give_up(),
            other => other,
        });
        self.resync.get()
    }

    /// Whether this peer, which has called, is the process before us and teaches us everything.
    pub(super) fn is_taught_by(&self, at: usize) -> bool {
        let is_local = self.config.peers.get(at).is_some_and(|peer| peer.is_local);
        let is = is_local && matches!(self.resync(), Resync::FromLocal(_));
        if is {
            self.note(flag::ASSIGNED);
            self.resync.set(Resync::Asked);
        }
        is
    }

    /// The number of the local peer, and where the process that takes our place listens as that;
    /// our own socket is bound there.
    pub(super) fn successor(&self, own: Option<Endpoint>) -> Option<(usize, ServerAddr)> {
        let at = self.config.peers.iter().position(|peer| peer.is_local)?;
        let given = self.config.peers.get(at)?.addr.clone();
        let bound = || match (own?, &self.config.bind.as_ref()?.addr) {
            (Endpoint::Inet(addr), _) => Some(ServerAddr::Tcp(addr)),
            (_, ListenAddr::Unix(path)) => Some(ServerAddr::Unix(path.clone())),
            (_, ListenAddr::Abstract(name)) => Some(ServerAddr::Abstract(name.clone())),
            _ => None,
        };
        Some((at, given.or_else(bound)?))
    }

    /// Whether this peer is to be asked now; if so, nobody else is.
    pub(super) fn asks(&self, at: usize) -> bool {
        let can = self.peers.get(at).zip(self.config.peers.get(at));
        let can =
            can.is_some_and(|(peer, config)| !config.is_local && !peer.state.borrow().is_partial);
        if can && matches!(self.resync(), Resync::Wanted(_)) {
            self.note(flag::ASSIGNED << 1);
            self.resync.set(Resync::Asked);
            return true;
        }
        false
    }

    /// The lesson of this peer is over.
    pub(super) fn learned(&self, at: usize, lesson: Lesson) {
        let others = self.config.peers.get(at).is_some_and(|peer| !peer.is_local);
        let flag = match lesson {
            Lesson::Whole => flag::WHOLE,
            Lesson::Partial => flag::PARTIAL,
            Lesson::Broken => flag::ABORT,
        } << u32::from(others);
        self.resync.set(match lesson {
            Lesson::Whole => {
                self.note(flag);
                Resync::Done
            }
            Lesson::Partial | Lesson::Broken => self.ask_others(flag),
        });
        self.wake_all();
    }

    /// Takes in what has changed, and tells the sessions.
    pub(super) fn take_in(&self) {
        let mut has_changed = false;
        for shared in &self.tables {
            has_changed |= shared.journal.borrow_mut().take_in(&shared.table);
        }
        if has_changed {
            self.wake_all();
        }
    }

    fn wake_all(&self) {
        for peer in &self.peers {
            peer.wake.notify_one();
        }
    }

    /// The number of a new session of a peer; whatever session it had ends.
    pub(super) fn begin(&self, at: usize) -> u64 {
        let number = self.sessions.get() + 1;
        self.sessions.set(number);
        if let Some(peer) = self.peers.get(at) {
            peer.session.set(number);
            peer.wake.notify_one();
        }
        number
    }

    /// The peer of this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.config
            .peers
            .iter()
            .position(|peer| *peer.name == *name)
    }

    /// Whether an entry goes to a peer, which may have a share only.
    pub(super) fn has_share(&self, at: usize, shared: &Shared, key: &[u8]) -> bool {
        let share = self.config.peers.get(at).map_or(0, |peer| peer.shard);
        share == 0 || share == shard(self.config.shards, shared.table.spec(), key)
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        for shared in &self.tables {
            shared.table.updates().listen(None);
        }
    }
}

impl Peer {
    /// Whether a session exists.
    pub fn is_active(&self) -> bool {
        self.session.get() != 0
    }

    /// The texts said to it and told by it.
    pub fn texts(&self) -> (Vec<Arc<str>>, Vec<Option<Arc<str>>>) {
        self.dictionary.borrow().texts()
    }

    /// How long until a moment, if it is set.
    pub fn left(at: Option<Millis>, now: Millis) -> Option<Millis> {
        at.filter(|at| *at != NEVER)
            .map(|at| at.saturating_sub(now))
    }
}

/// The share, from 1, that a key of a table falls into, if there are so many: as HAProxy computes it, from
/// the key as it keeps it. 0 if there are none.
pub fn shard(shards: u32, spec: &Spec, key: &[u8]) -> u32 {
    if shards == 0 {
        return 0;
    }
    let seed = XxHash64::oneshot(0, spec.name.as_bytes());
    let key = match (spec.key, <[u8; 4]>::try_from(key)) {
        (KeyType::Integer, Ok(bytes)) => Key::new(&u32::from_be_bytes(bytes).to_ne_bytes()),
        _ => Key::new(key),
    };
    let hash = XxHash64::oneshot(seed, key.bytes());
    (hash % u64::from(shards)) as u32 + 1
}
