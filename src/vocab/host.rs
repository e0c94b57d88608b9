//! What building a configuration asks of the machine: names, users, files.
//!
//! Behind a trait, so that a check can run without a network and tests without a machine.

use crate::syntax::{Environment, closest};
use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs};
use std::path::Path;

/// Largest file read, in bytes: devices and pipes have no end.
const LARGEST: u64 = 256 << 20;

/// Names of a directory compared with one that is not there.
const MOST_NAMES: usize = 10_000;

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
    /// The environment, for addresses written without quotes.
    fn environment(&self) -> &Environment;
    /// The machine's own name.
    fn name(&self) -> String;
    /// `-dr`: a server whose name has no address starts without one.
    fn ignores_unresolved(&self) -> bool {
        false
    }
}

/// This machine.
#[derive(Clone, Copy, Debug)]
pub struct System<'a> {
    /// The environment as the configuration left it.
    pub environment: &'a Environment,
    /// `-dr`: servers may start without an address.
    pub ignore_resolution: bool,
    /// Names are not looked up: each has the address 192.0.2.1 (RFC 5737).
    pub offline: bool,
}

impl Host for System<'_> {
    fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        if self.offline {
            return Ok(vec![Ipv4Addr::new(192, 0, 2, 1).into()]);
        }
        Ok((name, 0).to_socket_addrs()?.map(|addr| addr.ip()).collect())
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        account_id(&self.read(Path::new("/etc/passwd")).ok()?, name)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        account_id(&self.read(Path::new("/etc/group")).ok()?, name)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match File::open(path) {
            Ok(file) => read_at_most(LARGEST, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(not_found(path)),
            Err(error) => Err(error),
        }
    }

    fn environment(&self) -> &Environment {
        self.environment
    }

    fn ignores_unresolved(&self) -> bool {
        self.ignore_resolution
    }

    fn name(&self) -> String {
        rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned()
    }
}

/// The third field of the line of `name`: passwd(5) and group(5) agree so far.
fn read_at_most(limit: u64, from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Why there is no such file, with the nearest name in its directory.
fn not_found(path: &Path) -> io::Error {
    let names = |directory: &Path| -> Vec<String> {
        std::fs::read_dir(directory)
            .into_iter()
            .flatten()
            .take(MOST_NAMES)
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect()
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let names = names(directory);
    let text = match closest(&name, names.iter().map(String::as_str)) {
        Some(near) => format!("No such file or directory; did you mean '{near}'?"),
        None => "No such file or directory".to_owned(),
    };
    io::Error::new(io::ErrorKind::NotFound, text)
}

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
pub(crate) mod fake {
    use super::*;
    use std::net::Ipv6Addr;

    /// Knows `localhost`, `six`, the user and group `www`, two files and the variable `fd`.
    pub(crate) struct Fake {
        environment: Environment,
    }

    impl Default for Fake {
        fn default() -> Self {
            Self {
                environment: Environment::new([("fd", "7")]),
            }
        }
    }

    impl Host for Fake {
        fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
            match name {
                "localhost" => Ok(vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]),
                "six" => Ok(vec![Ipv6Addr::LOCALHOST.into()]),
                _ => Err(io::Error::other("no such name")),
            }
        }

        fn user_id(&self, name: &str) -> Option<u32> {
            (name == "www").then_some(33)
        }

        fn group_id(&self, name: &str) -> Option<u32> {
            (name == "www").then_some(34)
        }

        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            match path.to_str() {
                Some("/503.http") => Ok(b"HTTP/1.0 503 No\r\nX-A: b\r\n\r\nsorry".to_vec()),
                Some("/long") => Ok(vec![b'x'; 1 << 20]),
                Some("/empty") => Ok(Vec::new()),
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        }

        fn environment(&self) -> &Environment {
            &self.environment
        }

        fn name(&self) -> String {
            "here".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_ends() {
        let kind = |limit, from: &[u8]| read_at_most(limit, from).map_err(|error| error.kind());
        assert_eq!(kind(3, b"abc"), Ok(b"abc".to_vec()));
        assert_eq!(kind(2, b"abc"), Err(io::ErrorKind::FileTooLarge));
        let endless = read_at_most(5, io::repeat(0)).map_err(|error| error.kind());
        assert_eq!(endless, Err(io::ErrorKind::FileTooLarge));
    }

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
