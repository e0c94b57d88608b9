//! Opening listening sockets, all of them before any worker starts.
//!
//! Every worker gets a TCP socket of its own (`SO_REUSEPORT`); UNIX, abstract and inherited ones
//! are duplicated. As in HAProxy, another process of the same user that also sets `SO_REUSEPORT`
//! may share the address, which is how a new process takes over from an old one. A UNIX socket
//! appears under its name only when it is ready, replacing a previous one in one step.
//! Deliberately absent: `tfo` and `defer-accept` (their socket options have no safe wrapper), and
//! removing UNIX sockets at exit, which a successor may own.

use super::address::{Endpoint, ListenAddr, abns_name};
use super::handover::Inherited;
use super::stream::endpoint;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};
use rustix::process::{PidfdFlags, PidfdGetfdFlags};
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// What a `bind` line asks for beyond its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListenOptions {
    /// `backlog`; `None` asks for as much as the kernel allows (`net.core.somaxconn`).
    pub backlog: Option<u32>,
    /// `interface`: the device a TCP socket accepts from.
    pub interface: Option<String>,
    /// `v6only` / `v4v6`; `None` leaves the system's default.
    pub v6only: Option<bool>,
    /// `transparent`: the address need not be one of this machine.
    pub transparent: bool,
    /// Permissions of a UNIX socket; `None` or zero leaves what the umask gives.
    pub unix_mode: Option<u32>,
    /// Owner of a UNIX socket.
    pub unix_uid: Option<u32>,
    /// Group of a UNIX socket.
    pub unix_gid: Option<u32>,
}

/// Listening, non-blocking sockets for one [`ListenAddr`].
#[derive(Debug)]
pub struct Opened {
    /// One per worker.
    pub sockets: Vec<OwnedFd>,
    /// The address they listen on, with the port the kernel chose for port 0.
    pub local: Endpoint,
    /// What could not be done but does not prevent listening, in HAProxy's words.
    pub warnings: Vec<String>,
}

/// Why a socket could not be opened, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindError {
    /// What failed, in HAProxy's words, e.g. `cannot bind socket (Address already in use) for
    /// [127.0.0.1:80]`.
    pub message: String,
    /// What the user can do.
    pub help: String,
}

impl std::fmt::Display for BindError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BindError {}

/// A failed step: what we were doing, and the system's answer.
struct Failure {
    doing: &'static str,
    errno: Errno,
}

trait Doing<T> {
    fn doing(self, what: &'static str) -> Result<T, Failure>;
}

impl<T> Doing<T> for Result<T, Errno> {
    fn doing(self, what: &'static str) -> Result<T, Failure> {
        self.map_err(|errno| Failure { doing: what, errno })
    }
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: &'static str) -> Result<T, Failure> {
        self.map_err(|e| Failure {
            doing: what,
            errno: Errno::from_io_error(&e).unwrap_or(Errno::IO),
        })
    }
}

/// Opens `addr` for `workers` workers (at least one).
pub fn open(
    addr: &ListenAddr,
    options: &ListenOptions,
    workers: usize,
) -> Result<Opened, BindError> {
    let mut warnings = Vec::new();
    let opened = match addr {
        ListenAddr::Tcp(at) => open_tcp(*at, options, workers, &mut warnings),
        ListenAddr::Unix(path) => {
            open_unix(path, options).and_then(|socket| share(socket, workers))
        }
        ListenAddr::Abstract(name) => {
            open_abstract(name, options).and_then(|socket| share(socket, workers))
        }
        ListenAddr::Fd(number) => {
            by_number(*number, options).and_then(|socket| share(socket, workers))
        }
    };
    match opened {
        Ok((sockets, local)) => Ok(Opened {
            sockets,
            local,
            warnings: warnings
                .into_iter()
                .map(|warning| format!("{warning} for [{addr}]"))
                .collect(),
        }),
        Err(failure) => Err(explain(addr, &failure)),
    }
}

