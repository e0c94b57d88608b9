//! What expressions refer to beyond themselves: files, and names that other parts of the
//! configuration define.
//!
//! One [`Outer`] belongs to one configuration being compiled. Arguments that name such a thing
//! (`be_conn(app)`, `var(txn.x)`, `map(file)`) ask for it while they are read and get a handle at
//! once; what can only be known when all sections were read is filled in by `compile::resolve`,
//! which reports names that nothing defines. Deliberately absent: the things themselves.

use super::capture::Captures;
use super::userlist::UserList;
use crate::settings::ErrorPages;
use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// Reads a file named in the configuration: a pattern list, an errorfile, a `return` file.
pub type Files<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// The names asked for so far.
#[derive(Debug, Default)]
pub struct Outer {
    userlists: RefCell<BTreeMap<Box<[u8]>, Arc<UserList>>>,
    error_sets: RefCell<BTreeMap<Box<[u8]>, ErrorPages>>,
    captures: RefCell<Captures>,
}

impl Outer {
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

    /// Makes an `http-errors` section known; sections of one name add up.
    pub fn add_error_set(&self, name: &[u8], pages: ErrorPages) {
        let mut sets = self.error_sets.borrow_mut();
        sets.entry(name.into()).or_default().extend(pages);
    }

    /// The pages of the `http-errors` section of that name.
    pub fn error_set(&self, name: &[u8]) -> Option<ErrorPages> {
        self.error_sets.borrow().get(name).cloned()
    }

    /// The captures of the proxy being read.
    pub fn captures(&self) -> RefMut<'_, Captures> {
        self.captures.borrow_mut()
    }
}

/// Where the words of an expression are read.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// How to read files.
    pub files: Files<'a>,
    /// The names shared by the whole configuration.
    pub outer: &'a Outer,
}
