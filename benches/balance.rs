//! Choosing a server: `balance roundrobin` and `random`, with and without many servers.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tidegate::backend::{Algorithm, BackendSpec, BackendState, RoundRobin, ServerSpec};

const SIZES: [usize; 3] = [2, 10, 1000];

fn server(index: usize) -> ServerSpec {
    ServerSpec {
        weight: 1 + (index % 4) as u32,
        maxconn: 0,
        backup: false,
        disabled: false,
    }
}

/// The turn alone, without counting anything.
fn turn(c: &mut Criterion) {
    let mut group = c.benchmark_group("round_robin_turn");
    for size in SIZES {
        let mut servers = RoundRobin::new((0..size).map(|index| server(index).weight));
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| black_box(servers.take(None, |_| false)));
        });
    }
    group.finish();
}

/// A choice as a request makes it: the slot taken and given back.
fn choice(c: &mut Criterion) {
    for (name, algorithm) in [
        ("choose_round_robin", Algorithm::RoundRobin),
        ("choose_random", Algorithm::Random(2)),
    ] {
        let mut group = c.benchmark_group(name);
        for size in SIZES {
            let servers = (0..size).map(server).collect();
            let backend = BackendState::new(&BackendSpec { algorithm, servers });
            group.bench_function(BenchmarkId::from_parameter(size), |b| {
                b.iter(|| black_box(backend.choose(None)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, turn, choice);
criterion_main!(benches);
