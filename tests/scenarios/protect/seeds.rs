//! The load runs that the seeds describe, in real time, their numbers beside ours.
//!
//! `TIDEGATE_SEED_SECONDS=200` runs them as long as the seeds did; CI has a few seconds, and numbers
//! in proportion. `cargo test --test scenarios protect::seeds -- --nocapture` prints them.

use super::crowd::config;
use crate::support::peer::Peer;
use crate::support::topology::Topology;
use crate::support::{parameter, tidegate};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread::{self, park_timeout};
use std::time::Duration;
use tidegate::clock::{Clock, Millis};

/// Seconds of a run unless `TIDEGATE_SEED_SECONDS` says otherwise, and of the seeds'.
const SECONDS: u64 = 4;
const SEED_SECONDS: u64 = 200;
/// Requests a second.
const RATE: u64 = 50;

fn length_s() -> u64 {
    parameter("TIDEGATE_SEED_SECONDS", SECONDS)
}

/// How a server behaves: greatest latency in milliseconds, and out of a hundred answers those with
/// 500, and of the others those with 404.
#[derive(Clone, Copy)]
struct Manners {
    latency_ms: u64,
    errors: u64,
    missing: u64,
}

const WELL: Manners = Manners {
    latency_ms: 0,
    errors: 0,
    missing: 0,
};

/// Serves the origin `s`.
fn serve(topology: &Topology, manners: Manners) {
    let listener = topology.origin("s");
    thread::spawn(move || {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for stream in listener.incoming().map_while(Result::ok) {
            let seed = random(&mut state);
            thread::spawn(move || answer(Peer::new(stream), manners, seed | 1));
        }
    });
}

fn answer(mut peer: Peer, manners: Manners, mut state: u64) {
    while peer.head().is_ok() {
        let latency = random(&mut state) % (manners.latency_ms + 1);
        park_timeout(Duration::from_millis(latency));
        let status = match (random(&mut state) % 100, random(&mut state) % 100) {
            (error, _) if error < manners.errors => "500 Broken",
            (_, missing) if missing < manners.missing => "404 Missing",
            _ => "200 OK",
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        peer.send(answer.into_bytes());
    }
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 16
}

/// Statuses and how often each was seen.
type Seen = BTreeMap<u16, u64>;

/// Asks [`RATE`] times a second, whoever is still waiting for an answer.
fn load(topology: &Topology, seconds: u64) -> Seen {
    let (told, answers) = mpsc::channel();
    let clock = Clock::system();
    let begun = clock.now();
    thread::scope(|scope| {
        for number in 0..seconds * RATE {
            wait_until(&clock, begun + number * 1000 / RATE);
            let told = told.clone();
            scope.spawn(move || {
                let _ = told.send(ask(topology));
            });
        }
    });
    drop(told);
    let mut seen = Seen::new();
    for status in answers {
        *seen.entry(status).or_default() += 1;
    }
    seen
}

fn wait_until(clock: &Clock, due: Millis) {
    loop {
        match due.saturating_sub(clock.now()) {
            0 => return,
            left => park_timeout(Duration::from_millis(left)),
        }
    }
}

fn ask(topology: &Topology) -> u16 {
    let mut peer = Peer::new(topology.connect("fe"));
    peer.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    peer.head().expect("an answer").status()
}

/// Runs a load against a backend with these lines and a server with these manners.
fn run(lines: &str, manners: Manners, seconds: u64) -> Seen {
    let lines = format!("{lines}\nserver s ${{s}}");
    let topology = Topology::start(&tidegate(), &config(1, &lines));
    serve(&topology, manners);
    load(&topology, seconds)
}

fn of(seen: &Seen, status: u16) -> u64 {
    seen.get(&status).copied().unwrap_or(0)
}

/// Traefik's guide: 50 requests a second, 10 let through, for 200 seconds; then with a burst of 50.
#[test]
fn items_1_and_3_rate_limit_lets_ten_a_second_through() {
    let seconds = length_s();
    for (burst, of_seed) in [(1, 2000), (50, 2050)] {
        let line = format!("http-request rate-limit average 10 burst {burst}");
        let seen = run(&line, WELL, seconds);
        let passed = of(&seen, 200);
        let expected = 10 * seconds + burst - 1;
        println!(
            "rate-limit 10/s, burst {burst}, {RATE}/s: {passed} of {} in {seconds} s; the seed {of_seed} of 10000 in {SEED_SECONDS} s",
            seconds * RATE
        );
        // A busy machine sends some requests late, into the room of a second more.
        assert!(passed.abs_diff(expected) <= 12, "{passed}, not {expected}");
        assert_eq!(passed + of(&seen, 429), seconds * RATE);
    }
}

/// The guide's limit of ten requests at once, with a server that takes its time for each.
#[test]
fn item_48_inflight_limit_lets_ten_at_once_through() {
    // The seed's server takes a second.
    let latency_ms = (100 * length_s()).min(1000);
    let (served, refused) = at_once("http-request inflight-limit 10", latency_ms, 429);
    println!(
        "inflight-limit 10: {served} of 100 at once are served, {refused} get 429; the seed 10 and 90"
    );
    assert_eq!((served, refused), (10, 90));
}

/// Envoy's example: 100 requests of 10 s at once, ten of which are let through.
#[test]
fn items_103_to_105_circuit_limits_let_ten_at_once_through() {
    let latency_ms = 50 * length_s();
    let limits = "circuit-limits max-pending-requests 0 max-requests 10";
    let (served, refused) = at_once(limits, latency_ms, 503);
    println!(
        "circuit-limits max-requests 10: {served} of 100 requests of {latency_ms} ms are served, {refused} get 503; the seed 10 and 90 of 10 s"
    );
    assert_eq!((served, refused), (10, 90));
    let (served, refused) = at_once("", latency_ms, 503);
    println!("without limits: {served} and {refused}; the seed 100 and 0");
    assert_eq!((served, refused), (100, 0));
}

/// Asks a hundred times at once; how many are served, and how many get `status`. The server answers
/// when all hundred were sent and the others answered.
fn at_once(lines: &str, latency_ms: u64, status: u16) -> (usize, usize) {
    let lines = format!("{lines}\nserver s ${{s}}");
    // The seed's requests last longer than other tests wait.
    let config = config(2, &lines).replace(" 6s", " 60s");
    let topology = Topology::start(&tidegate(), &config);
    let listener = topology.origin("s");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut peer = Peer::new(stream);
                while peer.head().is_ok() {
                    park_timeout(Duration::from_millis(latency_ms));
                    peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
                }
            });
        }
    });
    let mut clients = super::crowd::ask(&topology, 100);
    park_timeout(Duration::from_millis(latency_ms));
    let statuses: Vec<u16> = (clients.iter_mut())
        .map(|client| client.head().expect("an answer").status())
        .collect();
    let count = |wanted| statuses.iter().filter(|&&found| found == wanted).count();
    (count(200), count(status))
}

