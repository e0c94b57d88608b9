//! The values of variables.
//!
//! What must hold: a value is copied in and copied out, so that no expression holds a borrow while
//! another one assigns; a scope that ends keeps its memory for the next one, up to [`KEEP`] bytes
//! a value; nothing grows beyond `tune.vars.*-max-size`. Process variables are behind one
//! `parking_lot` read-write lock each: they are copied out within nanoseconds, and a value swapped
//! behind a pointer would cost an allocation for every assignment.

use super::{Conditions, Directory, Var, VarScope};
use crate::vocab::sample::{ROOM, Sample};
use parking_lot::RwLock;
use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Most bytes of memory that a text variable keeps when its scope ends.
const KEEP: usize = 4096;

/// What HAProxy counts for a variable besides its text, in bytes.
const OVERHEAD: usize = 88;

/// `tune.vars.*-max-size`: most bytes of each scope, those within it included; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// All scopes of the process.
    pub global: usize,
    /// The same in HAProxy.
    pub process: usize,
    /// One connection.
    pub session: usize,
    /// One transaction.
    pub transaction: usize,
    /// One request or response.
    pub message: usize,
    /// One health check.
    pub check: usize,
}

impl Limits {
    fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// A variable's value. The text of the last three is in its slot's `bytes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Held {
    /// Nothing was ever assigned.
    #[default]
    Absent,
    /// It exists without a value.
    Unset,
    Bool(bool),
    Sint(i64),
    Addr(IpAddr),
    Str,
    Bin,
    Meth,
}

#[derive(Debug, Default)]
struct Slot {
    held: Held,
    bytes: Vec<u8>,
}

impl Slot {
    fn value(&self) -> Option<Sample<'_>> {
        Some(match self.held {
            Held::Absent | Held::Unset => return None,
            Held::Bool(value) => Sample::Bool(value),
            Held::Sint(value) => Sample::Sint(value),
            Held::Addr(addr) => Sample::Addr(addr),
            Held::Str => Sample::Str(&self.bytes),
            Held::Bin => Sample::Bin(&self.bytes),
            Held::Meth => Sample::Meth(&self.bytes),
        })
    }

    fn copy<'s>(&self, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        out.clear();
        out.extend_from_slice(&self.bytes);
        Some(match self.value()? {
            Sample::Str(_) => Sample::Str(out),
            Sample::Bin(_) => Sample::Bin(out),
            Sample::Meth(_) => Sample::Meth(out),
            Sample::Bool(value) => Sample::Bool(value),
            Sample::Sint(value) => Sample::Sint(value),
            Sample::Addr(addr) => Sample::Addr(addr),
        })
    }

    /// Whether `value` may be assigned; the variable exists from now on unless that was refused.
    fn admits(&mut self, value: Sample<'_>, when: Conditions, account: &Account<'_>) -> bool {
        if self.held == Held::Absent {
            if when.has(Conditions::IF_EXISTS) || !account.charge(OVERHEAD) {
                return false;
            }
            self.held = Held::Unset;
        } else if when.has(Conditions::IF_NOT_EXISTS) {
            return false;
        }
        let wanted = if self.held == Held::Unset {
            Conditions::IF_SET
        } else {
            Conditions::IF_NOT_SET
        };
        if when.has(wanted) {
            return false;
        }
        match (value, self.held) {
            (Sample::Str(text) | Sample::Bin(text), _) => {
                let wanted = if text.is_empty() {
                    Conditions::IF_NOT_EMPTY
                } else {
                    Conditions::IF_EMPTY
                };
                !when.has(wanted)
            }
            _ if when.has(Conditions::IF_EMPTY) => false,
            (Sample::Sint(new), Held::Sint(old)) => {
                (old > new || !when.has(Conditions::IF_GREATER))
                    && (old < new || !when.has(Conditions::IF_LESS))
            }
            _ => true,
        }
    }

    fn set(&mut self, value: Sample<'_>, when: Conditions, account: &Account<'_>) -> bool {
        if !self.admits(value, when, account) {
            return false;
        }
        account.refund(self.bytes.len());
        self.bytes.clear();
        let (held, text): (Held, &[u8]) = match value {
            Sample::Bool(value) => (Held::Bool(value), b""),
            Sample::Sint(value) => (Held::Sint(value), b""),
            Sample::Addr(addr) => (Held::Addr(addr), b""),
            Sample::Str(text) => (Held::Str, text),
            Sample::Bin(text) => (Held::Bin, text),
            Sample::Meth(text) => (Held::Meth, text),
        };
        if !account.charge(text.len()) {
            self.held = Held::Bool(false);
            return false;
        }
        self.bytes.extend_from_slice(text);
        self.held = held;
        true
    }

    fn unset(&mut self, stays: bool, account: &Account<'_>) {
        if self.held != Held::Absent {
            account.refund(self.bytes.len() + if stays { 0 } else { OVERHEAD });
        }
        self.bytes.clear();
        self.held = if stays { Held::Unset } else { Held::Absent };
    }

    fn clear(&mut self) {
        self.held = Held::Absent;
        self.bytes.clear();
        if self.bytes.capacity() > KEEP {
            self.bytes = Vec::new();
        }
    }
}

