//! Twenty servers that die, hang, slow down and come back under load.
//!
//! Tidegate and, where there is one, HAProxy serve the same servers at the same time, so that both
//! meet the same trouble. `TIDEGATE_CHAOS_SECONDS=60` for longer than CI has. What must hold: our
//! clients see no more errors than HAProxy's, and afterwards every server is what it should be.

use super::timeline::Stat;
use crate::support::peer::Peer;
use crate::support::topology::Topology;
use crate::support::{haproxy, parameter, tidegate};
use rustix::net::{Shutdown, shutdown};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, park_timeout};
use std::time::Duration;

const SERVERS: usize = 20;
/// Clients of each proxy, and their pause between requests.
const CLIENTS: usize = 4;
const PAUSE: Duration = Duration::from_millis(2);
/// Time between two changes for the worse or the better, and most servers in trouble at once.
const STEP: Duration = Duration::from_millis(60);
const MOST_BAD: usize = 8;
/// Seconds unless `TIDEGATE_CHAOS_SECONDS` says otherwise.
const SECONDS: u64 = 4;
/// Of a million requests, so many more errors than HAProxy's are chance.
const CHANCE_PPM: usize = 1500;

/// What a server does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Serving,
    Slow,
    Hung,
    Dead,
}

impl Mood {
    const ALL: [Self; 4] = [Self::Serving, Self::Slow, Self::Hung, Self::Dead];
}

/// A server with a mood.
struct Origin {
    addr: SocketAddr,
    mood: Arc<AtomicU8>,
    listener: Option<TcpListener>,
    /// Its connections, which its death ends.
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Origin {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut origin = Self {
            addr: listener.local_addr().expect("a local address"),
            mood: Arc::default(),
            listener: None,
            streams: Arc::default(),
        };
        origin.listen(listener);
        origin
    }

    fn listen(&mut self, listener: TcpListener) {
        let own = listener.try_clone().expect("a second handle");
        let (mood, streams) = (Arc::clone(&self.mood), Arc::clone(&self.streams));
        thread::spawn(move || {
            for stream in own.incoming().map_while(Result::ok) {
                if let Ok(second) = stream.try_clone() {
                    streams.lock().expect("no panic").push(second);
                }
                let mood = Arc::clone(&mood);
                thread::spawn(move || converse(Peer::new(stream), &mood));
            }
        });
        self.listener = Some(listener);
    }

    fn set(&mut self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
        if mood == Mood::Dead {
            if let Some(listener) = self.listener.take() {
                // Who waits in accept(2) learns of it too.
                let _ = shutdown(&listener, Shutdown::Read);
            }
            for stream in self.streams.lock().expect("no panic").drain(..) {
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
        } else if self.listener.is_none() {
            // The port is free again once the acceptor has let go of it.
            let again = (0..200).find_map(|_| {
                TcpListener::bind(self.addr)
                    .map_err(|_| park_timeout(Duration::from_millis(5)))
                    .ok()
            });
            self.listen(again.expect("the same port"));
        }
    }

    fn is_bad(&self) -> bool {
        self.mood.load(Ordering::SeqCst) >= Mood::Hung as u8
    }
}

/// Answers requests for as long as the mood lets it.
fn converse(mut peer: Peer, mood: &AtomicU8) {
    let now = || Mood::ALL[usize::from(mood.load(Ordering::SeqCst))];
    while peer.head().is_ok() {
        match now() {
            Mood::Serving => {}
            Mood::Slow => park_timeout(Duration::from_millis(20)),
            Mood::Hung => {
                while now() == Mood::Hung {
                    park_timeout(Duration::from_millis(10));
                }
                return;
            }
            Mood::Dead => return,
        }
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
    }
}

/// What the clients of one proxy saw: statuses, 0 for none.
type Seen = BTreeMap<u16, usize>;

/// Asks until told to stop.
fn ask(topology: &Topology, stop: &AtomicBool) -> Seen {
    let mut seen = Seen::new();
    let mut peer = None;
    while !stop.load(Ordering::SeqCst) {
        let client = peer.get_or_insert_with(|| Peer::new(topology.connect("fe")));
        client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
        let status = match client.head() {
            Ok(head) => head.status(),
            Err(_) => 0,
        };
        *seen.entry(status).or_default() += 1;
        if status != 200 {
            peer = None;
        }
        park_timeout(PAUSE);
    }
    seen
}

fn config(origins: &[Origin]) -> String {
    let servers = origins.iter().enumerate();
    let servers: String = servers
        .map(|(number, origin)| format!("    server s{number} {}\n", origin.addr))
        .collect();
    format!(
        "global\n    nbthread 1\n    stats socket \"fd@${{cli}}\" level admin\n\
         defaults\n    mode http\n    timeout connect 300ms\n    timeout client 6s\n    \
         timeout server 300ms\n    timeout check 150ms\n\
         frontend fe\n    bind \"fd@${{fe}}\"\n    default_backend be\n\
         backend be\n    balance roundrobin\n    retries 3\n    option redispatch 1\n    \
         retry-on all-retryable-errors\n    option httpchk\n    \
         default-server check inter 200ms fastinter 100ms downinter 100ms rise 1 fall 2 observe layer7 error-limit 3 on-error mark-down\n{servers}"
    )
}

/// Steps of a generator, the same in every run.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).expect("31 bits")
}

