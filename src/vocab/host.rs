//! What building a configuration asks of the machine: names, users, files.
//!
//! Behind a trait, so that a check can run without a network and tests without a machine.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::Path;

/// The machine as a configuration sees it.
pub trait Host {
    /// The addresses of a host name, in the order the system prefers.
    fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
    /// The numeric id of a user.
    fn user_id(&self, name: &str) -> Option<u32>;
    /// The numeric id of a group.
    fn group_id(&self, name: &str) -> Option<u32>;
    /// The content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// An environment variable, for addresses written without quotes.
    fn variable(&self, name: &str) -> Option<Vec<u8>>;
    /// The machine's own name.
    fn name(&self) -> String;
}

/// This machine.
#[derive(Debug, Default)]
pub struct System<V> {
    /// Looks an environment variable up.
    pub variables: V,
}

impl<V: Fn(&str) -> Option<Vec<u8>>> Host for System<V> {
    fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok((name, 0).to_socket_addrs()?.map(|addr| addr.ip()).collect())
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        account_id(&self.read(Path::new("/etc/passwd")).ok()?, name)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        account_id(&self.read(Path::new("/etc/group")).ok()?, name)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        (self.variables)(name)
    }

    fn name(&self) -> String {
        rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned()
    }
}

/// The third field of the line of `name`: passwd(5) and group(5) agree so far.
fn account_id(table: &[u8], name: &str) -> Option<u32> {
    let table = String::from_utf8_lossy(table);
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name))
            .then(|| fields.nth(1)?.parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_exact_name() {
        let table = b"root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\nbad:x\n";
        let cases = [
            ("root", Some(0)),
            ("www-data", Some(33)),
            ("www", None),
            ("bad", None),
        ];
        for (name, expected) in cases {
            assert_eq!(account_id(table, name), expected, "{name}");
        }
    }
}