/// The variables of one scope of one connection or stream. Empty until the first assignment.
#[derive(Debug, Default)]
pub struct Store {
    slots: RefCell<Vec<Slot>>,
    /// Bytes counted against a limit, those of the scopes within included.
    used: Cell<usize>,
}

impl Store {
    fn with<R>(&self, var: Var, look: impl FnOnce(&Slot) -> R) -> Option<R> {
        self.slots.borrow().get(var.index as usize).map(look)
    }

    fn slot<R>(&self, var: Var, change: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        let mut slots = self.slots.borrow_mut();
        let index = var.index as usize;
        if slots.len() <= index {
            slots.resize_with(index.saturating_add(1), Slot::default);
        }
        slots.get_mut(index).map(change)
    }

    /// Forgets all values and keeps their memory.
    fn clear(&self) {
        self.slots.borrow_mut().iter_mut().for_each(Slot::clear);
        self.used.set(0);
    }
}

/// The variables of one stream: its own, and those of the message being worked on.
#[derive(Debug)]
pub struct StreamVars {
    transaction: Store,
    message: Store,
    /// Which scope `message` is: request, response or check.
    scope: Cell<VarScope>,
}

impl Default for StreamVars {
    fn default() -> Self {
        Self {
            transaction: Store::default(),
            message: Store::default(),
            scope: Cell::new(VarScope::Request),
        }
    }
}

impl StreamVars {
    /// The variables of a health check.
    pub fn of_check() -> Self {
        Self {
            scope: Cell::new(VarScope::Check),
            ..Self::default()
        }
    }

    /// Forgets all values and keeps their memory. What was counted against limits must have been
    /// given back with [`Vars::end_stream`].
    pub fn clear(&self) {
        self.transaction.clear();
        self.message.clear();
        self.scope.set(VarScope::Request);
    }
}

/// Process variables, their names and the limits of all.
#[derive(Debug, Default)]
pub struct ProcessVars {
    slots: Box<[RwLock<Slot>]>,
    directory: Directory,
    limits: Limits,
    used: AtomicUsize,
}

impl ProcessVars {
    /// Variables of these names, none with a value.
    pub fn new(directory: Directory, limits: Limits) -> Self {
        let count = directory.names(VarScope::Process).len();
        Self {
            limits,
            used: AtomicUsize::new(count.saturating_mul(OVERHEAD)),
            directory,
            ..Self::with_room(count)
        }
    }

    /// Room for `count` variables whose names don't matter.
    pub(in crate::vocab) fn with_room(count: usize) -> Self {
        let slot = || {
            RwLock::new(Slot {
                held: Held::Unset,
                bytes: Vec::new(),
            })
        };
        Self {
            slots: std::iter::repeat_with(slot).take(count).collect(),
            ..Self::default()
        }
    }

    /// The names of all variables.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Shows the value of the process variable at `index` of the directory.
    pub fn with_value<R>(&self, index: usize, show: impl FnOnce(Sample<'_>) -> R) -> Option<R> {
        let slot = self.slots.get(index)?.read();
        slot.value().map(show)
    }

    /// A process with the same names, limits and values: what a configuration's `global` lines
    /// assigned is where each process starts from.
    #[must_use]
    pub fn copy(&self) -> Self {
        let slot = |slot: &RwLock<Slot>| {
            let slot = slot.read();
            RwLock::new(Slot {
                held: slot.held,
                bytes: slot.bytes.clone(),
            })
        };
        Self {
            slots: self.slots.iter().map(slot).collect(),
            directory: self.directory.clone(),
            limits: self.limits,
            used: AtomicUsize::new(self.used.load(Ordering::Relaxed)),
        }
    }
}

/// All variables a stream can see.
#[derive(Clone, Copy, Debug)]
pub struct Vars<'a> {
    /// Those of the process.
    pub process: &'a ProcessVars,
    /// Those of the connection.
    pub session: &'a Store,
    /// Those of the stream, if there is one.
    pub stream: Option<&'a StreamVars>,
}

