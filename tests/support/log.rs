//! The syslog receiver, and log lines without what differs from run to run.

use super::PATIENCE;
use regex::{Captures, Regex};
use std::net::UdpSocket;
use std::sync::LazyLock;

/// Collects the datagrams of one proxy.
#[derive(Debug)]
pub(crate) struct Syslog {
    socket: UdpSocket,
}

impl Syslog {
    /// Opens a receiver on a free port.
    pub(crate) fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port for syslog");
        socket
            .set_read_timeout(Some(PATIENCE))
            .expect("a read timeout");
        Self { socket }
    }

    /// Where to send log lines.
    pub(crate) fn address(&self) -> String {
        self.socket
            .local_addr()
            .expect("a local address")
            .to_string()
    }

    /// The next datagram as it came.
    pub(crate) fn datagram(&self) -> Option<String> {
        let mut buffer = [0; 65_536];
        let len = self.socket.recv(&mut buffer).ok()?;
        Some(
            String::from_utf8_lossy(&buffer[..len])
                .trim_end()
                .to_owned(),
        )
    }

    /// The next traffic line, masked; messages of other severities than info are passed over.
    pub(crate) fn line(&self) -> Option<String> {
        loop {
            let datagram = self.datagram()?;
            if severity(&datagram) == Some(6) {
                return Some(mask(&datagram));
            }
        }
    }

    /// The next datagram of another severity than info.
    pub(crate) fn message(&self) -> Option<String> {
        loop {
            let datagram = self.datagram()?;
            if severity(&datagram) != Some(6) {
                return Some(datagram);
            }
        }
    }

    /// The next line about something else than traffic: its severity, and the line, check
    /// durations masked.
    pub(crate) fn event(&self) -> Option<String> {
        static DURATION: LazyLock<Regex> = LazyLock::new(|| pattern(r"check duration: \d+ms"));
        loop {
            let datagram = self.datagram()?;
            if let Some(severity @ 0..=5) = severity(&datagram) {
                let line = HEADER.replace(&datagram, "");
                let line = DURATION.replace(&line, "check duration: #ms");
                return Some(format!("{severity} {line}"));
            }
        }
    }

    /// A traffic line that is already there.
    pub(crate) fn pending(&self) -> Option<String> {
        self.socket.set_nonblocking(true).expect("non-blocking");
        let line = self.line();
        self.socket.set_nonblocking(false).expect("blocking");
        line
    }
}

static HEADER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^<\d+>.*?\w+\[\d+\]: "));

fn severity(datagram: &str) -> Option<u8> {
    let priority = datagram.strip_prefix('<')?.split('>').next()?;
    Some(priority.parse::<u8>().ok()? & 7)
}

/// Removes header, local client address and date; masks elapsed times, not `-1`, and in HTTP lines
/// the bytes sent, which HAProxy counts in its internal representation there.
fn mask(datagram: &str) -> String {
    static CLIENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^127\.0\.0\.1:\d+ "));
    static ENDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(from|to) 127\.0\.0\.1:\d+"));
    static DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[\d+/\w+/\d{4}:[\d:.]+\] "));
    static TIMERS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r" (-?\d+/-?\d+/(?:-?\d+/-?\d+/)?\+?-?\d+) "));
    static BYTES: LazyLock<Regex> = LazyLock::new(|| pattern(r"( [#/+1-]+ -?\d+ \+?)\d+ "));
    static TIME: LazyLock<Regex> = LazyLock::new(|| pattern(r"-?\d+"));
    let line = HEADER.replace(datagram, "");
    let line = CLIENT.replace(&line, "");
    let line = ENDS.replace_all(&line, "$1 #");
    let line = DATE.replace(&line, "");
    let timer = |time: &Captures<'_>| if &time[0] == "-1" { "-1" } else { "#" }.to_owned();
    let times = |found: &Captures<'_>| TIME.replace_all(&found[0], timer).into_owned();
    let line = TIMERS.replace(&line, times);
    if line.ends_with('"') {
        BYTES.replace(&line, "$1# ").into_owned()
    } else {
        line.into_owned()
    }
}

pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}