/// Opens `addr` for datagrams, for one thread.
pub fn open_datagrams(addr: &ListenAddr, options: &ListenOptions) -> Result<Opened, BindError> {
    let mut warnings = Vec::new();
    let opened = match addr {
        ListenAddr::Tcp(at) => inet_socket(SocketType::DGRAM, *at, options, &mut warnings)
            .and_then(|socket| share(socket, 1)),
        _ => Err(Failure {
            doing: "cannot receive datagrams",
            errno: Errno::PROTONOSUPPORT,
        }),
    };
    let (sockets, local) = opened.map_err(|failure| explain(addr, &failure))?;
    Ok(Opened {
        sockets,
        local,
        warnings,
    })
}

/// Takes the sockets that another process opened for `addr` out of `inherited`, if there are any,
/// for `workers` workers (at least one).
///
/// TCP ones are as many as there were workers then; those missing are opened, those too many closed
/// by whoever drops `inherited`.
pub fn inherit(
    inherited: &mut Vec<Inherited>,
    addr: &ListenAddr,
    options: &ListenOptions,
    workers: usize,
) -> Option<Opened> {
    let mut sockets = Vec::new();
    let wanted = if matches!(addr, ListenAddr::Tcp(_)) {
        workers
    } else {
        1
    };
    while sockets.len() < wanted
        && let Some(place) = inherited.iter().position(|one| fits(one, addr, options))
    {
        sockets.push(inherited.swap_remove(place).socket);
    }
    let local = rustix::net::getsockname(sockets.first()?).ok()?;
    for socket in &sockets {
        // Whoever opened it may have wanted it blocking, or with a shorter queue.
        rustix::io::ioctl_fionbio(socket, true).ok()?;
        listen(socket, options).ok()?;
    }
    while sockets.len() < workers {
        sockets.push(match addr {
            ListenAddr::Tcp(at) => {
                let socket = inet_socket(SocketType::STREAM, *at, options, &mut Vec::new()).ok()?;
                listen(&socket, options).ok()?;
                socket
            }
            _ => sockets.first()?.try_clone().ok()?,
        });
    }
    Some(Opened {
        sockets,
        local: endpoint(local),
        warnings: Vec::new(),
    })
}

/// Whether a socket of another process is what a `bind` line asks for.
fn fits(one: &Inherited, addr: &ListenAddr, options: &ListenOptions) -> bool {
    let Ok(local) = rustix::net::getsockname(&one.socket) else {
        return false;
    };
    let is_same = match addr {
        ListenAddr::Tcp(at) => SocketAddr::try_from(local).is_ok_and(|local| local == *at),
        ListenAddr::Unix(path) => SocketAddrUnix::try_from(local)
            .ok()
            .and_then(|local| Some(is_name_of(local.path_bytes()?, path)))
            .unwrap_or(false),
        ListenAddr::Abstract(name) => SocketAddrUnix::try_from(local)
            .is_ok_and(|local| local.abstract_name() == Some(&*abns_name(name))),
        ListenAddr::Fd(_) => false,
    };
    let is_v6only = || sockopt::ipv6_v6only(&one.socket).ok();
    is_same
        && one.interface == options.interface
        && options
            .v6only
            .is_none_or(|wanted| is_v6only() == Some(wanted))
}

/// Whether a UNIX socket was made for `path`: under that name, or the temporary one it had before it
/// was moved there.
fn is_name_of(bound: &[u8], path: &Path) -> bool {
    let rest = bound.strip_prefix(path.as_os_str().as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b".") && rest.ends_with(b".tmp"))
}

type Sockets = (Vec<OwnedFd>, Endpoint);

fn open_tcp(
    at: SocketAddr,
    options: &ListenOptions,
    workers: usize,
    warnings: &mut Vec<String>,
) -> Result<Sockets, Failure> {
    let first = inet_socket(SocketType::STREAM, at, options, warnings)?;
    let local = rustix::net::getsockname(&first).doing("cannot bind socket")?;
    // Port 0 is chosen once; the other workers share it.
    let shared = SocketAddr::try_from(local.clone()).unwrap_or(at);
    let mut sockets = vec![first];
    for _ in 1..workers {
        // What it warns of was said for the first.
        let more = inet_socket(SocketType::STREAM, shared, options, &mut Vec::new())?;
        sockets.push(more);
    }
    for socket in &sockets {
        listen(socket, options)?;
    }
    Ok((sockets, endpoint(local)))
}

