//! What looking patterns up costs: 100,000 of each kind, a map of a million keys, changes.
//!
//! The bars: 2 µs a look-up among 100,000 patterns; a map of a million keys is loaded in 1.5 s and
//! answers in 200 ns. `cargo bench --bench patterns verdict` says whether the latter holds, for keys
//! used equally often and for keys of which few are used most. `RESULTS=1 cargo bench --bench
//! patterns` prints load times and memory too.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench may stop at once")]
#![allow(
    clippy::disallowed_methods,
    reason = "load times are measured by the wall clock"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use tidegate::vocab::matcher::Method;
use tidegate::vocab::pattern::{PatternRef, Spec, Values, View};
use tidegate::vocab::sample::Sample;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MANY: u64 = 100_000;

/// Numbers that look random and are the same each time.
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn list(patterns: impl Iterator<Item = String>) -> Arc<PatternRef> {
    let mut text = String::new();
    for pattern in patterns {
        let _ = writeln!(text, "{pattern} value-of-some-length");
    }
    PatternRef::of_text(text.as_bytes()).unwrap()
}

fn view(name: &str, list: &Arc<PatternRef>, method: Method, ignore_case: bool) -> View {
    let start = Instant::now();
    let view = list.view(Spec {
        method,
        ignore_case,
        full_addresses: false,
        values: Values::Text,
    });
    if std::env::var_os("RESULTS").is_some() {
        println!("{name}: indexed in {:?}", start.elapsed());
    }
    view.map_err(|(_, bad)| bad).unwrap()
}

/// Looks up one value after the other, so that memory is as cold as many keys make it.
fn look_up(c: &mut Criterion, name: &str, view: &View, values: &[Sample<'_>]) {
    let mut next = values.iter().cycle();
    c.bench_function(name, |b| {
        b.iter(|| {
            let value = *next.next().unwrap();
            black_box(view).look_up(value, |found| found.value().len())
        });
    });
}

fn texts(values: &[String]) -> Vec<Sample<'_>> {
    values
        .iter()
        .map(|text| Sample::Str(text.as_bytes()))
        .collect()
}

fn kinds(c: &mut Criterion) {
    let key = |n: u64| format!("/path/{:x}/{}", mixed(n) % 997, mixed(n));
    let host = |n: u64| format!("h{:x}.example{}.com", mixed(n), mixed(n) % 89);
    let paths = list((0..MANY).map(key));
    let hosts = list((0..MANY).map(host));
    let hits: Vec<String> = (0..20_000).map(|n| key(mixed(n) % (2 * MANY))).collect();
    let longer: Vec<String> = hits
        .iter()
        .map(|key| format!("{key}/and/more?x=1"))
        .collect();
    let names: Vec<String> = (0..20_000).map(|n| host(mixed(n) % (2 * MANY))).collect();
    let longer_names: Vec<String> = names.iter().map(|name| format!("www.{name}")).collect();
    for (name, method, list, values) in [
        ("str", Method::Str, &paths, &hits),
        ("beg", Method::Beg, &paths, &longer),
        ("dir", Method::Dir, &paths, &longer),
        ("sub", Method::Sub, &paths, &longer),
        ("end", Method::End, &hosts, &longer_names),
        ("dom", Method::Dom, &hosts, &longer_names),
    ] {
        for (flag, ignore_case) in [("", false), (" -i", true)] {
            let name = format!("{name}{flag}, 100,000 texts");
            let view = view(&name, list, method, ignore_case);
            look_up(c, &name, &view, &texts(values));
        }
    }
    let hex = list((0..MANY).map(|n| format!("{:016x}", mixed(n))));
    let bytes: Vec<[u8; 8]> = (0..20_000)
        .map(|n| mixed(mixed(n) % (2 * MANY)).to_be_bytes())
        .collect();
    let bytes: Vec<_> = bytes.iter().map(|bytes| Sample::Bin(bytes)).collect();
    look_up(
        c,
        "bin, 100,000 texts",
        &view("bin", &hex, Method::Bin, false),
        &bytes,
    );
}

fn numbers(c: &mut Criterion) {
    let network = |n: u64| {
        let [a, b, x, d, ..] = mixed(n).to_be_bytes();
        format!("{a}.{b}.{x}.{d}/{}", 12 + mixed(n) % 21)
    };
    let network6 = |n: u64| {
        let x = mixed(n);
        format!(
            "2001:{:x}:{:x}:{:x}::/{}",
            x & 0xffff,
            x >> 16 & 0xffff,
            x >> 32 & 0xffff,
            24 + x % 41
        )
    };
    let nets = list((0..MANY / 2).flat_map(|n| [network(n), network6(n)]));
    let v4 = (0..10_000).map(|n| Sample::Addr((mixed(n) as u32).to_be_bytes().into()));
    let v6 = (0..10_000).map(|n| {
        Sample::Addr(
            ((0x2001 << 112) | u128::from(mixed(n)) << 48)
                .to_be_bytes()
                .into(),
        )
    });
    let mut nets_view = view("ip", &nets, Method::Ip, false);
    look_up(
        c,
        "ip, v4 among 100,000 networks",
        &nets_view,
        &v4.clone().collect::<Vec<_>>(),
    );
    look_up(
        c,
        "ip, v6 among 100,000 networks",
        &nets_view,
        &v6.collect::<Vec<_>>(),
    );
    let hosts = list((0..MANY).map(|n| {
        let [a, b, x, d, ..] = mixed(n).to_be_bytes();
        format!("{a}.{b}.{x}.{d}")
    }));
    nets_view = view("ip", &hosts, Method::Ip, false);
    look_up(
        c,
        "ip, v4 among 100,000 addresses",
        &nets_view,
        &v4.collect::<Vec<_>>(),
    );

    let ranges = list((0..MANY).map(|n| {
        let low = mixed(n) % 10_000_000;
        format!("{low}:{}", low + mixed(n) % 100)
    }));
    let values: Vec<_> = (0..20_000)
        .map(|n| Sample::Sint((mixed(n) % 10_000_000) as i64))
        .collect();
    look_up(
        c,
        "int, 100,000 ranges",
        &view("int", &ranges, Method::Int, false),
        &values,
    );
    let single = list((0..MANY).map(|n| (mixed(n) % 10_000_000).to_string()));
    look_up(
        c,
        "int, 100,000 integers",
        &view("int", &single, Method::Int, false),
        &values,
    );
}

