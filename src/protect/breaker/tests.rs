//! Breakers on a manual clock: what opens them, recovery, probes and doubled open times.

use super::*;

/// A breaker on a clock of its own.
struct Bench {
    breaker: Arc<Breaker>,
    clock: Clock,
    start: Millis,
}

fn spec(expression: &str) -> BreakerSpec {
    BreakerSpec {
        name: "back/test".into(),
        trigger: Trigger::parse(expression).unwrap(),
        check_period: 1,
        fallback: 10_000,
        fallback_max: None,
        recovery: 10_000,
        min_requests: 0,
        window: 10_000,
        latency_window: 60_000,
        first_byte: false,
        probe_max: None,
        shadow: false,
        server: None,
    }
}

fn sample(status: u16, latency_ms: u64) -> Sample {
    Sample {
        status,
        is_network_error: status == 502 || status == 504,
        latency_us: latency_ms * 1000,
    }
}

impl Bench {
    fn of(spec: BreakerSpec) -> Self {
        let start = 100_000;
        let clock = Clock::manual(start);
        Self {
            breaker: Breaker::new(spec, clock.clone()),
            clock,
            start,
        }
    }

    /// The moment so many milliseconds after the start.
    fn at(&self, time: Millis) -> &Self {
        let now = self.clock.now() - self.start;
        self.clock.advance(time - now);
        self
    }

    fn later(&self, time: Millis) -> &Self {
        self.clock.advance(time);
        self
    }

    fn pass(&self) -> Option<Pass> {
        match self.breaker.admit().0 {
            Admission::Pass(pass) => Some(pass),
            Admission::Refused(_) => None,
        }
    }

    /// A request that ends at once, if it is let through; whether it was.
    fn request(&self, status: u16, latency_ms: u64) -> bool {
        let pass = self.pass();
        let passed = pass.is_some();
        pass.and_then(|pass| pass.complete(sample(status, latency_ms)));
        passed
    }

    /// Samples one after the other, two milliseconds apart.
    fn samples(&self, samples: impl IntoIterator<Item = (u16, u64)>) -> BreakerState {
        for (status, latency) in samples {
            self.later(2).request(status, latency);
        }
        self.breaker.state()
    }

    /// How many of the requests of each second are let through.
    fn load(&self, per_second: u64, seconds: u64) -> Vec<u64> {
        let step = 1000 / per_second;
        (0..seconds)
            .map(|_| {
                let passed = (0..per_second).filter(|_| {
                    let passed = self.request(200, 1);
                    self.later(step);
                    passed
                });
                passed.count() as u64
            })
            .collect()
    }
}

/// `min-requests` samples, of which the first `bad` are as given; the state after the last.
#[track_caller]
fn check(
    expression: &str,
    count: u32,
    bad: u32,
    (good, bad_one): ((u16, u64), (u16, u64)),
    is_open: bool,
) {
    let bench = Bench::of(BreakerSpec {
        min_requests: count,
        ..spec(expression)
    });
    let samples = (0..count).map(|index| if index < bad { bad_one } else { good });
    let expected = match is_open {
        true => BreakerState::Open,
        false => BreakerState::Closed,
    };
    assert_eq!(
        bench.samples(samples),
        expected,
        "{expression}: {bad} of {count}"
    );
}

#[test]
fn items_70_to_72_latency() {
    const MEDIAN_100: &str = "LatencyAtQuantileMS(50.0) > 100";
    check(MEDIAN_100, 20, 20, ((200, 1), (200, 150)), true);
    check(MEDIAN_100, 20, 20, ((200, 1), (200, 100)), false);
    check(MEDIAN_100, 20, 20, ((200, 1), (200, 102)), true);
    const MEDIAN_500: &str = "LatencyAtQuantileMS(50.0) > 500";
    check(MEDIAN_500, 100, 60, ((200, 10), (200, 700)), true);
    check(MEDIAN_500, 100, 40, ((200, 10), (200, 700)), false);
}