/// Troubles servers for a while; the last few are left dead, all others well.
fn trouble(origins: &mut [Origin], steps: u64) -> usize {
    let mut state = 0x5eed_1234_abcd_0001;
    for _ in 0..steps {
        let bad = origins.iter().filter(|origin| origin.is_bad()).count();
        let origin = &mut origins[random(&mut state) % SERVERS];
        let mood = match random(&mut state) % 6 {
            0 if bad < MOST_BAD => Mood::Hung,
            1 | 2 if bad < MOST_BAD => Mood::Dead,
            3 => Mood::Slow,
            _ => Mood::Serving,
        };
        origin.set(mood);
        park_timeout(STEP);
    }
    let left_dead = SERVERS / 5;
    for (number, origin) in origins.iter_mut().enumerate() {
        origin.set(match number < left_dead {
            true => Mood::Dead,
            false => Mood::Serving,
        });
    }
    left_dead
}

fn errors(seen: &Seen) -> (usize, usize) {
    let all = seen.values().sum();
    (all - seen.get(&200).copied().unwrap_or(0), all)
}

#[test]
fn servers_in_trouble_are_worked_around() {
    let mut origins: Vec<Origin> = (0..SERVERS).map(|_| Origin::start()).collect();
    let config = config(&origins);
    let binaries = [Some(tidegate()), haproxy()];
    let proxies: Vec<Topology> = (binaries.iter().flatten())
        .map(|binary| Topology::start(binary, &config))
        .collect();
    let stop = AtomicBool::new(false);
    let seconds = parameter("TIDEGATE_CHAOS_SECONDS", SECONDS);
    let steps = seconds * 1000 / STEP.as_millis() as u64;
    let (seen, left_dead) = thread::scope(|scope| {
        let clients: Vec<Vec<_>> = (proxies.iter())
            .map(|proxy| {
                let client = || scope.spawn(|| ask(proxy, &stop));
                (0..CLIENTS).map(|_| client()).collect()
            })
            .collect();
        let left_dead = trouble(&mut origins, steps);
        stop.store(true, Ordering::SeqCst);
        let join = |clients: Vec<thread::ScopedJoinHandle<'_, Seen>>| {
            let mut all = Seen::new();
            for client in clients {
                for (status, count) in client.join().expect("a client's count") {
                    *all.entry(status).or_default() += count;
                }
            }
            all
        };
        let seen: Vec<Seen> = clients.into_iter().map(join).collect();
        (seen, left_dead)
    });
    for (name, seen) in ["tidegate", "haproxy"].iter().zip(&seen) {
        let (wrong, all) = errors(seen);
        println!("{seconds} s: {name}: {wrong} of {all} requests failed: {seen:?}");
    }
    let ppm = |seen: &Seen| {
        let (wrong, all) = errors(seen);
        wrong * 1_000_000 / all.max(1)
    };
    let theirs = seen.get(1).map_or(0, ppm);
    let most = theirs + CHANCE_PPM;
    assert!(ppm(&seen[0]) <= most, "more than {most} of a million");
    for (number, origin) in origins.iter().enumerate() {
        let expected = match number < left_dead {
            true => "DOWN",
            false => "UP",
        };
        let stat = Stat::of(&proxies[0], &format!("s{number}"));
        assert_eq!(stat.comes_to(expected), expected, "{}", origin.addr);
    }
}
