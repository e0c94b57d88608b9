//! The demo's view: what was logged, and what the stats socket tells of the protections, every
//! second.

use super::load::Tally;
use crate::clock::{Clock, Millis};
use rustix::process::{Signal, getpid, kill_process};
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// What is asked.
const QUESTIONS: &str = "show circuit-breaker;show rate-limit;show inflight-limit\n";

/// Longest log line that is shown, in bytes.
const LONGEST_LINE: usize = 4096;
/// Most log lines shown at a time.
const MOST_LINES: usize = 20;

/// Where the log goes. On a terminal it stays above what is written over every second.
#[derive(Debug)]
pub(super) struct Log {
    socket: UdpSocket,
    address: SocketAddr,
}

impl Log {
    pub(super) fn open() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came since the last time.
    fn lines(&self) -> String {
        let mut text = String::new();
        let mut line = [0; LONGEST_LINE];
        for _ in 0..MOST_LINES {
            let Ok(length) = self.socket.recv(&mut line) else {
                break;
            };
            let line = line.get(..length).unwrap_or_default().trim_ascii_end();
            let _ = writeln!(text, "{}", String::from_utf8_lossy(line));
        }
        text
    }
}

/// Starts looking. After `lasts` the process is told to stop.
pub(super) fn start(admin: u16, log: Log, clock: Clock, tally: Arc<Tally>, lasts: Option<Millis>) {
    let mut view = View {
        admin,
        log,
        began: clock.now(),
        clock,
        tally,
        before: [0; 4],
        lines: 0,
        is_terminal: io::stdout().is_terminal(),
    };
    // Without a thread there is nothing to be seen.
    let _ = thread::Builder::new()
        .name("view".to_owned())
        .spawn(move || {
            loop {
                thread::park_timeout(SECOND);
                view.show();
                if lasts.is_some_and(|lasts| view.elapsed() >= lasts) {
                    view.sum_up();
                    let _ = kill_process(getpid(), Signal::TERM);
                    return;
                }
            }
        });
}

struct View {
    admin: u16,
    log: Log,
    began: Millis,
    clock: Clock,
    tally: Arc<Tally>,
    /// The tally a second ago.
    before: [u64; 4],
    /// Lines on the terminal that are written over.
    lines: usize,
    is_terminal: bool,
}

impl View {
    fn elapsed(&self) -> Millis {
        self.clock.now().saturating_sub(self.began)
    }

    fn counts(&self) -> [u64; 4] {
        let tally = &self.tally;
        let counters = [&tally.served, &tally.limited, &tally.refused, &tally.failed];
        counters.map(|counter| counter.load(Ordering::Relaxed))
    }

    fn show(&mut self) {
        let Ok(told) = ask(self.admin) else {
            return;
        };
        let now = self.counts();
        let mut text = format!("{:>4}s  ", self.elapsed() / 1000);
        for ((name, now), before) in NAMES.iter().zip(now).zip(self.before) {
            let _ = write!(text, "{name} {:>3}/s   ", now.saturating_sub(before));
        }
        text.push('\n');
        for line in told.lines().filter_map(shown) {
            text.push_str(&line);
            text.push('\n');
        }
        self.before = now;
        let mut out = io::stdout().lock();
        let again = self.is_terminal && self.lines > 0;
        let up = if again {
            format!("\x1b[{}F\x1b[J", self.lines)
        } else {
            String::new()
        };
        self.lines = text.lines().count();
        if self.is_terminal {
            // What is longer than the terminal is wide must not take two of its lines.
            text = format!("\x1b[?7l{text}\x1b[?7h");
        }
        // Nobody may be watching.
        let _ = write!(out, "{up}{}{text}", self.log.lines());
        let _ = out.flush();
    }

    fn sum_up(&self) {
        let counts = self.counts();
        let mut text = format!("\nAfter {} seconds:", self.elapsed() / 1000);
        for (name, count) in NAMES.iter().zip(counts) {
            let _ = write!(text, " {name} {count}");
        }
        text.push('\n');
        let _ = io::stdout().write_all(text.as_bytes());
    }
}

/// What becomes of requests, as [`Tally`] counts them.
const NAMES: [&str; 4] = ["served", "limited", "refused", "failed"];

fn ask(admin: u16) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, admin))?;
    stream.write_all(QUESTIONS.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// A line of the stats socket, shortened for people.
fn shown(line: &str) -> Option<String> {
    let fields: Vec<(&str, &str)> = line
        .split(' ')
        .filter_map(|word| word.split_once('='))
        .collect();
    let value = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| *name == wanted);
        found.map_or("", |(_, value)| *value)
    };
    let (kind, wanted): (&str, &[&str]) = match fields.first()? {
        ("breaker", _) => (
            "circuit breaker",
            &[
                "state",
                "left",
                "trips",
                "denied",
                "code_5xx_ratio",
                "latency_p50",
            ],
        ),
        ("limit", _) if value("most").is_empty() => {
            ("rate limit", &["keys", "allowed", "delayed", "denied"])
        }
        ("limit", _) => (
            "in-flight limit",
            &["requests", "most", "allowed", "denied"],
        ),
        _ => return None,
    };
    let (_, name) = fields.first()?;
    let mut text = format!("       {kind} {name}:");
    for field in wanted {
        let _ = write!(text, " {field} {}", value(field));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logged_lines_are_shown_once() {
        let log = Log::open().unwrap();
        let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for line in ["one\n", "two"] {
            sender.send_to(line.as_bytes(), log.address()).unwrap();
        }
        assert_eq!(log.lines(), "one\ntwo\n");
        assert_eq!(log.lines(), "");
    }

    #[test]
    fn lines_are_shortened() {
        let check = |line, expected: Option<&str>| assert_eq!(shown(line).as_deref(), expected);
        check(
            "breaker=b/x state=open left=90 since=1 trips=2 denied=3 samples=0 net_error_ratio=0.00 code_5xx_ratio=0.10 latency_p50=4",
            Some(
                "       circuit breaker b/x: state open left 90 trips 2 denied 3 code_5xx_ratio 0.10 latency_p50 4",
            ),
        );
        check(
            "limit=all average=10 keys=1 allowed=5 delayed=1 denied=7",
            Some("       rate limit all: keys 1 allowed 5 delayed 1 denied 7"),
        );
        check(
            "limit=one requests=1 most=2 allowed=3 denied=4",
            Some("       in-flight limit one: requests 1 most 2 allowed 3 denied 4"),
        );
        check("", None);
    }
}
