//! What expressions refer to beyond themselves: files, and names that other parts of the
//! configuration define.
//!
//! One [`Outer`] belongs to one configuration being compiled. Arguments that name such a thing
//! (`be_conn(app)`, `var(txn.x)`, `map(file)`) ask for it while they are read and get a handle at
//! once; what can only be known when all sections were read is filled in by `compile::resolve`,
//! which reports names that nothing defines. Deliberately absent: the things themselves.

use super::bandwidth::BandwidthFilter;
use super::capture::Captures;
use super::condition::AclSet;
use super::log_profile::LogProfile;
use super::pattern::PatternStore;
use super::protection::ProtectionDrafts;
use super::sample::Type;
use super::userlist::UserList;
use super::variable::{Access, BadName, Directory, Mention, Names, Var};
use crate::cache::CacheSpec;
use crate::settings::ErrorPages;
use crate::syntax::Span;
use crate::table::DataType;
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// Reads a file named in the configuration: a pattern list, an errorfile, a `return` file.
pub type Files<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// Finds the addresses of a host name in the configuration.
pub type Resolve<'a> = &'a dyn Fn(&str) -> io::Result<Vec<IpAddr>>;

/// The names asked for so far.
#[derive(Debug, Default)]
pub struct Outer {
    variables: RefCell<Names>,
    references: RefCell<Vec<Reference>>,
    server_address: Cell<bool>,
    stick_counters: Cell<u8>,
    userlists: RefCell<BTreeMap<Box<[u8]>, Arc<UserList>>>,
    error_sets: RefCell<BTreeMap<Box<[u8]>, ErrorPages>>,
    captures: RefCell<Captures>,
    bandwidth: RefCell<Vec<Arc<BandwidthFilter>>>,
    log_profiles: RefCell<BTreeMap<Box<[u8]>, Arc<LogProfile>>>,
    caches: RefCell<Vec<CacheSpec>>,
    protections: RefCell<ProtectionDrafts>,
    /// Lists of patterns: those of ACLs and maps.
    pub patterns: PatternStore,
}

impl Outer {
    /// Of a configuration that is in force: only its variables are known.
    pub fn knowing(variables: &Directory) -> Self {
        Self {
            variables: RefCell::new(Names::of(variables)),
            ..Self::default()
        }
    }

    /// Says how many slots for tracked entries there are: what `global` said.
    pub fn set_stick_counters(&self, count: u8) {
        self.stick_counters.set(count);
    }

    /// How many slots for tracked entries there are.
    pub(super) fn stick_counters(&self) -> u8 {
        self.stick_counters.get()
    }

    /// Notes that something looks at our own address on server connections.
    pub(super) fn want_server_address(&self) {
        self.server_address.set(true);
    }

    /// Whether anything does: finding it out costs a system call per connection.
    pub fn wants_server_address(&self) -> bool {
        self.server_address.get()
    }

    /// The variable of this name.
    pub fn variable(&self, text: &[u8], span: Span, access: Access) -> Result<Var, BadName> {
        self.variables.borrow_mut().mention(text, span, access)
    }

    /// The names of all variables mentioned so far.
    pub fn variables(&self) -> Directory {
        self.variables.borrow().directory().clone()
    }

    /// Every mention of a variable: where it is read, set and unset. A place may come twice.
    pub fn mentions(&self) -> Vec<Mention> {
        self.variables.borrow().mentions().to_vec()
    }

    /// Asks for what `compile::resolve` will know.
    pub fn refer(&self, reference: Reference) {
        self.references.borrow_mut().push(reference);
    }