impl<'a> Vars<'a> {
    /// Where the values of a scope are, if it is not over and has begun.
    fn store(self, scope: VarScope) -> Option<&'a Store> {
        match scope {
            VarScope::Process => None,
            VarScope::Session => Some(self.session),
            VarScope::Transaction => self.stream.map(|stream| &stream.transaction),
            VarScope::Request | VarScope::Response | VarScope::Check => self
                .stream
                .filter(|stream| stream.scope.get() == scope)
                .map(|stream| &stream.message),
        }
    }

    /// The variable's value, its text copied to `out`.
    pub fn read<'s>(self, var: Var, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        if var.parent {
            return None;
        }
        match var.scope {
            VarScope::Process => self.process.slots.get(var.index as usize)?.read().copy(out),
            scope => self
                .store(scope)?
                .with(var, |slot| slot.copy(out))
                .flatten(),
        }
    }

    /// The value as an integer.
    pub fn int(self, var: Var) -> Option<i64> {
        self.show(var, |value| value.int()).flatten()
    }

    /// Appends the value's text to `out`; whether there is a value.
    pub fn append(self, var: Var, out: &mut Vec<u8>) -> bool {
        let append = |value: Sample<'_>| out.extend_from_slice(value.text(&mut ROOM.clone()));
        self.show(var, append).is_some()
    }

    /// Shows the value; `show` must not evaluate an expression.
    fn show<R>(self, var: Var, show: impl FnOnce(Sample<'_>) -> R) -> Option<R> {
        if var.parent {
            return None;
        }
        match var.scope {
            VarScope::Process => self.process.with_value(var.index as usize, show),
            scope => self
                .store(scope)?
                .with(var, |slot| slot.value().map(show))
                .flatten(),
        }
    }

    /// Assigns a value; whether it was.
    pub fn set(self, var: Var, value: Sample<'_>, when: Conditions) -> bool {
        let account = Account {
            vars: self,
            scope: var.scope,
        };
        let set = |slot: &mut Slot| slot.set(value, when, &account);
        if var.parent {
            return false;
        }
        match var.scope {
            VarScope::Process => {
                let slot = self.process.slots.get(var.index as usize);
                slot.is_some_and(|slot| set(&mut slot.write()))
            }
            scope => {
                let store = self.store(scope);
                store.and_then(|store| store.slot(var, set)) == Some(true)
            }
        }
    }

    /// Takes a value away; whether the variable's scope is there.
    pub fn unset(self, var: Var) -> bool {
        let account = Account {
            vars: self,
            scope: var.scope,
        };
        if var.parent {
            return false;
        }
        match var.scope {
            VarScope::Process => match self.process.slots.get(var.index as usize) {
                Some(slot) => slot.write().unset(true, &account),
                None => return false,
            },
            scope => match self.store(scope) {
                Some(store) => {
                    store.slot(var, |slot| slot.unset(false, &account));
                }
                None => return false,
            },
        }
        true
    }

    /// Shows name and value of each variable of a scope that has one.
    pub fn each(self, scope: VarScope, mut show: impl FnMut(&str, Sample<'_>)) {
        for (index, name) in (0..).zip(self.process.directory.names(scope)) {
            let var = Var {
                scope,
                index,
                parent: false,
            };
            self.show(var, |value| show(name, value));
        }
    }

    /// The request is over, its response begins: `req` variables go, `res` variables come.
    pub fn begin_response(self) {
        let Some(stream) = self.stream else { return };
        if stream.scope.replace(VarScope::Response) != VarScope::Response {
            self.forget(VarScope::Request, &stream.message);
        }
    }

    /// The stream is over.
    pub fn end_stream(self) {
        let Some(stream) = self.stream else { return };
        self.forget(stream.scope.get(), &stream.message);
        self.forget(VarScope::Transaction, &stream.transaction);
        stream.clear();
    }

    /// The connection is over.
    pub fn end_session(self) {
        self.forget(VarScope::Session, self.session);
    }

    fn forget(self, scope: VarScope, store: &Store) {
        let used = store.used.get();
        if used > 0 {
            Account { vars: self, scope }.refund(used);
        }
        store.clear();
    }
}

/// Where the bytes of a scope are counted: there and in the scopes around it.
struct Account<'a> {
    vars: Vars<'a>,
    scope: VarScope,
}

impl Account<'_> {
    fn levels(&self) -> impl Iterator<Item = (&Cell<usize>, usize)> {
        let (limits, stream) = (&self.vars.process.limits, self.vars.stream);
        let message = stream.map(|s| (&s.message.used, limits.message));
        let check = stream.map(|s| (&s.message.used, limits.check));
        let transaction = stream.map(|s| (&s.transaction.used, limits.transaction));
        let session = Some((&self.vars.session.used, limits.session));
        match self.scope {
            VarScope::Process => [None, None, None],
            VarScope::Session => [session, None, None],
            VarScope::Transaction => [transaction, session, None],
            VarScope::Request | VarScope::Response => [message, transaction, session],
            VarScope::Check => [check, session, None],
        }
        .into_iter()
        .flatten()
    }

    /// Counts `size` bytes more, unless that is beyond a limit.
    fn charge(&self, size: usize) -> bool {
        let limits = &self.vars.process.limits;
        if !limits.any() {
            return true;
        }
        let fits = |used: usize, limit: usize| limit == 0 || used.saturating_add(size) <= limit;
        let used = &self.vars.process.used;
        let all = used.load(Ordering::Relaxed);
        let has_room = fits(all, limits.global)
            && fits(all, limits.process)
            && self.levels().all(|(used, limit)| fits(used.get(), limit));
        if has_room {
            self.levels()
                .for_each(|(used, _)| used.set(used.get().saturating_add(size)));
            used.fetch_add(size, Ordering::Relaxed);
        }
        has_room
    }

    fn refund(&self, size: usize) {
        if !self.vars.process.limits.any() || size == 0 {
            return;
        }
        self.levels()
            .for_each(|(used, _)| used.set(used.get().saturating_sub(size)));
        self.vars.process.used.fetch_sub(size, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
