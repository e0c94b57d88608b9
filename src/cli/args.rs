//! HAProxy's own command line (management guide, section 3), in any order.
//!
//! Flags are told apart the way HAProxy does, by their first letters, so that spellings such as
//! `-dMno-merge` or `-db` keep working. A flag that has no effect here is remembered with the
//! reason and never refused: scripts written for HAProxy must run. Deliberately absent: reading
//! files, and what the flags cause.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Load, then check or run.
    Load(Box<Flags>),
    /// `-cc`: evaluate a condition.
    Condition(String),
    /// `-v`, `-vv`, `-vq`, `-vqs`, `-vqb`, `--version`.
    Version(VersionForm),
    /// `-h`.
    Help,
    /// `-dMhelp`.
    MemoryHelp,
}

/// How much of the version to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VersionForm {
    /// `-v`.
    Banner,
    /// `-vv`.
    Full,
    /// `-vq`, `-vqs`: the version alone.
    Plain,
    /// `-vqb`: the branch alone.
    Branch,
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadArgs {
    /// Not understood: show the usage.
    Usage(String),
    /// Understood but impossible: the message is enough.
    Message(String),
}

/// The flags of a run or a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `-f` and everything after `--`, in order.
    pub(super) files: Vec<PathBuf>,
    /// `-c`.
    pub(super) check: bool,
    /// `-V`.
    pub(super) verbose: bool,
    /// `-q`.
    pub(super) quiet: bool,
    /// `-D`.
    pub(super) daemon: bool,
    /// `-d`, `-db`, `-Ws`: stay in the foreground whatever the configuration says.
    pub(super) foreground: bool,
    /// `-W`, `-Ws`.
    pub(super) master: Option<Master>,
    /// `-n`: overrides `maxconn` of the global section.
    pub(super) maxconn: Option<u32>,
    /// `-N`: `maxconn` of proxies that don't set one.
    pub(super) proxy_maxconn: Option<u32>,
    /// `-L`.
    pub(super) peer: Option<String>,
    /// `-p`.
    pub(super) pidfile: Option<PathBuf>,
    /// `-C`.
    pub(super) directory: Option<PathBuf>,
    /// `-dW`: a warning is an error.
    pub(super) zero_warning: bool,
    /// `-dD`: show notes as well.
    pub(super) diagnose: bool,
    /// `-dr`: a server name that does not resolve is no error.
    pub(super) ignore_resolution: bool,
    /// `-dS`: no splice.
    pub(super) no_splice: bool,
    /// `-dR`: no `SO_REUSEPORT`.
    pub(super) no_reuse_port: bool,
    /// `-sf`, `-st`: processes to end once we are listening.
    pub(super) replace: Option<Replace>,
    /// `-x`: the stats socket of the process whose listening sockets we take.
    pub(super) take_from: Option<PathBuf>,
    /// Flags without effect here: as written, and why.
    pub(super) ignored: Vec<(String, &'static str)>,
    /// Flags that ask for something we do not print.
    pub(super) unanswered: Vec<(String, &'static str)>,
    /// `-S`: where the master takes commands.
    pub(super) master_socket: Option<String>,
    /// We are the detached copy of ourselves; see `daemon`.
    pub(super) detached: bool,
    /// We are a worker of a master; see `master`.
    pub(super) worker: bool,
}

/// Which of the master-worker modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Master {
    /// `-W`.
    Plain,
    /// `-Ws`.
    Systemd,
}

/// `-sf` or `-st`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replace {
    /// `-sf`: let them finish; `-st`: end them now.
    pub(super) softly: bool,
    /// Process ids, each above zero.
    pub(super) pids: Vec<i32>,
}

/// The private first argument of the detached copy that `-D` starts.
pub(super) const DETACHED: &str = "--detached";
/// The private first argument of the workers that a master starts.
pub(super) const WORKER: &str = "--worker";

/// What `-dM` may name: HAProxy's ways of looking after its memory.
pub(super) const MEMORY_FEATURES: &[&str] = &[
    "fail",
    "no-fail",
    "no-merge",
    "merge",
    "cold-first",
    "hot-first",
    "integrity",
    "no-integrity",
    "no-global",
    "global",
    "no-cache",
    "cache",
    "caller",
    "no-caller",
    "tag",
    "no-tag",
    "poison",
    "no-poison",
    "uaf",
    "no-uaf",
    "backup",
    "no-backup",
];

const NO_POLLER_CHOICE: &str = "epoll is the only poller";
const NO_SUCH_MEMORY: &str = "memory is managed by the allocator";