#[test]
fn items_73_to_76_ratios() {
    let network = ((200, 1), (502, 1));
    check("NetworkErrorRatio() > 0.30", 100, 31, network, true);
    check("NetworkErrorRatio() > 0.30", 100, 30, network, false);
    check("NetworkErrorRatio() > 0.50", 100, 51, network, true);
    check("NetworkErrorRatio() > 0.50", 100, 50, network, false);
    let errors = ((200, 1), (500, 1));
    check(
        "ResponseCodeRatio(500, 600, 0, 600) > 0.25",
        100,
        26,
        errors,
        true,
    );
    check(
        "ResponseCodeRatio(500, 600, 0, 600) > 0.25",
        100,
        25,
        errors,
        false,
    );
    let missing = ((200, 1), (404, 1));
    check(
        "ResponseCodeRatio(400, 600, 0, 600) > 0.5",
        11,
        6,
        missing,
        true,
    );
    check(
        "ResponseCodeRatio(400, 600, 0, 600) > 0.5",
        11,
        5,
        missing,
        false,
    );
}

#[test]
fn items_79_and_80_conditions_joined() {
    const EITHER: &str = "ResponseCodeRatio(500, 600, 0, 600) > 0.30 || NetworkErrorRatio() > 0.10";
    check(EITHER, 100, 20, ((200, 1), (502, 1)), true);
    check(EITHER, 100, 40, ((200, 1), (500, 1)), true);
    check(EITHER, 100, 10, ((200, 1), (502, 1)), false);
    let both = EITHER.replace("||", "&&");
    check(&both, 100, 40, ((200, 1), (500, 1)), false);
    check(&both, 100, 40, ((200, 1), (502, 1)), true);
}

#[test]
fn item_84_the_trigger_is_looked_at_once_a_period() {
    let bench = Bench::of(BreakerSpec {
        check_period: 10_000,
        ..spec("NetworkErrorRatio() > 0.5")
    });
    bench.request(200, 1);
    for _ in 0..90 {
        bench.later(100).request(502, 1);
    }
    assert_eq!(bench.breaker.state(), BreakerState::Closed);
    for _ in 0..150 {
        bench.later(1).request(200, 1);
    }
    bench.at(10_001).request(200, 1);
    assert_eq!(bench.breaker.state(), BreakerState::Closed);
}

#[test]
fn items_83_and_85_to_87_open_then_recovering() {
    let bench = Bench::of(spec("NetworkErrorRatio() > 0.5"));
    assert!((0..50).all(|_| bench.later(10).request(200, 1)));
    bench.at(11_000).samples((0..10).map(|_| (502, 1)));
    assert_eq!(bench.breaker.state(), BreakerState::Open);
    let opened = bench.clock.now() - bench.breaker.view().since;
    let at = |time: Millis| bench.at(opened - bench.start + time);
    assert!(!at(100).request(200, 1) && !at(9_900).request(200, 1));
    assert_eq!(bench.breaker.state(), BreakerState::Open);
    assert!(!at(10_000).request(200, 1));
    assert_eq!(bench.breaker.state(), BreakerState::Recovering);
}

/// Opens it with one error, and lets the fallback pass.
fn tripped(spec: BreakerSpec) -> Bench {
    let fallback = spec.fallback;
    let bench = Bench::of(spec);
    bench.later(2).request(502, 1);
    assert_eq!(bench.breaker.state(), BreakerState::Open);
    bench.later(fallback);
    bench
}

/// ACCEPTANCE 88, 152: vectors of SEMANTICS 4.4.
#[test]
fn items_88_and_152_the_ramp() {
    let ten = tripped(spec("NetworkErrorRatio() > 0.5")).load(10, 10);
    assert_eq!(ten, [0, 1, 3, 3, 5, 5, 7, 7, 9, 9]);
    let fifty = tripped(spec("NetworkErrorRatio() > 0.5")).load(50, 10);
    assert_eq!(fifty, [2, 7, 13, 17, 23, 27, 33, 37, 43, 47]);
    let bench = tripped(spec("NetworkErrorRatio() > 0.5"));
    assert!(!bench.request(200, 1));
    bench.later(5_000);
    assert_eq!((0..100).filter(|_| bench.request(200, 1)).count(), 25);
}