/// A bound socket of an internet address.
fn inet_socket(
    kind: SocketType,
    at: SocketAddr,
    options: &ListenOptions,
    warnings: &mut Vec<String>,
) -> Result<OwnedFd, Failure> {
    let family = match at {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = new_socket(family, kind)?;
    sockopt::set_socket_reuseaddr(&socket, true).doing("cannot do so_reuseaddr")?;
    sockopt::set_socket_reuseport(&socket, true).doing("cannot do so_reuseport")?;
    if kind == SocketType::STREAM {
        // Accepted sockets inherit it.
        sockopt::set_tcp_nodelay(&socket, true).doing("cannot set TCP_NODELAY")?;
    }
    if options.transparent && make_transparent(&socket, at).is_err() {
        warnings.push("cannot make receiving socket transparent".to_owned());
    }
    if let Some(name) = &options.interface {
        let bound = socket2::SockRef::from(&socket).bind_device(Some(name.as_bytes()));
        if let Err(e) = bound {
            let reason = reason(&e);
            warnings.push(format!(
                "cannot bind receiver to device '{name}' ({reason})"
            ));
        }
    }
    if let (SocketAddr::V6(_), Some(only)) = (at, options.v6only) {
        sockopt::set_ipv6_v6only(&socket, only).doing("cannot set IPV6_V6ONLY")?;
    }
    rustix::net::bind(&socket, &at).doing("cannot bind socket")?;
    Ok(socket)
}

fn make_transparent(socket: &OwnedFd, at: SocketAddr) -> io::Result<()> {
    let sock = socket2::SockRef::from(socket);
    match at {
        SocketAddr::V4(_) => sock
            .set_ip_transparent_v4(true)
            .or_else(|_| sock.set_freebind_v4(true)),
        SocketAddr::V6(_) => sock
            .set_ip_transparent_v6(true)
            .or_else(|_| sock.set_freebind_v6(true)),
    }
}

/// Binds under a temporary name, makes the socket ready, then moves it over the final name.
fn open_unix(path: &Path, options: &ListenOptions) -> Result<OwnedFd, Failure> {
    let temporary = temporary_name(path);
    let addr = SocketAddrUnix::new(temporary.as_path()).doing("name too long for UNIX socket")?;
    if fs::symlink_metadata(path).is_ok_and(|found| !found.file_type().is_socket()) {
        return Err(Errno::EXIST).doing("cannot replace what is not a socket");
    }
    match fs::remove_file(&temporary) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            return Err(e).doing("error when trying to unlink previous UNIX socket");
        }
        Ok(()) | Err(_) => {}
    }
    let socket = new_socket(AddressFamily::UNIX, SocketType::STREAM)?;
    rustix::net::bind(&socket, &addr).doing("cannot bind UNIX socket")?;
    let ready = own(&temporary, options)
        .doing("cannot change UNIX socket ownership")
        .and_then(|()| listen(&socket, options))
        .and_then(|()| {
            fs::rename(&temporary, path).doing("cannot switch final and temporary UNIX sockets")
        });
    if ready.is_err() {
        // The first failure is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    ready.map(|()| socket)
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{}.tmp", std::process::id()));
    name.into()
}

fn own(path: &Path, options: &ListenOptions) -> io::Result<()> {
    if options.unix_uid.is_some() || options.unix_gid.is_some() {
        chown(path, options.unix_uid, options.unix_gid)?;
    }
    match options.unix_mode {
        None | Some(0) => Ok(()),
        Some(mode) => fs::set_permissions(path, Permissions::from_mode(mode)),
    }
}

fn open_abstract(name: &[u8], options: &ListenOptions) -> Result<OwnedFd, Failure> {
    let addr = SocketAddrUnix::new_abstract_name(&abns_name(name))
        .doing("name too long for UNIX socket")?;
    let socket = new_socket(AddressFamily::UNIX, SocketType::STREAM)?;
    rustix::net::bind(&socket, &addr).doing("cannot bind UNIX socket")?;
    listen(&socket, options)?;
    Ok(socket)
}

