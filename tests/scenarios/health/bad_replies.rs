//! Replies to checks that never end, are huge, drip, stop early or are garbage: each comes to its
//! documented code, in time, and takes no memory to speak of.

use crate::support::tidegate;
use crate::support::topology::Topology;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::{self, park_timeout};
use std::time::Duration;

/// Time between two bytes of a reply that drips.
const DRIP: Duration = Duration::from_millis(40);

/// Most memory of a proxy that checks; what an endless reply sends in the time of a check is more.
const MOST_KB: u64 = 100_000;

/// What a server does once it was asked something.
#[derive(Clone, Copy, Debug)]
enum Reply {
    /// Nothing; the connection stays.
    Silence,
    /// Closes.
    Nothing,
    /// This, then closes.
    Bytes(&'static [u8]),
    /// This over and over.
    Endless(&'static [u8]),
    /// This, a byte at a time, over and over.
    Drip(&'static [u8]),
}

impl Reply {
    fn send(self, mut stream: TcpStream) {
        let mut asked = [0; 1024];
        // Some protocols let the server speak first.
        let _ = stream.set_read_timeout(Some(Duration::from_millis(20)));
        let _ = stream.read(&mut asked);
        let _ = stream.set_read_timeout(None);
        match self {
            Self::Silence => drop(stream.read_to_end(&mut Vec::new())),
            Self::Nothing => {}
            Self::Bytes(bytes) => drop(stream.write_all(bytes)),
            Self::Endless(bytes) => {
                let many = bytes.repeat(1 + 65_536 / bytes.len());
                while stream.write_all(&many).is_ok() {}
            }
            Self::Drip(bytes) => {
                for byte in bytes.iter().cycle() {
                    if stream.write_all(&[*byte]).is_err() {
                        return;
                    }
                    park_timeout(DRIP);
                }
            }
        }
    }
}

/// What the first check with these lines says of a server that replies so.
fn said(lines: &str, reply: Reply) -> String {
    let config = format!(
        "global\n    nbthread 1\n    log \"${{log}}\" local0\n\
         defaults\n    mode http\n    log global\n    timeout connect 6s\n    timeout client 6s\n    \
         timeout server 6s\n    option log-health-checks\n\
         frontend fe\n    bind \"fd@${{fe}}\"\n    default_backend be\n\
         backend be\n    {lines}\n    server s ${{s}} check inter 300ms rise 1\n"
    );
    let topology = Topology::start(&tidegate(), &config);
    let listener = topology.origin("s");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || reply.send(stream));
        }
    });
    let event = topology.log.event().expect("a line about the check");
    let held = topology.process.vitals().resident_kb;
    assert!(held < MOST_KB, "{lines}, {reply:?}: {held} kB");
    let text = event.split("reason: ").nth(1).unwrap_or(&event);
    let end = text.find(", check duration").unwrap_or(text.len());
    text[..end].to_owned()
}

#[track_caller]
fn check(lines: &str, reply: Reply, expected: &str) {
    assert_eq!(said(lines, reply), expected, "{lines}, {reply:?}");
}

/// The options with whatever they need, and what silence comes to for them.
const KINDS: [&str; 9] = [
    "option httpchk",
    "option tcp-check\n    tcp-check expect string PONG",
    "option redis-check",
    "option mysql-check",
    "option pgsql-check user joe",
    "option ldap-check",
    "option smtpchk",
    "option spop-check",
    "option ssl-hello-chk",
];

#[test]
fn silence_ends_in_time() {
    for kind in KINDS {
        let found = said(kind, Reply::Silence);
        let expected = match kind {
            "option ssl-hello-chk" => "Layer6 timeout",
            _ => "Layer7 timeout",
        };
        assert!(found.starts_with(expected), "{kind}: {found}");
    }
}

#[test]
fn what_never_ends_is_read_no_further() {
    for kind in KINDS {
        for reply in [
            Reply::Endless(b"x"),
            Reply::Endless(b"220 \r\n"),
            Reply::Endless(b"\0"),
        ] {
            let found = said(kind, reply);
            let is_failure = found.starts_with("Layer7") || found.starts_with("Layer6");
            let passed = found.contains("check passed");
            assert!(is_failure && !passed, "{kind}, {reply:?}: {found}");
        }
    }
}

#[test]
fn what_drips_ends_in_time() {
    let drip = |kind, bytes, expected| check(kind, Reply::Drip(bytes), expected);
    drip(
        "option httpchk",
        b"HTTP/1.1 200 OK\r\nx: y\r\n",
        "Layer7 timeout",
    );
    drip("option redis-check", b"+PO", "Layer7 timeout");
    drip(
        "option ldap-check",
        b"0\x84\0\0\x10\0\x02\x01\x01",
        "Layer7 timeout",
    );
    drip(
        "option spop-check",
        b"\0\0\x20\0\x65\0\0\0\x01\0\0",
        "Layer7 timeout",
    );
}

#[test]
fn what_stops_early_or_is_garbage_has_its_code() {
    check("option httpchk", Reply::Nothing, "Socket error");
    check(
        "option httpchk",
        Reply::Bytes(b"HTTP/1.1 200 OK\r\nx"),
        "Layer7 invalid response",
    );
    check(
        "option httpchk",
        Reply::Bytes(b"SSH-2.0-OpenSSH\r\n"),
        "Layer7 invalid response",
    );
    check(
        "option tcp-check\n    tcp-check expect string PONG",
        Reply::Bytes(b"PO"),
        "Layer7 invalid response, info: \"TCPCHK did not match content 'PONG' at step 1\"",
    );
    check(
        "option redis-check",
        Reply::Bytes(b"-ERR no\r\n"),
        "Layer7 wrong status, code: 0, info: \"-ERR no\"",
    );
    check(
        "option mysql-check",
        Reply::Bytes(b"\xff\xff"),
        "Layer7 invalid response",
    );
    check(
        "option ldap-check",
        Reply::Bytes(b"0\x84\xff\xff\xff\xff\x02\x01\x01"),
        "Layer7 invalid response",
    );
    check(
        "option spop-check",
        Reply::Bytes(b"\xff\xff\xff\xff\x65\0\0\0\x01\0\0"),
        "Layer7 invalid response, info: \"invalid frame received\"",
    );
}

/// Agents say nothing about health by nonsense, however much of it.
#[test]
fn agents_that_talk_nonsense_change_nothing() {
    let config = "global\n    nbthread 1\n    stats socket \"fd@${cli}\" level admin\n\
         defaults\n    mode http\n    timeout connect 6s\n    timeout client 6s\n    timeout server 6s\n\
         frontend fe\n    bind \"fd@${fe}\"\n    default_backend be\n\
         backend be\n    server s ${t} agent-check agent-addr 127.0.0.1 agent-port ${s_port} agent-inter 50ms\n";
    let replies = [
        Reply::Nothing,
        Reply::Bytes(b"\xff\xfe\n"),
        Reply::Bytes(b"down"),
        Reply::Endless(b"down "),
        Reply::Drip(b"down "),
    ];
    for reply in replies {
        let topology = Topology::start(&tidegate(), config);
        let listener = topology.origin("s");
        let (told, asked) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let told = told.clone();
                thread::spawn(move || {
                    reply.send(stream);
                    let _ = told.send(());
                });
            }
        });
        let limit = Duration::from_secs(8);
        (0..4).for_each(|_| asked.recv_timeout(limit).expect("another question"));
        let stat = super::timeline::Stat::of(&topology, "s");
        assert_eq!(stat.now("status"), "no check", "{reply:?}");
        assert!(topology.process.vitals().resident_kb < MOST_KB);
    }
}