#[test]
fn item_89_it_opens_again_while_it_recovers() {
    let bench = tripped(spec("NetworkErrorRatio() > 0.5"));
    bench.load(10, 3);
    while !bench.later(10).request(502, 1) {}
    // One error among the clean answers is not enough.
    while bench.breaker.state() == BreakerState::Recovering {
        bench.later(10).request(502, 1);
    }
    let view = bench.breaker.view();
    assert_eq!(
        (view.state, view.left, view.trips),
        (BreakerState::Open, 10_000, 2)
    );
}

#[test]
fn item_90_it_closes_after_the_recovery() {
    let bench = tripped(spec("NetworkErrorRatio() > 0.5"));
    bench.load(10, 10);
    bench.later(1);
    assert!((0..100).all(|_| bench.later(1).request(200, 1)));
    assert_eq!(bench.breaker.state(), BreakerState::Closed);
}

#[test]
fn item_91_thirty_seconds_none_a_minute_some_then_all() {
    let bench = Bench::of(BreakerSpec {
        fallback: 30_000,
        recovery: 60_000,
        ..spec("NetworkErrorRatio() > 0.5")
    });
    bench.later(2).request(502, 1);
    let passed = bench.load(10, 100);
    assert!(passed[..30].iter().all(|count| *count == 0));
    let part: u64 = passed[30..90].iter().sum();
    assert!((280..=320).contains(&part), "{part}");
    assert!(passed[91..].iter().all(|count| *count == 10), "{passed:?}");
}

#[test]
fn item_99_the_first_answer_counts() {
    let bench = Bench::of(spec("NetworkErrorRatio() > 0.5"));
    bench.later(2).request(502, 1);
    assert_eq!(bench.breaker.state(), BreakerState::Open);
    let guarded = Bench::of(spec(
        "NetworkErrorRatio() > 0.5 && RequestThreshold() >= 20",
    ));
    assert_eq!(guarded.samples([(502, 1); 19]), BreakerState::Closed);
    assert_eq!(guarded.samples([(502, 1)]), BreakerState::Open);
}

#[test]
fn item_100_old_errors_are_forgotten_but_not_those_in_flight() {
    let bench = tripped(spec("NetworkErrorRatio() > 0.5"));
    bench.load(10, 10);
    assert_eq!(bench.breaker.view().trips, 1);
    let bench = Bench::of(spec("NetworkErrorRatio() > 0.5"));
    let slow: Vec<Pass> = (0..5).filter_map(|_| bench.pass()).collect();
    bench.later(2).request(502, 1);
    for pass in slow {
        pass.complete(sample(502, 10));
    }
    assert_eq!(bench.breaker.view().samples, 5);
    // Their counters are gone when it recovers, unless the fallback is shorter than the window.
    bench.later(9_000);
    assert_eq!(bench.breaker.view().net_error_ratio, 1.0);
}

#[test]
fn item_101_refusals_are_no_samples() {
    let bench = Bench::of(spec("NetworkErrorRatio() > 0.5"));
    bench.later(2).request(502, 1);
    assert!((0..100).all(|_| !bench.later(1).request(200, 1)));
    let view = bench.breaker.view();
    assert_eq!((view.samples, view.denied), (0, 100));
}

#[test]
fn at_most_so_many_probes() {
    let bench = tripped(BreakerSpec {
        probe_max: Some(3),
        ..spec("NetworkErrorRatio() > 0.5")
    });
    let mut held = Vec::new();
    for _ in 0..1000 {
        bench.later(9);
        held.extend(bench.pass());
        assert!(bench.breaker.view().in_flight <= 3);
    }
    assert_eq!(held.len(), 3);
    held.clear();
    assert_eq!(bench.breaker.view().in_flight, 0);
    assert!((0..20).any(|_| bench.later(1).request(200, 1)));
}