/// Reads the arguments after the program's name.
pub(super) fn parse(args: &[OsString]) -> Result<Request, BadArgs> {
    let mut flags = Flags::default();
    let mut condition = None;
    let mut args = args.iter().map(OsString::as_os_str).peekable();
    if args.next_if(|first| *first == DETACHED).is_some() {
        flags.detached = true;
    }
    if args.next_if(|first| *first == WORKER).is_some() {
        flags.worker = true;
    }
    while let Some(word) = args.next() {
        let Some(flag) = word.as_bytes().strip_prefix(b"-") else {
            return Err(unknown(word));
        };
        match flag {
            b"h" | b"-help" => return Ok(Request::Help),
            b"v" | b"-version" => return Ok(Request::Version(VersionForm::Banner)),
            b"vq" | b"vqs" => return Ok(Request::Version(VersionForm::Plain)),
            b"vqb" => return Ok(Request::Version(VersionForm::Branch)),
            [b'v', b'v', ..] => return Ok(Request::Version(VersionForm::Full)),
            [b'v', ..] => return Ok(Request::Version(VersionForm::Banner)),
            b"dMhelp" => return Ok(Request::MemoryHelp),
            [b'd', b'M', features @ ..] => memory_flag(&mut flags, word, features)?,
            [b'd', rest @ ..] => {
                debug_flag(&mut flags, word, rest);
                if rest == b"t" {
                    // `-dt` alone takes the next word unless it is a flag.
                    let _ = args.next_if(|next| !next.as_bytes().starts_with(b"-"));
                }
            }
            [b'V', ..] => flags.verbose = true,
            [b'c', b'c', ..] => condition = Some(text(value(word, args.next())?)),
            [b'c', ..] => flags.check = true,
            [b'4', ..] => ignore(&mut flags, word, "names are resolved once, at start"),
            [b'D', ..] => flags.daemon = true,
            [b'W', b's', ..] => {
                flags.master = Some(Master::Systemd);
                flags.foreground = true;
            }
            [b'W', ..] => flags.master = flags.master.or(Some(Master::Plain)),
            [b'q', ..] => flags.quiet = true,
            [b'x', ..] => flags.take_from = Some(value(word, args.next())?.into()),
            [b'S', ..] => flags.master_socket = Some(socket_address(value(word, args.next())?)?),
            [b's', how @ (b'f' | b't'), ..] => {
                let replace = flags.replace.get_or_insert(Replace {
                    softly: true,
                    pids: Vec::new(),
                });
                replace.softly = *how == b'f';
                while let Some(pid) = args.next_if(|next| !next.as_bytes().starts_with(b"-")) {
                    replace.pids.push(process_id(word, pid)?);
                }
            }
            b"-" => flags.files.extend(args.by_ref().map(PathBuf::from)),
            b"f" => flags.files.push(value(word, args.next())?.into()),
            b"C" => flags.directory = Some(value(word, args.next())?.into()),
            b"p" => flags.pidfile = Some(value(word, args.next())?.into()),
            b"L" => flags.peer = Some(text(value(word, args.next())?)),
            b"n" => flags.maxconn = count(value(word, args.next())?),
            b"N" => flags.proxy_maxconn = count(value(word, args.next())?),
            b"m" => {
                value(word, args.next())?;
                ignore(&mut flags, word, NO_SUCH_MEMORY);
            }
            _ => return Err(unknown(word)),
        }
    }
    if flags.master_socket.is_some() && flags.master.is_none() && !flags.worker {
        let message =
            "a master CLI socket was defined, but master-worker mode (-W) is not enabled.";
        return Err(BadArgs::Message(message.to_owned()));
    }
    if flags.worker {
        // All of this is the master's.
        flags.master = None;
        flags.foreground = true;
        flags.pidfile = None;
        flags.replace = None;
        flags.take_from = None;
    }
    Ok(match condition {
        Some(condition) => Request::Condition(condition),
        None => Request::Load(Box::new(flags)),
    })
}

/// The flags that start with `-d`, told apart by the next letter.
fn debug_flag(flags: &mut Flags, word: &OsStr, rest: &[u8]) {
    match rest.first() {
        Some(b'b') => flags.foreground = true,
        Some(b'W') => flags.zero_warning = true,
        Some(b'D') => flags.diagnose = true,
        Some(b'r') => flags.ignore_resolution = true,
        Some(b'S') => flags.no_splice = true,
        Some(b'R') => flags.no_reuse_port = true,
        Some(b'e' | b'p' | b'k' | b'v') => ignore(flags, word, NO_POLLER_CHOICE),
        Some(b'I') => ignore(flags, word, "no child process is ever started"),
        Some(b'G') => ignore(flags, word, "names are resolved once, at start"),
        Some(b'F' | b'Z') => ignore(flags, word, "forwarding has no such switch yet"),
        Some(b'V' | b'T') => ignore(flags, word, "TLS is not supported yet"),
        Some(b'C') => unanswered(flags, word, "'tidegate fmt' prints a configuration"),
        Some(b'K') => unanswered(flags, word, "'tidegate keywords' lists the keywords"),
        Some(b'L') => unanswered(flags, word, "libraries are linked in"),
        Some(b'A') => ignore(flags, word, "libraries are linked in"),
        Some(b'c') => ignore(flags, word, "threads are not bound to CPUs"),
        Some(b't') => ignore(flags, word, "traces are not supported yet"),
        _ => flags.foreground = true,
    }
}

