//! What limits, breakers and outlier detection cost: a decision where the key is known (at most
//! 100 ns is the aim), one in a million keys, and a finished request.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tidegate::clock::Clock;
use tidegate::protect::circuit_limits::{CircuitLimits, LimitsSpec, Places};
use tidegate::protect::metrics::Sample;
use tidegate::protect::outlier::{Outcome, Outlier, OutlierSpec, Rotation, SuccessRate};
use tidegate::protect::trigger::Trigger;
use tidegate::protect::{
    Admission, Breaker, BreakerSpec, InflightLimit, InflightSpec, RateLimit, RateSpec,
};

fn rate_spec(size: u32) -> RateSpec {
    RateSpec {
        name: "web#1".into(),
        average: 1_000_000_000,
        period: 1000,
        burst: 1,
        max_delay: None,
        size,
        key: "src".to_owned(),
        by_address: true,
        shadow: false,
    }
}

/// Resident memory of this process in bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_u64) * 4096
}

fn rate_limit(c: &mut Criterion) {
    let limit = RateLimit::new(rate_spec(65_536), Clock::system());
    let key = [192, 0, 2, 1];
    limit.take(&key);
    c.bench_function("rate_limit/known_key", |b| {
        b.iter(|| limit.take(black_box(&key)));
    });
    let before = resident();
    let slow = RateSpec {
        average: 1,
        period: 3_600_000,
        ..rate_spec(1 << 20)
    };
    let large = RateLimit::new(slow, Clock::system());
    for source in 0..1_000_000_u32 {
        large.take(&source.to_be_bytes());
    }
    let each = (resident() - before) / 1_000_000;
    println!("rate_limit: {each} bytes for each of a million keys");
    let mut source = 0_u32;
    c.bench_function("rate_limit/one_of_a_million", |b| {
        b.iter(|| {
            source = source.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            large.take(&(source % 1_000_000).to_be_bytes())
        });
    });
}

fn inflight_limit(c: &mut Criterion) {
    let spec = InflightSpec {
        name: "web#1".into(),
        most: 10,
        size: 65_536,
        key: "req.hdr(host),lower".to_owned(),
        by_address: false,
        shadow: false,
    };
    let limit = InflightLimit::new(spec);
    c.bench_function("inflight_limit/take_and_give_back", |b| {
        b.iter(|| limit.take(black_box(b"www.example.com")));
    });
}

fn breaker(c: &mut Criterion) {
    let spec = BreakerSpec {
        name: "back/test".into(),
        trigger: Trigger::parse(
            "LatencyAtQuantileMS(50.0) > 500 || ResponseCodeRatio(400, 600, 0, 600) > 0.5",
        )
        .expect("it is one"),
        check_period: 100,
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
    };
    let breaker = Breaker::new(spec, Clock::system());
    c.bench_function("breaker/admit_when_closed", |b| {
        b.iter(|| breaker.admit());
    });
    let sample = Sample {
        status: 200,
        is_network_error: false,
        latency_us: 12_345,
    };
    c.bench_function("breaker/complete", |b| {
        b.iter_batched(
            || match breaker.admit().0 {
                Admission::Pass(pass) => Some(pass),
                Admission::Refused(_) => None,
            },
            |pass| pass.and_then(|pass| pass.complete(black_box(sample))),
            BatchSize::SmallInput,
        );
    });
}

/// A request that enters and leaves, and one that is refused.
fn circuit_limits(c: &mut Criterion) {
    let limits = |requests| {
        let spec = LimitsSpec {
            requests,
            pending: 0,
            ..LimitsSpec::default()
        };
        CircuitLimits::new(spec, Places::new(None, 1))
    };
    let open = limits(1024);
    c.bench_function("circuit_limits/enter_and_leave", |b| {
        b.iter(|| black_box(open.enter()));
    });
    let full = limits(0);
    c.bench_function("circuit_limits/refuse", |b| {
        b.iter(|| black_box((full.enter(), full.wait())));
    });
}

/// Nobody takes the place of anybody.
struct Still;

impl Rotation for Still {
    fn has_other(&self, _: usize) -> bool {
        true
    }

    fn set_ejected(&self, _: usize, _: bool) {}
}

/// A good answer among good ones, with every detector active.
fn outlier(c: &mut Criterion) {
    let spec = OutlierSpec {
        consecutive_5xx: Some(5),
        consecutive_gateway: Some(5),
        success_rate: Some(SuccessRate::default()),
        ..OutlierSpec::default()
    };
    let outlier = Outlier::new(spec, 10, 0);
    c.bench_function("outlier/record", |b| {
        b.iter(|| outlier.record(black_box(3), Outcome::Answered(200), 0, &Still));
    });
}

criterion_group!(
    benches,
    rate_limit,
    inflight_limit,
    breaker,
    circuit_limits,
    outlier
);
criterion_main!(benches);