/// Two threads, a hundred thousand lives each, a third of which ends without a completion.
#[test]
fn never_one_probe_too_many() {
    const MOST: u32 = 3;
    let bench = tripped(BreakerSpec {
        recovery: 1_000_000_000,
        probe_max: Some(MOST),
        ..spec("NetworkErrorRatio() > 0.5")
    });
    assert!(bench.pass().is_none());
    bench.later(900_000_000);
    let running = AtomicU32::new(0);
    let live = |seed: u32| {
        let (mut state, mut held, mut passed) = (seed, Vec::new(), 0);
        for _ in 0..100_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if state & 0x100 == 0 {
                if let Some(pass) = held.pop() {
                    let pass: Pass = pass;
                    running.fetch_sub(1, Ordering::SeqCst);
                    if state & 0x600 != 0 {
                        pass.complete(sample(200, 1));
                    }
                }
            } else if let Some(pass) = bench.pass() {
                assert!(running.fetch_add(1, Ordering::SeqCst) < MOST);
                passed += 1;
                held.push(pass);
            }
        }
        running.fetch_sub(held.len() as u32, Ordering::SeqCst);
        passed
    };
    let passed: u32 = std::thread::scope(|scope| {
        let threads = [scope.spawn(|| live(1)), scope.spawn(|| live(2))];
        threads.map(|thread| thread.join().unwrap()).iter().sum()
    });
    let view = bench.breaker.view();
    assert_eq!((view.in_flight, view.state), (0, BreakerState::Recovering));
    assert!(passed > 1000, "{passed}");
}

#[test]
fn the_fallback_doubles_up_to_its_most() {
    let bench = tripped(BreakerSpec {
        fallback_max: Some(30_000),
        ..spec("NetworkErrorRatio() > 0.5")
    });
    for expected in [20_000, 30_000, 30_000] {
        while bench.breaker.view().left == 0 || bench.breaker.state() == BreakerState::Recovering {
            bench.later(10).request(502, 1);
        }
        assert_eq!(bench.breaker.view().left, expected);
        bench.later(expected);
    }
    bench.load(10, 11);
    bench.later(2).samples([(502, 1); 300]);
    assert_eq!(bench.breaker.view().spec.fallback, 10_000);
    assert!(bench.breaker.view().left <= 10_000, "closed in between");
}

#[test]
fn by_hand() {
    let bench = Bench::of(spec("NetworkErrorRatio() > 0.5"));
    let set = |mode| bench.breaker.set_mode(mode).map(|news| news.to_string());
    let told = set(BreakerMode::Open);
    assert_eq!(
        told.as_deref(),
        Some("Circuit breaker back/test is OPEN (by hand).")
    );
    assert!(!bench.later(100_000).request(200, 1));
    assert_eq!(bench.breaker.state(), BreakerState::Open);
    assert_eq!(set(BreakerMode::Auto), None);
    assert_eq!(bench.breaker.state(), BreakerState::Recovering);
    let told = set(BreakerMode::Close);
    assert_eq!(
        told.as_deref(),
        Some("Circuit breaker back/test is CLOSED.")
    );
    assert!((0..100).all(|_| bench.later(2).request(502, 1)));
    set(BreakerMode::Auto);
    assert_eq!(bench.samples([(502, 1)]), BreakerState::Open);
}

#[test]
fn changes_are_told() {
    let bench = Bench::of(BreakerSpec {
        fallback: 1_500,
        recovery: 60_000,
        ..spec("ResponseCodeRatio(500, 600, 0, 600) > 0.5 || LatencyAtQuantileMS(50.0) > 500")
    });
    let complete = |status, latency| {
        let pass = bench.later(2).pass().unwrap();
        pass.complete(sample(status, latency))
            .map(|news| news.to_string())
    };
    assert_eq!(complete(200, 1), None);
    assert_eq!(complete(200, 1), None);
    assert_eq!(complete(200, 600), None);
    assert_eq!(complete(200, 600), None);
    let told = complete(200, 600).unwrap();
    assert_eq!(
        told,
        "Circuit breaker back/test is OPEN for 1500ms (LatencyAtQuantileMS(50.0)=602)."
    );
    let news = |bench: &Bench| bench.breaker.admit().1.map(|news| news.to_string());
    assert_eq!(news(&bench), None);
    let told = news(bench.later(1_500)).unwrap();
    assert_eq!(told, "Circuit breaker back/test is RECOVERING for 1m.");
    let told = news(bench.later(60_001)).unwrap();
    assert_eq!(told, "Circuit breaker back/test is CLOSED.");
}

mod flaky;
mod model;
