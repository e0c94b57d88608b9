//! Choosing a server, with and without many servers.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tidegate::backend::{Algorithm, BackendSpec, BackendState, RoundRobin, ServerSpec, Wish, hash};
use tidegate::clock::Clock;
use tidegate::net::ServerAddr;

const SIZES: [usize; 3] = [2, 10, 1000];

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

/// A choice as a request makes it: the slot taken and given back.
fn choice(c: &mut Criterion) {
    for (name, algorithm) in [
        ("choose_round_robin", Algorithm::RoundRobin),
        ("choose_random", Algorithm::Random(2)),
        ("choose_static_rr", Algorithm::StaticRr),
        ("choose_leastconn", Algorithm::LeastConn),
        ("choose_map_based", Algorithm::Hash { consistent: false }),
        ("choose_consistent", Algorithm::Hash { consistent: true }),
    ] {
        let mut group = c.benchmark_group(name);
        for size in SIZES {
            let servers = (0..size).map(server).collect();
            let spec = BackendSpec {
                algorithm,
                servers,
                ..BackendSpec::default()
            };
            let backend = BackendState::new(&spec, &Clock::system());
            let mut key = 0;
            group.bench_function(BenchmarkId::from_parameter(size), |b| {
                b.iter(|| {
                    key += 1;
                    black_box(backend.choose(Wish {
                        hash: Some(hash::full_avalanche(key)),
                        ..Wish::default()
                    }))
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, turn, choice);
criterion_main!(benches);