/// Duplicates descriptor `number` of this process. The original stays open: several binds may
/// name it. It is asked from the kernel by number, since a number proves no ownership.
fn by_number(number: i32, options: &ListenOptions) -> Result<OwnedFd, Failure> {
    const DOING: &str = "cannot use file descriptor";
    let this =
        rustix::process::pidfd_open(rustix::process::getpid(), PidfdFlags::empty()).doing(DOING)?;
    let socket =
        rustix::process::pidfd_getfd(&this, number, PidfdGetfdFlags::empty()).doing(DOING)?;
    if sockopt::socket_type(&socket).doing(DOING)? != SocketType::STREAM {
        return Err(Errno::PROTOTYPE).doing(DOING);
    }
    rustix::io::ioctl_fionbio(&socket, true).doing("cannot make socket non-blocking")?;
    match sockopt::socket_domain(&socket).doing(DOING)? {
        AddressFamily::INET | AddressFamily::INET6 => {
            sockopt::set_tcp_nodelay(&socket, true).doing("cannot set TCP_NODELAY")?;
        }
        _ => {}
    }
    if !sockopt::socket_acceptconn(&socket).doing(DOING)? {
        listen(&socket, options)?;
    }
    Ok(socket)
}

fn share(socket: OwnedFd, workers: usize) -> Result<Sockets, Failure> {
    let local = rustix::net::getsockname(&socket).doing("cannot bind socket")?;
    let mut sockets = Vec::new();
    for _ in 1..workers {
        sockets.push(socket.try_clone().doing("cannot dup() receiving socket")?);
    }
    sockets.push(socket);
    Ok((sockets, endpoint(local)))
}

fn new_socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd, Failure> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    rustix::net::socket_with(family, kind, flags, None).doing("cannot create receiving socket")
}

fn listen(socket: &OwnedFd, options: &ListenOptions) -> Result<(), Failure> {
    let backlog = options.backlog.unwrap_or(u32::from(u16::MAX));
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    rustix::net::listen(socket, backlog).doing("cannot listen to socket")
}

/// The system's words for an error, without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

fn explain(addr: &ListenAddr, failure: &Failure) -> BindError {
    let reason = reason(&failure.errno.into());
    let doing = failure.doing;
    let message = match addr {
        ListenAddr::Fd(number) => format!("{doing} '{number}' : {reason}"),
        ListenAddr::Tcp(_) => format!("{doing} ({reason}) for [{addr}]"),
        ListenAddr::Unix(_) | ListenAddr::Abstract(_) => format!("{doing} ({reason}) [{addr}]"),
    };
    BindError {
        message,
        help: help(addr, failure.errno),
    }
}

