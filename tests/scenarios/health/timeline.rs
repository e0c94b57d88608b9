//! The seed's example of `observe`, scaled down, in real time: its timeline is printed.
//!
//! Two servers, `observe layer7 error-limit 5 on-error mark-down`, `inter 100ms rise 10 slowstart`:
//! a tenth of the seed's times. One server begins to fail its traffic while its checks pass.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, park_timeout};
use std::time::Duration;
use tidegate::clock::{Clock, Millis};

/// How often the proxy is asked again, and how many times.
const LOOK: Duration = Duration::from_millis(10);
const LOOKS: usize = 800;

/// A line of `show stat`.
pub(super) struct Stat<'t> {
    topology: &'t Topology,
    server: String,
}

impl<'t> Stat<'t> {
    /// That of a server of `be`.
    pub(super) fn of(topology: &'t Topology, server: &str) -> Self {
        let server = server.to_owned();
        Self { topology, server }
    }

    /// The value of a column now.
    pub(super) fn now(&self, column: &str) -> String {
        let mut peer = Peer::new(self.topology.connect("cli"));
        peer.send(b"show stat\n".to_vec());
        peer.shut();
        let table = peer.rest().expect("statistics");
        let table = String::from_utf8_lossy(&table);
        let names = table.lines().next().unwrap_or_default();
        let at = names
            .trim_start_matches("# ")
            .split(',')
            .position(|name| name == column);
        let row = table
            .lines()
            .find(|line| line.starts_with(&format!("be,{},", self.server)));
        let value = row.and_then(|row| row.split(',').nth(at?));
        value.unwrap_or_default().to_owned()
    }

    /// The status once it begins so, or what it was at last.
    pub(super) fn comes_to(&self, expected: &str) -> String {
        for _ in 0..LOOKS {
            let status = self.now("status");
            if status.starts_with(expected) {
                return expected.to_owned();
            }
            park_timeout(LOOK);
        }
        self.now("status")
    }
}

const CONFIG: &str = "global
    nbthread 1
    stats socket \"fd@${cli}\" level admin
defaults
    mode http
    timeout connect 1s
    timeout client 6s
    timeout server 1s
frontend fe
    bind \"fd@${fe}\"
    default_backend be
backend be
    option httpchk HEAD /up
    default-server check observe layer7 error-limit 5 on-error mark-down inter 100ms rise 10 slowstart 2s
    server s1 ${s}
    server s2 ${t}
";

/// Answers checks well and requests as `fails` says; counts requests.
fn serve(topology: &Topology, name: &str, fails: &Arc<AtomicBool>) -> Arc<AtomicUsize> {
    let listener = topology.origin(name);
    let served = Arc::new(AtomicUsize::new(0));
    let (fails, count) = (Arc::clone(fails), Arc::clone(&served));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (fails, count) = (Arc::clone(&fails), Arc::clone(&count));
            thread::spawn(move || {
                let mut peer = Peer::new(stream);
                while let Ok(request) = peer.head() {
                    let is_check = request.start.starts_with("HEAD");
                    if !is_check {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    let status = match !is_check && fails.load(Ordering::SeqCst) {
                        true => "500 Broken",
                        false => "200 OK",
                    };
                    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                    peer.send(answer.into_bytes());
                }
            });
        }
    });
    served
}

#[test]
fn items_118_123_and_124_the_seeds_observe_example_in_real_time() {
    let topology = Topology::start(&tidegate(), CONFIG);
    let fails = Arc::new(AtomicBool::new(false));
    let one = serve(&topology, "s", &fails);
    let other = serve(&topology, "t", &Arc::default());
    let clock = Clock::system();
    let begun = clock.now();
    let stat = Stat::of(&topology, "s1");
    let say = |what: &str, since: Millis| {
        println!("{:>6} ms  {what}", clock.now() - since);
    };
    let mut client = Peer::new(topology.connect("fe"));
    let mut ask = || {
        client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
        client.head().expect("an answer").status()
    };
    // Fully up: a check has passed.
    while stat.now("check_status") != "L7OK" {
        park_timeout(LOOK);
    }
    say("both servers are up", begun);
    (0..10).for_each(|_| assert_eq!(ask(), 200));
    fails.store(true, Ordering::SeqCst);
    let failing = clock.now();
    say("s1 begins to answer 500, its checks still pass", begun);
    let mut errors = 0;
    while stat.now("status").starts_with("UP") {
        errors += usize::from(ask() == 500);
        errors += usize::from(ask() == 500);
    }
    let down = clock.now();
    println!(
        "{:>6} ms  s1 is {} after {errors} errors",
        down - begun,
        stat.now("status")
    );
    assert_eq!((errors, &*stat.now("hanafail")), (5, "1"));
    assert!(
        down - failing < 1000,
        "the next decision, not the next check"
    );
    fails.store(false, Ordering::SeqCst);
    let before = (one.load(Ordering::SeqCst), other.load(Ordering::SeqCst));
    (0..20).for_each(|_| assert_eq!(ask(), 200));
    let after = (one.load(Ordering::SeqCst), other.load(Ordering::SeqCst));
    assert_eq!((after.0 - before.0, after.1 - before.1), (0, 20));
    say("20 requests went to s2", begun);
    assert_eq!(stat.comes_to("UP"), "UP");
    let up = clock.now();
    println!(
        "{:>6} ms  s1 is up again, at {} %",
        up - begun,
        stat.now("throttle")
    );
    // Ten checks at 100 ms, the first within one interval.
    assert!(up - down >= 850, "{} ms", up - down);
    let mut shown = String::new();
    while !stat.now("throttle").is_empty() {
        let throttle = stat.now("throttle");
        if throttle != shown {
            println!("{:>6} ms  s1 at {throttle} %", clock.now() - begun);
            shown = throttle;
        }
        park_timeout(LOOK);
    }
    say("s1 has its whole share", begun);
    assert!(
        clock.now() - up >= 900,
        "slow start takes two seconds, counted in whole ones"
    );
}
