//! The queue of a server that all workers share: who is next, and how soon.
//!
//! `cargo test --release --test scenarios connections_queue -- --nocapture` prints the time from the end
//! of an answer to the next request, HAProxy's too where there is one; `TIDEGATE_QUEUED_REQUESTS` says how many
//! are measured. Only a release build is held to a bound.

use crate::support::peer::Peer;
use crate::support::script::play;
use crate::support::topology::Topology;
use crate::support::{haproxy, parameter, tidegate};
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use tidegate::clock::Clock;

/// Clients that always want something: all but one of them wait.
const CLIENTS: u64 = 16;

/// Microseconds within which half of those who wait must be on their way once they may.
const MOST_US: u64 = 1000;

const CONFIG: &str = "global
    nbthread 2
    stats socket \"fd@${cli}\" level admin
defaults
    mode http
    timeout connect 6s
    timeout client 6s
    timeout server 6s
    timeout queue 6s
frontend fe
    bind \"fd@${fe}\"
    http-request set-priority-class req.hdr(class)
    default_backend be
backend be
    server s ${s} maxconn 1
";

#[test]
fn classes_and_arrival_decide_across_workers() {
    const CLASSES: [i32; 12] = [0, 3, 0, -2, 0, 3, -2, 7, 0, -2, 3, 0];
    let mut script =
        String::from("c> GET /first HTTP/1.1|host: a||\ns^ GET /first HTTP/1.1|host: a||\n");
    for (n, class) in CLASSES.iter().enumerate() {
        let _ = write!(
            script,
            "c{n}> GET /{n} HTTP/1.1|host: a|class: {class}||\nstat be/BACKEND qcur={}\n",
            n + 1
        );
    }
    let mut order: Vec<usize> = (0..CLASSES.len()).collect();
    order.sort_by_key(|&n| (CLASSES[n], n));
    let answer = "> HTTP/1.1 204 No Content|connection: close||\n";
    let _ = write!(script, "s{answer}");
    for (served, n) in (2..).zip(order) {
        let class = CLASSES[n];
        let _ = write!(
            script,
            "s{served}< GET /{n} HTTP/1.1|host: a|class: {class}||\ns{served}{answer}"
        );
    }
    let mut topology = Topology::start(&tidegate(), CONFIG);
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
}

/// Answers on one connection. `ended` is when the answer before was sent, on whichever connection; `told`
/// hears how long the next request took from then.
fn serve(mut peer: Peer, clock: &Clock, ended: &AtomicU64, told: &mpsc::Sender<u64>) {
    while peer.head().is_ok() {
        let since = ended.swap(0, Ordering::SeqCst);
        if since > 0 {
            // Nobody listens at the end.
            let _ = told.send(clock.now_us() - since);
        }
        ended.store(clock.now_us(), Ordering::SeqCst);
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
    }
}

/// Microseconds from an answer to the next request: half of them, and all but a hundredth, take no longer.
fn measure(binary: &Path, requests: u64) -> (u64, u64) {
    let topology = Topology::start(binary, CONFIG);
    let (clock, ended) = (Clock::system(), Arc::new(AtomicU64::new(0)));
    let (told, gaps) = mpsc::channel();
    let origin = topology.origin("s");
    thread::spawn(move || {
        for stream in origin.incoming().map_while(Result::ok) {
            let (clock, ended, told) = (clock.clone(), Arc::clone(&ended), told.clone());
            thread::spawn(move || serve(Peer::new(stream), &clock, &ended, &told));
        }
    });
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut peer = Peer::new(topology.connect("fe"));
                for _ in 0..requests / CLIENTS {
                    peer.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
                    assert_eq!(peer.head().expect("an answer").status(), 200);
                }
            });
        }
    });
    let mut gaps: Vec<u64> = gaps.try_iter().collect();
    gaps.sort_unstable();
    let at = |percent| gaps[gaps.len() * percent / 100];
    (at(50), at(99))
}

#[test]
fn the_next_one_leaves_within_a_millisecond() {
    let requests = parameter("TIDEGATE_QUEUED_REQUESTS", 2000);
    let (half, most) = measure(&tidegate(), requests);
    let theirs = haproxy().map(|binary| measure(&binary, requests));
    let theirs = theirs.map_or(String::new(), |(half, most)| {
        format!("; HAProxy: {half} us, {most} us")
    });
    println!(
        "figure: queued request leaves after a slot became free, with two workers: median {half} us, 99 % {most} us{theirs}"
    );
    assert!(cfg!(debug_assertions) || half <= MOST_US, "{half} us");
}
