//! The seed's flaky server behind its breaker, in virtual time: latencies up to a second, a tenth of the
//! answers 500, a tenth of the others 404, 50 requests a second for 200 seconds.
//!
//! The median latency lies on the threshold, so one run says little: runs differ by their dice.

use super::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const REQUESTS: u64 = 10_000;
/// Milliseconds between two of them.
const STEP: Millis = 20;
const RUNS: u64 = 20;

/// What became of the requests of a run.
#[derive(Default)]
struct Run {
    ok: u64,
    missing: u64,
    broken: u64,
    refused: u64,
    /// When the first was refused.
    opened: Option<Millis>,
}

impl Run {
    fn forwarded(&self) -> u64 {
        self.ok + self.missing + self.broken
    }
}

/// A number below `sides` (splitmix64).
fn roll(dice: &mut u64, sides: u64) -> u64 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*dice ^ (*dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % sides
}

/// The seed's line, or a breaker that never opens.
fn of_seed(has_breaker: bool) -> BreakerSpec {
    let expression = match has_breaker {
        true => {
            "LatencyAtQuantileMS(50.0) > 500 || ResponseCodeRatio(400, 600, 0, 600) > 0.5 || NetworkErrorRatio() > 0.50"
        }
        false => "NetworkErrorRatio() > 1.0",
    };
    BreakerSpec {
        check_period: 10_000,
        fallback: 30_000,
        recovery: 60_000,
        ..spec(expression)
    }
}

fn run(spec: BreakerSpec, latencies_ms: u64, seed: u64) -> Run {
    let bench = Bench::of(spec);
    let mut dice = seed;
    let mut run = Run::default();
    let mut ends = BinaryHeap::new();
    let mut passes = Vec::new();
    for number in 0..REQUESTS {
        let now = number * STEP;
        end_until(now, &bench, &mut ends, &mut passes);
        bench.at(now);
        let Some(pass) = bench.pass() else {
            run.refused += 1;
            run.opened.get_or_insert(now);
            continue;
        };
        let status = match (roll(&mut dice, 10), roll(&mut dice, 10)) {
            (0, _) => 500,
            (_, 0) => 404,
            _ => 200,
        };
        match status {
            500 => run.broken += 1,
            404 => run.missing += 1,
            _ => run.ok += 1,
        }
        let latency = roll(&mut dice, latencies_ms);
        ends.push(Reverse((now + latency, passes.len())));
        passes.push(Some((pass, sample(status, latency))));
    }
    run
}

/// When requests end, and which.
type Ends = BinaryHeap<Reverse<(Millis, usize)>>;

/// Ends those whose time has come.
fn end_until(now: Millis, bench: &Bench, ends: &mut Ends, passes: &mut [Option<(Pass, Sample)>]) {
    while let Some(Reverse((at, number))) = ends.peek().copied().filter(|end| end.0.0 <= now) {
        ends.pop();
        bench.at(at);
        let (pass, sample) = passes[number].take().expect("it ends once");
        pass.complete(sample);
    }
}

#[test]
fn items_94_to_96_the_seeds_flaky_server() {
    let per_mille = |part: u64, run: &Run| part * 1000 / run.forwarded();
    let plain: Vec<Run> = (0..RUNS).map(|n| run(of_seed(false), 1000, n)).collect();
    let guarded: Vec<Run> = (0..RUNS).map(|n| run(of_seed(true), 1000, n)).collect();
    for (plain, guarded) in plain.iter().zip(&guarded) {
        assert_eq!((plain.refused, plain.forwarded()), (0, REQUESTS));
        for (seen, expected) in [(plain.ok, 8100), (plain.missing, 900), (plain.broken, 1000)] {
            assert!(seen.abs_diff(expected) <= 150, "{seen}, not {expected}");
        }
        assert_eq!(guarded.refused + guarded.forwarded(), REQUESTS);
        for (part, expected) in [
            (guarded.ok, 810),
            (guarded.missing, 90),
            (guarded.broken, 100),
        ] {
            let seen = per_mille(part, guarded);
            assert!(seen.abs_diff(expected) <= 60, "{seen}, not {expected}");
        }
    }
    let tripped = guarded.iter().filter(|run| run.refused > 0);
    assert!(tripped.clone().count() >= 18, "{}", tripped.count());
    let refused = guarded.iter().map(|run| run.refused).sum::<u64>() / RUNS;
    assert!((5500..=8500).contains(&refused), "{refused} on average");
    let errors = |runs: &[Run]| -> u64 { runs.iter().map(|run| run.missing + run.broken).sum() };
    assert!(errors(&guarded) < errors(&plain));
}

#[test]
fn item_97_a_slower_server_opens_it_soon() {
    for seed in 0..RUNS {
        let opened = run(of_seed(true), 1100, seed).opened;
        assert!(opened.is_some_and(|at| at <= 31_000), "{opened:?}");
    }
}