/// `-dM[<byte>][,<feature>...]`: nothing of it has an effect, but it must be right.
fn memory_flag(flags: &mut Flags, word: &OsStr, features: &[u8]) -> Result<(), BadArgs> {
    let features = String::from_utf8_lossy(features);
    let (first, others) = features.split_once(',').unwrap_or((&features, ""));
    let is_byte = first.starts_with(|c: char| c.is_ascii_digit());
    let names = (!is_byte).then_some(first).into_iter();
    for name in names.chain(others.split(',')) {
        if !name.is_empty() && !MEMORY_FEATURES.contains(&name) {
            let message = format!("-dM: unknown pool debugging feature <{name}>");
            return Err(BadArgs::Message(message));
        }
    }
    ignore(flags, word, NO_SUCH_MEMORY);
    Ok(())
}

/// The address after `-S`. A flag there means that it was forgotten.
fn socket_address(word: &OsStr) -> Result<String, BadArgs> {
    match word.as_bytes().starts_with(b"-") {
        true => Err(BadArgs::Message(format!(
            "-S: missing port specification in '{}'",
            text(word)
        ))),
        false => Ok(text(word)),
    }
}

fn unanswered(flags: &mut Flags, word: &OsStr, instead: &'static str) {
    flags.unanswered.push((text(word), instead));
}

fn ignore(flags: &mut Flags, word: &OsStr, reason: &'static str) {
    flags.ignored.push((text(word), reason));
}

fn unknown(word: &OsStr) -> BadArgs {
    BadArgs::Usage(format!("unknown argument '{}'", text(word)))
}

fn value<'a>(flag: &OsStr, value: Option<&'a OsStr>) -> Result<&'a OsStr, BadArgs> {
    value.ok_or_else(|| BadArgs::Usage(format!("'{}' needs a value", text(flag))))
}

fn text(word: &OsStr) -> String {
    word.to_string_lossy().into_owned()
}

/// A number as `atol` reads it: what follows the digits is ignored, and no number is zero, which
/// means "not set".
fn count(word: &OsStr) -> Option<u32> {
    let digits = word.as_bytes().iter().take_while(|b| b.is_ascii_digit());
    let number = digits.fold(0_u32, |n, b| {
        n.saturating_mul(10).saturating_add(u32::from(b - b'0'))
    });
    (number > 0).then_some(number)
}