fn expressions(c: &mut Criterion) {
    for count in [10, 1000, 10_000] {
        let regs = list((0..count).map(|n| format!("^/path{n:05}/[a-z]+/{}$", mixed(n) % 9)));
        let values: Vec<String> = (0..1000)
            .map(|n| format!("/path{:05}/abc/{}", mixed(n) % (2 * count), n % 9))
            .collect();
        let name = format!("reg, {count} expressions");
        look_up(
            c,
            &name,
            &view(&name, &regs, Method::Reg, false),
            &texts(&values),
        );
    }
}

const MILLION: u64 = 1_000_000;

fn key_of_million(n: u64) -> String {
    format!("key-{:016x}", mixed(n))
}

fn text_of_million() -> String {
    let mut text = String::new();
    for n in 0..MILLION {
        let _ = writeln!(text, "{} backend_{}", key_of_million(n), n % 1000);
    }
    text
}

/// Ranks among a million of which the first is used most, the second half as often, and so on
/// (Zipf with exponent 1): the inverse of its distribution, whose sum is nearly a logarithm.
fn skewed(n: u64) -> u64 {
    let uniform = mixed(n) as f64 / u64::MAX as f64;
    let rank = (MILLION as f64).powf(uniform) as u64;
    // Which key has which rank has nothing to do with its place in the file.
    mixed(rank) % MILLION
}

/// The bars of a map of a million keys, each with what is measured and whether it holds.
fn million_verdict(_: &mut Criterion) {
    let wanted = std::env::args().skip(1);
    if !wanted.into_iter().any(|argument| argument == "verdict") {
        return;
    }
    let text = text_of_million();
    let start = Instant::now();
    let map = PatternRef::of_text(text.as_bytes()).unwrap();
    let view = view("map of 1,000,000", &map, Method::Str, false);
    let verdict = |what: &str, measured: u128, bar: u128, unit: &str| {
        let holds = if measured <= bar { "holds" } else { "FAILS" };
        println!("verdict: {holds}: {what}: {measured} {unit}, at most {bar}");
    };
    verdict(
        "a map of 1,000,000 keys is loaded",
        start.elapsed().as_millis(),
        1500,
        "ms",
    );
    let even: fn(u64) -> u64 = |n| mixed(n) % MILLION;
    for (usage, number) in [
        ("all used equally often", even),
        ("few of them used most", skewed),
    ] {
        let keys: Vec<String> = (0..MILLION).map(|n| key_of_million(number(n))).collect();
        let values = texts(&keys);
        let rounds = (0..5).map(|_| {
            let start = Instant::now();
            let found = values
                .iter()
                .filter_map(|&key| view.look_up(key, |found| found.value().len()))
                .count();
            assert_eq!(found, keys.len());
            start.elapsed().as_nanos() / u128::from(MILLION)
        });
        let what = format!("a look-up among 1,000,000 keys, {usage}");
        verdict(&what, rounds.min().unwrap_or(0), 200, "ns");
    }
}

fn a_million(c: &mut Criterion) {
    let key = key_of_million;
    let text = text_of_million();
    let start = Instant::now();
    let map = PatternRef::of_text(text.as_bytes()).unwrap();
    let view = view("map of 1,000,000", &map, Method::Str, false);
    if std::env::var_os("RESULTS").is_some() {
        let file = text.len();
        println!(
            "map of 1,000,000: {file} bytes loaded in {:?}, {} bytes of memory",
            start.elapsed(),
            map.memory()
        );
    }
    drop(text);
    let values: Vec<String> = (0..100_000).map(|n| key(mixed(n) % 1_100_000)).collect();
    look_up(c, "map of 1,000,000 keys", &view, &texts(&values));
    let values: Vec<String> = (0..100_000).map(|n| key(skewed(n))).collect();
    look_up(
        c,
        "map of 1,000,000 keys, few used most",
        &view,
        &texts(&values),
    );
    let mut n = 0;
    c.bench_function("set-map among 1,000,000 keys", |b| {
        b.iter(|| {
            n += 1;
            map.put(
                key(mixed(n) % 1_000_000).as_bytes(),
                format!("b{n:08}").as_bytes(),
            )
            .unwrap();
        });
    });
    c.bench_function("add and delete among 1,000,000 keys", |b| {
        b.iter(|| {
            n += 1;
            let key = format!("new-{n}");
            map.put(key.as_bytes(), b"value").unwrap();
            map.delete(key.as_bytes()).unwrap();
        });
    });
}

criterion_group!(
    benches,
    million_verdict,
    kinds,
    numbers,
    expressions,
    a_million
);
criterion_main!(benches);