/// The guide's retries: four attempts, none of which can connect.
#[test]
fn items_57_and_62_four_attempts_and_their_waits() {
    let lines = "retries 3\nretry-backoff 100ms\nconn-failure-status 502\nserver s ${closed}";
    let topology = Topology::start(&tidegate(), &config(1, lines));
    let clock = Clock::system();
    let begun = clock.now();
    let status = ask(&topology);
    let took = clock.now() - begun;
    println!("4 attempts, first wait 100 ms: {status} after {took} ms; the seed 502 after 312 ms");
    assert_eq!(status, 502);
    assert!((192..1200).contains(&took), "{took} ms");
}

/// The guide's flaky server: latencies up to a second, a tenth of its answers 500, a tenth of the others
/// 404. In CI the breaker's times are in proportion to the run's, latencies a tenth of the seed's.
///
/// The median latency lies on the threshold, so when the breaker opens is chance: of all runs one
/// or two in a hundred end before. A few draws in a row show it opening.
#[test]
fn items_94_to_96_a_flaky_server_with_and_without_a_breaker() {
    let seconds = length_s();
    let scale = (SEED_SECONDS / seconds).max(1);
    let slowness = scale.min(10);
    let manners = Manners {
        latency_ms: 999 / slowness,
        errors: 10,
        missing: 10,
    };
    let plain = run("", manners, seconds);
    println!(
        "flaky, no breaker: {}; the seed 8044/935/1021 of 10000 in {SEED_SECONDS} s",
        shares(&plain)
    );
    assert_eq!(of(&plain, 503), 0);
    let window = |ms: u64| (ms / scale).max(10);
    let line = format!(
        "circuit-breaker test expression \"LatencyAtQuantileMS(50.0) > {} || ResponseCodeRatio(400, 600, 0, 600) > 0.5 || NetworkErrorRatio() > 0.50\" \
         check-period {}ms fallback-duration {}ms recovery-duration {}ms window {}ms latency-window {}ms",
        500 / slowness,
        window(10_000),
        window(30_000),
        window(60_000),
        window(10_000),
        window(60_000)
    );
    let broken = (0..5).map(|_| {
        let seen = run(&line, manners, seconds);
        println!(
            "flaky, breaker: {}; the seed 6438 x 503 in one draw (the model 7002 on average), the rest 81/9/10 %",
            shares(&seen)
        );
        assert_eq!(seen.values().sum::<u64>(), seconds * RATE);
        assert!(forwarded(&seen) > 0, "{seen:?}");
        seen
    });
    let broken = { broken }.find(|seen| of(seen, 503) > 0);
    let broken = broken.expect("the breaker opens in one of five runs");
    assert!(of(&plain, 200) * 100 > 60 * forwarded(&plain), "{plain:?}");
    for status in [404, 500] {
        assert!(of(&broken, status) < of(&plain, status), "{broken:?}");
    }
}

/// Requests that a breaker let through.
fn forwarded(seen: &Seen) -> u64 {
    seen.values().sum::<u64>() - of(seen, 503)
}

/// How many requests were refused, and what became of the others.
fn shares(seen: &Seen) -> String {
    let share = |status| 100.0 * of(seen, status) as f64 / forwarded(seen).max(1) as f64;
    format!(
        "{} x 503 of {}, the rest {:.0}/{:.0}/{:.0} % of 200, 404, 500",
        of(seen, 503),
        seen.values().sum::<u64>(),
        share(200),
        share(404),
        share(500)
    )
}
