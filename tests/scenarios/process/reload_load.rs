//! Reloads under steady load: nobody is refused or cut off, and what was counted stays counted.
//!
//! A few reloads unless `TIDEGATE_RELOADS` says how many; the figures are printed
//! (`--nocapture`).

use crate::support::tidegate;
use crate::support::topology::Topology;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tidegate::clock::Clock;

/// After so many reloads there has been an old configuration beside a new one, and memory for both.
const FIRST: usize = 5;
/// Keep-alive connections with a request each at any time.
const CLIENTS: usize = 8;
/// Requests of each client before, and at least as many between, reloads.
const WARM_UP: usize = 500;

const REQUEST: &[u8] = b"GET /work HTTP/1.1\r\nHost: example.com\r\nUser-Agent: load\r\n\r\n";

/// 2,000 lines, of which all traffic passes some.
fn config() -> String {
    let mut text = String::from(
        "global
    nbthread 2
    log \"${log}\" local0 notice
    stats socket \"fd@${cli}\" level admin
defaults
    mode http
    log global
    timeout connect 6s
    timeout client 6s
    timeout server 6s
frontend fe
    bind \"fd@${fe}\"
    stick-table type string size 1k expire 1h store http_req_cnt
    http-request track-sc0 hdr(host)
    http-request return status 200 hdr x-count %[sc_http_req_cnt(0)] if { path /count }
    acl blocked src 192.0.2.0/24
    http-request deny if blocked
",
    );
    for n in 0..250 {
        let _ = writeln!(text, "    use_backend b{n} if {{ hdr(host) host{n}.test }}");
    }
    text.push_str("    default_backend be\nbackend be\n    server s ${s}\n");
    for n in 0..250 {
        let _ = write!(
            text,
            "backend b{n}\n    balance roundrobin\n    http-request set-header x-n {n}\n    \
             http-response set-header x-n {n}\n    server a ${{s}} weight 2\n    server b ${{s}}\n"
        );
    }
    text
}

/// What a client saw.
#[derive(Default)]
struct Seen {
    /// How long each request took, microseconds.
    times_us: Vec<u64>,
    /// Connections that ended as announced.
    closes: usize,
}

/// Asks until told to stop.
fn ask(topology: &Topology, clock: &Clock, stop: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        let mut stream = topology.connect("fe");
        stream.set_nodelay(true).expect("an option");
        loop {
            let begun = clock.now_us();
            stream.write_all(REQUEST).expect("a connection that lasts");
            let head = response(&mut stream);
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
            seen.times_us.push(clock.now_us() - begun);
            if head.contains("connection: close") {
                seen.closes += 1;
                break;
            }
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
    }
    seen
}

/// One response of the origin, which has the body `ok`, or one without a body.
fn response(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            if body.len()
                >= if head.contains("content-length: 2") {
                    2
                } else {
                    0
                }
            {
                return text.into_owned();
            }
        }
        let len = stream.read(&mut piece).expect("no reset");
        assert!(len > 0, "closed within a response: {text}");
        bytes.extend_from_slice(&piece[..len]);
    }
}

/// Answers every request of every connection.
fn serve(topology: &Topology, stop: &AtomicBool) {
    thread::scope(|scope| {
        while let Some(mut stream) = topology.accept("s") {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            scope.spawn(move || {
                let mut buffer = [0; 4096];
                // Requests are smaller than a segment and never pipelined.
                while stream.read(&mut buffer).is_ok_and(|len| len > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                    if stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// What the stats socket answers.
fn command(topology: &Topology, command: &str) -> String {
    let mut stream = topology.connect("cli");
    stream
        .write_all(format!("{command}\n").as_bytes())
        .expect("a command");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn resident_kb(topology: &Topology) -> u64 {
    let status = format!("/proc/{}/status", topology.process.id());
    let status = std::fs::read_to_string(status).expect("the process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.expect("a size").parse().expect("a number")
}

fn p99_us(times: &mut [u64]) -> u64 {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Lets clients ask while `meanwhile` happens.
fn load(topology: &Topology, meanwhile: impl FnOnce()) -> Seen {
    let (clock, stop) = (Clock::system(), AtomicBool::new(false));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| ask(topology, &clock, &stop)))
            .collect();
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for client in clients {
            let seen = client.join().expect("a client that saw nothing wrong");
            all.times_us.extend(seen.times_us);
            all.closes += seen.closes;
        }
        all
    })
}

/// Asks a number of times on one connection; what a pause would be for.
fn some_requests(topology: &Topology) {
    let mut stream = topology.connect("fe");
    for _ in 0..WARM_UP {
        stream.write_all(REQUEST).expect("a connection that lasts");
        response(&mut stream);
    }
}

#[test]
fn nobody_notices_a_reload() {
    let reloads = std::env::var_os("TIDEGATE_RELOADS");
    let reloads = reloads.and_then(|n| n.to_str()?.parse().ok()).unwrap_or(10);
    let topology = Topology::start(&tidegate(), &config());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| serve(&topology, &stop));
        let mut before = load(&topology, || some_requests(&topology));
        let mut resident_first = 0;
        let mut during = load(&topology, || {
            for generation in 2..reloads + 2 {
                let answer = command(&topology, "reload");
                let expected = format!("Success=1\n--\nconfiguration {generation} is in force");
                assert!(answer.starts_with(&expected), "{answer}");
                if generation == 2 + FIRST {
                    resident_first = resident_kb(&topology);
                }
            }
        });
        let resident = resident_kb(&topology);
        let mut last = topology.connect("fe");
        last.write_all(b"GET /count HTTP/1.1\r\nHost: example.com\r\n\r\n")
            .expect("a request");
        let count = response(&mut last);
        let asked = before.times_us.len() + during.times_us.len() + WARM_UP + 1;
        assert!(
            count.contains(&format!("x-count: {asked}\r\n")),
            "{asked}: {count}"
        );
        println!(
            "{reloads} reloads, {} requests during them, 0 failed, {} connections ended; \
             p99 {} us before, {} us during; \
             resident {resident_first} kB after {FIRST}, {resident} kB after all",
            during.times_us.len(),
            during.closes,
            p99_us(&mut before.times_us),
            p99_us(&mut during.times_us),
        );
        stop.store(true, Ordering::Relaxed);
        // Wakes the origin.
        drop(TcpStream::connect(("127.0.0.1", topology.port("s"))));
        topology.process.signal(rustix::process::Signal::INT);
    });
}
