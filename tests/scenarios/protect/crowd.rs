//! Many requests at once, and an origin that holds each until it is told to answer.

use crate::support::peer::Peer;
use crate::support::topology::Topology;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A proxy with so many workers, and a backend of these lines.
pub(super) fn config(workers: usize, lines: &str) -> String {
    format!(
        "global\n    nbthread {workers}\n    log \"${{log}}\" len 8192 local0\n    \
         stats socket \"fd@${{cli}}\" level admin\n\
         defaults\n    mode http\n    log global\n    timeout connect 6s\n    timeout client 6s\n    \
         timeout server 6s\n    http-reuse always\n\
         frontend fe\n    bind \"fd@${{fe}}\"\n    default_backend be\n    \
         log-format \"%ST %ts %[txn.blocked_by]\"\n\
         backend be\n    {}\n",
        lines.replace('\n', "\n    ")
    )
}

/// Connections to the origin `s`, each with a request that has no answer yet.
pub(super) struct Held {
    peers: Vec<Peer>,
}

impl Held {
    /// Accepts this many connections, each with a request.
    pub(super) fn accept(topology: &Topology, count: usize) -> Self {
        let peers = (0..count).map(|number| {
            let stream = topology.accept("s");
            let stream = stream.unwrap_or_else(|| panic!("no connection {number}"));
            let mut peer = Peer::new(stream);
            peer.head().expect("a request");
            peer
        });
        Self {
            peers: peers.collect(),
        }
    }

    /// Answers each; the connections stay open.
    pub(super) fn answer(&mut self) {
        for peer in &mut self.peers {
            peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
        }
    }

    /// Takes one more request on each connection.
    pub(super) fn take_next(&mut self) {
        for peer in &mut self.peers {
            peer.head().expect("one more request");
        }
    }
}

/// Clients of which each has asked once.
pub(super) fn ask(topology: &Topology, count: usize) -> Vec<Peer> {
    (0..count)
        .map(|_| {
            let mut client = Peer::new(topology.connect("fe"));
            client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
            client
        })
        .collect()
}

/// How many of the clients get each status. All must be answered.
pub(super) fn statuses(clients: &mut [Peer]) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for client in clients {
        let head = client.head().expect("an answer");
        let status = head.start.split(' ').nth(1).unwrap_or_default().to_owned();
        *found.entry(status).or_default() += 1;
    }
    found
}

/// An origin that answers at once, and counts its requests: now, at most at the same time, in all.
#[derive(Clone)]
pub(super) struct Origin {
    counts: Arc<[AtomicUsize; 3]>,
    /// The status of its answers.
    status: Arc<Mutex<&'static str>>,
}

impl Origin {
    /// Serves an origin on threads of its own, with one status for all.
    pub(super) fn start(topology: &Topology, name: &str, status: &'static str) -> Self {
        let origin = Self {
            counts: Arc::default(),
            status: Arc::new(Mutex::new(status)),
        };
        let listener = topology.origin(name);
        let beside = origin.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer_beside(stream, &beside);
            }
        });
        origin
    }

    /// From now on its answers have this status.
    pub(super) fn answer_with(&self, status: &'static str) {
        *self.status.lock().expect("no panic") = status;
    }

    /// Serves what comes next on these connections, and new ones.
    pub(super) fn go_on(held: Held, topology: &Topology) -> Self {
        let origin = Self::start(topology, "s", "200 OK");
        for peer in held.peers {
            answer_beside(peer.into_stream(), &origin);
        }
        origin
    }

    /// The most requests at the same time.
    pub(super) fn peak(&self) -> usize {
        self.counts[1].load(Ordering::SeqCst)
    }

    /// All requests so far.
    pub(super) fn total(&self) -> usize {
        self.counts[2].load(Ordering::SeqCst)
    }
}

fn answer_beside(stream: TcpStream, origin: &Origin) {
    let origin = origin.clone();
    std::thread::spawn(move || answer_all(stream, &origin));
}

fn answer_all(mut stream: TcpStream, origin: &Origin) {
    let [now, peak, total] = &*origin.counts;
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        total.fetch_add(1, Ordering::SeqCst);
        std::thread::yield_now();
        now.fetch_sub(1, Ordering::SeqCst);
        let status = *origin.status.lock().expect("no panic");
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
