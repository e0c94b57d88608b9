//! What limits and breakers cost: a decision where the key is known (at most 100 ns is the aim),
//! one in a million keys, and a finished request.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tidegate::clock::Clock;
use tidegate::protect::metrics::Sample;
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

criterion_group!(benches, rate_limit, inflight_limit, breaker);
criterion_main!(benches);