    /// What was asked for.
    pub fn references(&self) -> Ref<'_, [Reference]> {
        Ref::map(self.references.borrow(), Vec::as_slice)
    }

    /// Makes a `userlist` section known, before anything is read that names it. The first of a
    /// name stays; whether this is it.
    pub fn add_userlist(&self, name: &[u8], list: UserList) -> bool {
        let mut lists = self.userlists.borrow_mut();
        let is_new = !lists.contains_key(name);
        if is_new {
            lists.insert(name.into(), Arc::new(list));
        }
        is_new
    }

    /// The userlist of that name.
    pub fn userlist(&self, name: &[u8]) -> Option<Arc<UserList>> {
        self.userlists.borrow().get(name).cloned()
    }

    /// The names of all userlists, for suggestions.
    pub fn userlist_names(&self) -> Vec<String> {
        let lists = self.userlists.borrow();
        lists
            .keys()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect()
    }

    /// Makes a `cache` section known; whether its name is new.
    pub fn add_cache(&self, spec: CacheSpec) -> bool {
        let mut caches = self.caches.borrow_mut();
        let is_new = caches.iter().all(|other| other.name != spec.name);
        if is_new {
            caches.push(spec);
        }
        is_new
    }

    /// The index of the `cache` section of that name.
    pub fn cache(&self, name: &[u8]) -> Option<u32> {
        let caches = self.caches.borrow();
        let at = caches
            .iter()
            .position(|spec| spec.name.as_bytes() == name)?;
        u32::try_from(at).ok()
    }

    /// All `cache` sections, by index.
    pub fn caches(&self) -> Vec<CacheSpec> {
        self.caches.borrow().clone()
    }

    /// Makes a `log-profile` section known. The first of a name stays; whether this is it.
    pub fn add_log_profile(&self, name: &[u8], mut profile: LogProfile) -> bool {
        let mut profiles = self.log_profiles.borrow_mut();
        let is_new = !profiles.contains_key(name);
        if is_new {
            profile.index = profiles.len();
            profiles.insert(name.into(), Arc::new(profile));
        }
        is_new
    }

    /// The `log-profile` of that name.
    pub fn log_profile(&self, name: &[u8]) -> Option<Arc<LogProfile>> {
        self.log_profiles.borrow().get(name).cloned()
    }

    /// All of them, by index.
    pub fn log_profiles(&self) -> Vec<Arc<LogProfile>> {
        let mut all: Vec<_> = self.log_profiles.borrow().values().cloned().collect();
        all.sort_by_key(|profile| profile.index);
        all
    }

    /// Makes an `http-errors` section known; sections of one name add up.
    pub fn add_error_set(&self, name: &[u8], pages: ErrorPages) {
        let mut sets = self.error_sets.borrow_mut();
        sets.entry(name.into()).or_default().extend(pages);
    }

    /// The pages of the `http-errors` section of that name.
    pub fn error_set(&self, name: &[u8]) -> Option<ErrorPages> {
        self.error_sets.borrow().get(name).cloned()
    }

    /// The limits and breakers asked for so far.
    pub fn protections(&self) -> RefMut<'_, ProtectionDrafts> {
        self.protections.borrow_mut()
    }

    /// The bandwidth filters of the proxy being read.
    pub fn bandwidth(&self) -> RefMut<'_, Vec<Arc<BandwidthFilter>>> {
        self.bandwidth.borrow_mut()
    }

    /// That of this name.
    pub fn bandwidth_named(&self, name: &str) -> Option<Arc<BandwidthFilter>> {
        let filters = self.bandwidth.borrow();
        filters.iter().find(|known| &*known.name == name).cloned()
    }

    /// The captures of the proxy being read.
    pub fn captures(&self) -> RefMut<'_, Captures> {
        self.captures.borrow_mut()
    }
}

/// A handle on something defined elsewhere, filled in before any traffic is served.
#[derive(Debug)]
pub struct Link<T>(Arc<OnceLock<T>>);

impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Link<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Link<T> {
    /// What it leads to; nothing while, or if, that is unknown.
    pub fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// Says what it leads to. The first answer stays.
    pub fn fill(&self, value: T) {
        let _ = self.0.set(value);
    }
}

/// A server: the index of its backend, and its own there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerIndex {
    /// Index into the backends.
    pub backend: u32,
    /// Index into its servers.
    pub server: u32,
}

/// What is referred to, by kind. Indices are those of the resolved configuration.
#[derive(Clone, Debug)]
pub enum Target {
    /// A frontend.
    Frontend(Link<u32>),
    /// A backend.
    Backend(Link<u32>),
    /// A server: `backend/server`, or a name in the same section.
    Server(Link<ServerIndex>),
    /// A circuit breaker: `proxy/name`, or a name in the same section.
    Breaker(Link<u32>),
    /// A stick table.
    Table(Link<u32>),
    /// The stick table of a `track-sc` rule, whose keys are values of this type.
    Tracked(Link<u32>, Type),
    /// The stick table of a bandwidth limit, whose keys are values of this type and which counts
    /// this rate.
    Throttled(Link<u32>, Type, DataType),
    /// The stick table of a `stick` rule, with the type of its keys.
    Stuck(Link<u32>, Type),
}

/// A name to be looked up when everything was read.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What to fill in.
    pub target: Target,
    /// The name; empty means the section's own.
    pub name: Box<str>,
    /// The proxy in whose section it stands; empty in `defaults` and `global`.
    pub proxy: Box<str>,
    /// Where.
    pub span: Span,
    /// What refers, for messages: `arg 1 of fetch method 'be_conn'`.
    pub what: String,
}

/// Where the words of an expression are read.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// How to read files.
    pub files: Files<'a>,
    /// How to find the addresses of a host name.
    pub resolve: Resolve<'a>,
    /// The names shared by the whole configuration.
    pub outer: &'a Outer,
    /// The proxy whose section this is; empty in `defaults` and `global`.
    pub proxy: &'a str,
    /// Its ACLs so far.
    pub acls: &'a AclSet,
}