fn help(addr: &ListenAddr, errno: Errno) -> String {
    let text = match (addr, errno) {
        (ListenAddr::Tcp(at), Errno::ADDRINUSE) => {
            let port = at.port();
            return format!(
                "another program listens there: stop it or bind another port (`ss -ltnp 'sport = :{port}'` shows it)"
            );
        }
        (ListenAddr::Tcp(at), Errno::ACCESS) => {
            let port = at.port();
            return format!(
                "port {port} is privileged: start as root, give the binary CAP_NET_BIND_SERVICE, or bind a port from 1024 on"
            );
        }
        (_, Errno::ADDRNOTAVAIL) => {
            "no interface of this machine has this address: correct it, or add `transparent` to bind it anyway"
        }
        (_, Errno::AFNOSUPPORT) => "this machine has IPv6 disabled: bind an IPv4 address",
        (_, Errno::MFILE | Errno::NFILE) => "raise the limit of open files (`ulimit -n`)",
        (ListenAddr::Unix(_), Errno::NOENT) => "create the directory first",
        (ListenAddr::Unix(_), Errno::NOTDIR) => "a part of the path is not a directory",
        (ListenAddr::Unix(_), Errno::ACCESS | Errno::PERM | Errno::ROFS) => {
            "the directory must be writable, and changing the owner needs root"
        }
        (ListenAddr::Unix(_), Errno::NAMETOOLONG) => {
            "use a shorter path: with its temporary suffix it may have 107 bytes, so about 97 without"
        }
        (ListenAddr::Unix(_), Errno::EXIST) => "remove the file or choose another path",
        (ListenAddr::Abstract(_), Errno::ADDRINUSE) => "another program holds this name",
        (ListenAddr::Abstract(_), Errno::NAMETOOLONG | Errno::INVAL) => {
            "use a name of at most 107 bytes"
        }
        (ListenAddr::Fd(_), Errno::BADF) => {
            "nothing is open under this number: the program that starts us must pass it"
        }
        (ListenAddr::Fd(_), Errno::PERM | Errno::NOSYS) => {
            "inherited sockets need pidfd_getfd (Linux 5.6), which a container may forbid"
        }
        (ListenAddr::Fd(_), Errno::NOTSOCK | Errno::PROTOTYPE) => {
            "it must be a stream socket, bound or listening"
        }
        _ => "see the system's answer in parentheses",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::{UnixListener, UnixStream};

    fn tcp(at: &str) -> ListenAddr {
        ListenAddr::Tcp(at.parse().unwrap())
    }

    fn inet(local: Endpoint) -> SocketAddr {
        match local {
            Endpoint::Inet(addr) => addr,
            other => panic!("not a TCP address: {other:?}"),
        }
    }

    fn failure(addr: &ListenAddr) -> String {
        open(addr, &ListenOptions::default(), 1)
            .unwrap_err()
            .message
    }

    #[test]
    fn each_worker_gets_a_socket_of_one_port() {
        for at in ["127.0.0.1:0", "[::1]:0"] {
            let opened = open(&tcp(at), &ListenOptions::default(), 3).unwrap();
            let to = inet(opened.local);
            assert_ne!(to.port(), 0);
            for socket in &opened.sockets {
                let local = rustix::net::getsockname(socket).unwrap();
                assert_eq!(endpoint(local), opened.local);
            }
            assert_eq!(opened.sockets.len(), 3);
            TcpStream::connect(to).unwrap();
        }
    }

    #[test]
    fn accepted_sockets_inherit_nodelay() {
        let opened = open(&tcp("127.0.0.1:0"), &ListenOptions::default(), 1).unwrap();
        let _peer = TcpStream::connect(inet(opened.local)).unwrap();
        let accepted = rustix::net::accept(&opened.sockets[0]).unwrap();
        assert!(sockopt::tcp_nodelay(&accepted).unwrap());
    }

    #[test]
    fn a_port_that_another_program_holds_is_reported() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = other.local_addr().unwrap();
        let error = open(&ListenAddr::Tcp(taken), &ListenOptions::default(), 1).unwrap_err();
        assert_eq!(
            error.message,
            format!("cannot bind socket (Address already in use) for [{taken}]")
        );
        assert!(error.help.contains("another program"));
    }

    #[test]
    fn an_address_of_nobody_needs_transparent() {
        let nobody = tcp("192.0.2.1:0");
        assert_eq!(
            failure(&nobody),
            "cannot bind socket (Cannot assign requested address) for [192.0.2.1:0]"
        );
        let options = ListenOptions {
            transparent: true,
            ..ListenOptions::default()
        };
        assert!(open(&nobody, &options, 1).is_ok());
    }

    #[test]
    fn an_unknown_interface_is_only_warned_of() {
        let options = ListenOptions {
            interface: Some("nosuchdevice".to_owned()),
            ..ListenOptions::default()
        };
        let opened = open(&tcp("127.0.0.1:0"), &options, 2).unwrap();
        let [warning] = opened.warnings.as_slice() else {
            panic!("one warning, not {:?}", opened.warnings);
        };
        assert!(warning.starts_with("cannot bind receiver to device 'nosuchdevice' ("));
    }

    #[test]
    fn a_unix_socket_replaces_a_stale_one_with_the_mode_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        let options = ListenOptions {
            unix_mode: Some(0o640),
            ..ListenOptions::default()
        };
        let opened = open(&ListenAddr::Unix(path.clone()), &options, 2).unwrap();
        assert_eq!((opened.sockets.len(), opened.local), (2, Endpoint::Unix));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        UnixStream::connect(&path).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_no_socket_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, "precious").unwrap();
        let message = failure(&ListenAddr::Unix(path.clone()));
        assert!(
            message.starts_with("cannot replace what is not a socket"),
            "{message}"
        );
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }

    #[test]
    fn unusable_paths_say_why() {
        let missing = failure(&ListenAddr::Unix("/nonexistent/s".into()));
        assert_eq!(
            missing,
            "cannot bind UNIX socket (No such file or directory) [/nonexistent/s]"
        );
        let long = failure(&ListenAddr::Unix(format!("/{}", "x".repeat(107)).into()));
        assert!(long.starts_with("name too long for UNIX socket"), "{long}");
        let name = failure(&ListenAddr::Abstract(vec![b'x'; 108]));
        assert!(name.starts_with("name too long for UNIX socket"), "{name}");
    }

    #[test]
    fn an_abstract_name_is_held_once() {
        let name = format!("tidegate-bind-test-{}", std::process::id());
        let addr = ListenAddr::Abstract(name.into_bytes());
        let _held = open(&addr, &ListenOptions::default(), 1).unwrap();
        assert!(failure(&addr).starts_with("cannot bind UNIX socket (Address already in use)"));
    }

    #[test]
    fn an_inherited_descriptor_may_be_bound_twice() {
        let inherited = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = ListenAddr::Fd(inherited.as_raw_fd());
        let first = open(&addr, &ListenOptions::default(), 1).unwrap();
        let second = open(&addr, &ListenOptions::default(), 2).unwrap();
        let local = inherited.local_addr().unwrap();
        assert_eq!((inet(first.local), inet(second.local)), (local, local));
        drop(inherited);
        TcpStream::connect(local).unwrap();
    }

    #[test]
    fn a_descriptor_that_is_no_stream_socket_is_refused() {
        assert_eq!(
            failure(&ListenAddr::Fd(9999)),
            "cannot use file descriptor '9999' : Bad file descriptor"
        );
        let file = tempfile::tempfile().unwrap();
        let message = failure(&ListenAddr::Fd(file.as_raw_fd()));
        assert!(
            message.ends_with("Socket operation on non-socket"),
            "{message}"
        );
    }

    /// Whether what was opened for `addr` is taken for `wanted`, by so many workers.
    #[track_caller]
    fn check_inherit(addr: &ListenAddr, wanted: &ListenAddr, workers: usize, expected: bool) {
        let opened = open(addr, &ListenOptions::default(), 2).unwrap();
        let inodes: Vec<_> = opened.sockets.iter().map(inode).collect();
        let inherited = opened.sockets.into_iter().map(|socket| Inherited {
            socket,
            interface: None,
        });
        let mut inherited: Vec<_> = inherited.collect();
        let taken = inherit(&mut inherited, wanted, &ListenOptions::default(), workers);
        let first = taken.as_ref().map(|taken| inode(&taken.sockets[0]));
        assert_eq!(first.is_some_and(|inode| inodes.contains(&inode)), expected);
        let count = taken.map_or(workers, |taken| taken.sockets.len());
        assert_eq!(count, workers);
    }

    fn inode(socket: &OwnedFd) -> u64 {
        rustix::fs::fstat(socket).unwrap().st_ino
    }

    #[test]
    fn sockets_of_another_process_are_taken_for_the_same_address() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = tcp(&free.local_addr().unwrap().to_string());
        drop(free);
        check_inherit(&at, &at, 2, true);
        check_inherit(&at, &at, 3, true);
        check_inherit(&at, &at, 1, true);
        check_inherit(&at, &tcp("127.0.0.2:1"), 1, false);
        let dir = tempfile::tempdir().unwrap();
        let path = ListenAddr::Unix(dir.path().join("s"));
        check_inherit(&path, &path, 2, true);
        check_inherit(&path, &ListenAddr::Unix(dir.path().join("sx")), 2, false);
        let name = format!("tidegate-inherit-test-{}", std::process::id());
        let name = ListenAddr::Abstract(name.into_bytes());
        check_inherit(&name, &name, 2, true);
        check_inherit(&name, &path, 2, false);
    }

    #[test]
    fn every_expected_failure_has_advice() {
        let unix = ListenAddr::Unix("/x".into());
        for (addr, errno, advice) in [
            (&tcp("0.0.0.0:80"), Errno::ACCESS, "port 80 is privileged"),
            (&tcp("[::]:80"), Errno::AFNOSUPPORT, "IPv6 disabled"),
            (&tcp("0.0.0.0:80"), Errno::MFILE, "ulimit"),
            (&unix, Errno::ACCESS, "writable"),
            (&ListenAddr::Fd(3), Errno::PERM, "pidfd_getfd"),
        ] {
            let text = help(addr, errno);
            assert!(text.contains(advice), "{text}");
        }
    }
}