/// A process id; one argument may end in blanks (`-sf "$(cat pidfile) "`).
fn process_id(flag: &OsStr, word: &OsStr) -> Result<i32, BadArgs> {
    let shown = text(word);
    match shown.trim().parse::<i32>() {
        Ok(pid) if pid > 0 => Ok(pid),
        Ok(_) => Err(unknown(word)),
        Err(_) => Err(BadArgs::Message(format!(
            "{} option: '{shown}' is not a process id",
            text(flag)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, BadArgs> {
        let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        parse(&args)
    }

    #[track_caller]
    fn check(line: &str, expected: impl FnOnce(&mut Flags)) {
        let mut flags = Flags::default();
        expected(&mut flags);
        let mut seen = match parsed(line) {
            Ok(Request::Load(flags)) => *flags,
            other => panic!("{line}: {other:?}"),
        };
        seen.ignored.clear();
        seen.unanswered.clear();
        assert_eq!(seen, flags, "{line}");
    }

    #[track_caller]
    fn check_request(line: &str, expected: Request) {
        assert_eq!(parsed(line), Ok(expected), "{line}");
    }

    #[track_caller]
    fn check_usage(line: &str) {
        let seen = parsed(line);
        assert!(matches!(seen, Err(BadArgs::Usage(_))), "{line}: {seen:?}");
    }

    #[track_caller]
    fn check_ignored(line: &str, expected: &[&str]) {
        let Ok(Request::Load(flags)) = parsed(line) else {
            panic!("{line}");
        };
        let seen: Vec<_> = flags
            .ignored
            .iter()
            .map(|(flag, _)| flag.as_str())
            .collect();
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn files() {
        check("-f a.cfg -f dir", |f| {
            f.files = vec!["a.cfg".into(), "dir".into()]
        });
        check("-f a -c -- b -V", |f| {
            f.check = true;
            f.files = vec!["a".into(), "b".into(), "-V".into()];
        });
        check("--", |_| {});
    }

    #[test]
    fn as_a_test_suite_starts_us() {
        check("-d -dM -dI -dW -f /tmp/cfg", |f| {
            f.foreground = true;
            f.zero_warning = true;
            f.files = vec!["/tmp/cfg".into()];
        });
        check("-c -dM -dI -dW -V -f cfg", |f| {
            f.check = true;
            f.zero_warning = true;
            f.verbose = true;
            f.files = vec!["cfg".into()];
        });
        check("-d -Ws -S fd@9 -dM -dI -dW -f cfg -p pid", |f| {
            f.foreground = true;
            f.master = Some(Master::Systemd);
            f.master_socket = Some("fd@9".into());
            f.zero_warning = true;
            f.files = vec!["cfg".into()];
            f.pidfile = Some("pid".into());
        });
    }

    #[test]
    fn switches() {
        check("-D -q", |f| {
            f.daemon = true;
            f.quiet = true;
        });
        check("-db", |f| f.foreground = true);
        check("-W", |f| f.master = Some(Master::Plain));
        check("-dr -dD -dS -dR", |f| {
            f.ignore_resolution = true;
            f.diagnose = true;
            f.no_splice = true;
            f.no_reuse_port = true;
        });
    }

    #[test]
    fn values() {
        check("-C /etc -L me -p /run/pid", |f| {
            f.directory = Some("/etc".into());
            f.peer = Some("me".into());
            f.pidfile = Some("/run/pid".into());
        });
        check("-x /run/sock", |f| f.take_from = Some("/run/sock".into()));
        check("-n 500 -N 20", |f| {
            f.maxconn = Some(500);
            f.proxy_maxconn = Some(20);
        });
        check("-n 0 -N abc", |_| {});
        check("-n 99999999999", |f| f.maxconn = Some(u32::MAX));
    }

    #[test]
    fn a_worker_leaves_to_its_master_what_is_the_masters() {
        check("--worker -Ws -S fd@9 -f a -p pid -sf 12 -x sock", |f| {
            f.worker = true;
            f.foreground = true;
            f.files = vec!["a".into()];
            f.master_socket = Some("fd@9".into());
        });
    }

    #[test]
    fn old_processes() {
        let replace = |softly, pids: &[i32]| {
            Some(Replace {
                softly,
                pids: pids.to_vec(),
            })
        };
        check("-sf 12 13 -c", |f| {
            f.replace = replace(true, &[12, 13]);
            f.check = true;
        });
        check("-st 12", |f| f.replace = replace(false, &[12]));
        check("-sf -c", |f| {
            f.replace = replace(true, &[]);
            f.check = true;
        });
        check_usage("-sf 0");
        assert!(matches!(parsed("-sf 1x"), Err(BadArgs::Message(_))));
    }

    #[test]
    fn versions_and_conditions_win_over_the_rest() {
        check_request("-v", Request::Version(VersionForm::Banner));
        check_request("-dM -dI -dW -vv", Request::Version(VersionForm::Full));
        check_request("-vq", Request::Version(VersionForm::Plain));
        check_request("-vqs", Request::Version(VersionForm::Plain));
        check_request("-vqb", Request::Version(VersionForm::Branch));
        check_request("-dM -cc 1 -dW", Request::Condition("1".into()));
        check_request("--help", Request::Help);
    }

    #[test]
    fn flags_without_effect_are_remembered() {
        check_ignored(
            "-de -dMno-merge -dI -m 256 -4",
            &["-de", "-dMno-merge", "-dI", "-m", "-4"],
        );
        check_ignored("-dM0x50,tag -dM", &["-dM0x50,tag", "-dM"]);
        check_request("-dMhelp -f a", Request::MemoryHelp);
    }

    #[test]
    fn what_is_asked_for_in_vain_is_remembered() {
        let Ok(Request::Load(flags)) = parsed("-dC -dKall -dL -c") else {
            panic!("not loaded");
        };
        let seen: Vec<_> = flags.unanswered.iter().map(|(flag, _)| &**flag).collect();
        assert_eq!(seen, ["-dC", "-dKall", "-dL"]);
    }

    #[test]
    fn what_is_understood_but_wrong() {
        let message = |line: &str, expected: &str| {
            assert_eq!(parsed(line), Err(BadArgs::Message(expected.to_owned())));
        };
        message("-dMfoo -c", "-dM: unknown pool debugging feature <foo>");
        message(
            "-S /run/m -c",
            "a master CLI socket was defined, but master-worker mode (-W) is not enabled.",
        );
        message("-W -S -c", "-S: missing port specification in '-c'");
    }

    #[test]
    fn what_is_not_understood() {
        check_usage("foo");
        check_usage("-z");
        check_usage("-f");
        check_usage("-cc");
        check_usage("-Nx 3");
        check_usage("-f a extra");
    }
}
