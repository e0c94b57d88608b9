//! What expressions refer to beyond themselves: files, and names that other parts of the
//! configuration define.
//!
//! One [`Outer`] belongs to one configuration being compiled. Arguments that name such a thing
//! (`be_conn(app)`, `var(txn.x)`, `map(file)`) ask for it while they are read and get a handle at
//! once; what can only be known when all sections were read is filled in by `compile::resolve`,
//! which reports names that nothing defines. Deliberately absent: the things themselves.

use std::cell::Cell;
use std::io;

/// Reads a file named in the configuration: a pattern list, an errorfile, a `return` file.
pub type Files<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// The names asked for so far.
#[derive(Debug, Default)]
pub struct Outer {
    server_address: Cell<bool>,
}

impl Outer {
    /// Notes that something looks at our own address on server connections.
    pub(super) fn want_server_address(&self) {
        self.server_address.set(true);
    }

    /// Whether anything does: finding it out costs a system call per connection.
    pub fn wants_server_address(&self) -> bool {
        self.server_address.get()
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
