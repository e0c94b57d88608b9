//! Codes of what can go wrong with files, at startup and while running.

use crate::syntax::Code;

/// No `-f`.
pub const NO_FILE: Code = Code("TG0901");
/// A file or directory given with `-f` can't be read.
pub const UNREADABLE_FILE: Code = Code("TG0902");
/// A directory given with `-f` has no `*.cfg`.
pub const EMPTY_DIRECTORY: Code = Code("TG0903");
/// The pid file can't be written.
pub const PID_FILE: Code = Code("TG0904");
/// `chroot`, `uid` or `gid` failed.
pub const PRIVILEGES: Code = Code("TG0905");
/// A thread or the signal handlers can't be set up.
pub const THREADS: Code = Code("TG0906");
/// Nothing listens.
pub const NO_LISTENER: Code = Code("TG0907");
/// The background process can't be started.
pub const DETACH: Code = Code("TG0908");
/// A master cannot start a worker.
pub const WORKER_PROCESS: Code = Code("TG0931");
/// The socket of `-S` cannot be opened.
pub const MASTER_SOCKET: Code = Code("TG0932");
/// The listening sockets of another process could not be taken.
pub const NO_TAKE_OVER: Code = Code("TG0930");
