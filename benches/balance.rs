//! Choosing a server, with and without many servers.
//!
//! The bar is 100 ns for a choice among 1,000 servers, whatever the algorithm; a verdict on each is printed, and
//! what giving it back takes. Criterion's figures are of both together.

#[path = "support/verdict.rs"]
mod verdict;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tidegate::backend::{
    Algorithm, BackendSpec, BackendState, Choice, RoundRobin, ServerSpec, Wish, hash,
};
use tidegate::clock::Clock;
use tidegate::net::ServerAddr;

const MOST: usize = 1000;
const SIZES: [usize; 3] = [2, 10, MOST];

fn server(index: usize) -> ServerSpec {
    ServerSpec {
        id: index as u32 + 1,
        ring_key: hash::id_key(index as u32 + 1),
        weight: 1 + (index % 4) as u32,
        addr: Some(ServerAddr::Unix("/s".into())),
        ..ServerSpec::default()
    }
}

/// The turn alone, without counting anything.
fn turn(c: &mut Criterion) {
    let mut group = c.benchmark_group("round_robin_turn");
    for size in SIZES {
        let mut servers = RoundRobin::new((0..size).map(|index| 16 * server(index).weight));
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| black_box(servers.take(None, |_| false)));
        });
    }
    group.finish();
}

const ALGORITHMS: [(&str, Algorithm); 6] = [
    ("choose_round_robin", Algorithm::RoundRobin),
    ("choose_random", Algorithm::Random(2)),
    ("choose_static_rr", Algorithm::StaticRr),
    ("choose_leastconn", Algorithm::LeastConn),
    ("choose_map_based", Algorithm::Hash { consistent: false }),
    ("choose_consistent", Algorithm::Hash { consistent: true }),
];

/// Nanoseconds that a choice among the most servers may take.
const MOST_NS: f64 = 100.0;

/// A choice as a request makes it: the slot taken and given back.
fn chooser(algorithm: Algorithm, size: usize) -> impl FnMut() -> Choice {
    let spec = BackendSpec {
        algorithm,
        servers: (0..size).map(server).collect(),
        ..BackendSpec::default()
    };
    let backend = BackendState::new(&spec, &Clock::system());
    let mut key = 0;
    move || {
        key += 1;
        backend.choose(Wish {
            hash: Some(hash::full_avalanche(key)),
            ..Wish::default()
        })
    }
}

fn choice(c: &mut Criterion) {
    for (name, algorithm) in ALGORITHMS {
        let mut group = c.benchmark_group(name);
        for size in SIZES {
            let mut choose = chooser(algorithm, size);
            group.bench_function(BenchmarkId::from_parameter(size), |b| b.iter(&mut choose));
        }
        group.finish();
    }
}

fn verdicts(_: &mut Criterion) {
    for (name, algorithm) in ALGORITHMS {
        let mut choose = chooser(algorithm, MOST);
        let mut taken = Vec::with_capacity(verdict::ALL_CALLS);
        let took = verdict::nanoseconds(|| taken.push(choose()));
        verdict::judge(&format!("{name}/{MOST}"), took, MOST_NS);
        let given_back = verdict::nanoseconds(|| taken.pop());
        println!("  giving it back: {given_back:.0} ns");
    }
}

criterion_group!(benches, turn, choice, verdicts);
criterion_main!(benches);
