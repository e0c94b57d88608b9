//! Stick tables of a million entries: counting on a tracked entry, looking one up, making one; what
//! one weighs; two threads at once; ten million keys into a table of 100,000; a table that is read
//! from end to end while it is used.
//!
//! What issue D asks for, on one thread: 40 ns, 150 ns, 500 ns, 160 bytes; two threads on disjoint
//! keys at least 1.8 times one, on one key at least half.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use tidegate::clock::Clock;
use tidegate::table::{DataType, Event, KeyType, Spec, Stored, Table, Tracked};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MILLION: u32 = 1_000_000;

/// Stores `gpc0,http_req_rate(10s)`.
fn table(key: KeyType, size: u32) -> Arc<Table> {
    let stored = |kind, period| Stored {
        kind,
        elements: 1,
        period,
    };
    let spec = Spec {
        name: "t".to_owned(),
        key,
        size,
        expire: Some(600_000),
        nopurge: false,
        store: vec![
            stored(DataType::Gpc0, 0),
            stored(DataType::HttpReqRate, 10_000),
        ],
        bytes_per_unit: 1,
        servers_by_address: false,
    };
    Table::new(spec, Clock::system())
}

/// The key of a number, made without touching memory.
fn name(mut number: u32) -> [u8; 12] {
    let mut name = *b"user-0000000";
    for digit in name.iter_mut().rev().take(7) {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    name
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|text| text.trim().strip_suffix(" kB"));
    number
        .and_then(|number| number.trim().parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}

fn weight(_: &mut Criterion) {
    let before = resident_bytes();
    let table = table(KeyType::Ip, MILLION);
    for number in 0..MILLION {
        table.find_or_create(&number.to_be_bytes());
    }
    let each = resident_bytes().saturating_sub(before) / u64::from(MILLION);
    println!("entry with an address, gpc0 and http_req_rate: {each} bytes resident, all in");
}

fn single(c: &mut Criterion) {
    let table = table(KeyType::String(31), MILLION);
    for number in 0..MILLION {
        table.find_or_create(&name(number));
    }
    let mut group = c.benchmark_group("table");
    let tracked = table.track(b"user-0500000").expect("there is room");
    group.bench_function("tracked_update", |b| {
        b.iter(|| tracked.event(Event::HttpReq));
    });
    let gpc0 = table
        .layout()
        .slot(DataType::Gpc0, 0)
        .expect("it is stored");
    group.bench_function("tracked_read", |b| {
        b.iter(|| black_box(tracked.entry().read(gpc0, table.now())));
    });
    let mut at = 0;
    group.bench_function("look_up_in_a_million", |b| {
        b.iter(|| {
            at = (at + 611_953) % MILLION;
            black_box(table.find(&name(at)))
        });
    });
    group.bench_function("track_and_release", |b| {
        b.iter(|| {
            at = (at + 611_953) % MILLION;
            black_box(table.track(&name(at)))
        });
    });
    let mut fresh = 0_u64;
    let large = self::table(KeyType::String(31), 50 * MILLION);
    group.bench_function("creation", |b| {
        b.iter(|| {
            fresh += 1;
            let mut key = *b"fresh-\0\0\0\0\0\0\0\0";
            if let Some(end) = key.get_mut(6..) {
                end.copy_from_slice(&fresh.to_be_bytes());
            }
            black_box(large.find_or_create(&key))
        });
    });
    group.finish();
}

/// Updates in a fifth of a second by as many threads as there are handles.
#[allow(
    clippy::disallowed_methods,
    reason = "real threads count for a real time"
)]
fn updates(handles: Vec<Tracked>) -> u64 {
    let (done, total) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let threads: Vec<_> = handles
        .into_iter()
        .map(|tracked| {
            let (done, total) = (Arc::clone(&done), Arc::clone(&total));
            thread::spawn(move || {
                let mut count = 0;
                while !done.load(Ordering::Relaxed) {
                    for _ in 0..1000 {
                        tracked.event(Event::HttpReq);
                    }
                    count += 1000;
                }
                total.fetch_add(count, Ordering::Relaxed);
            })
        })
        .collect();
    thread::sleep(Duration::from_millis(200));
    done.store(true, Ordering::Relaxed);
    for thread in threads {
        let _ = thread.join();
    }
    total.load(Ordering::Relaxed)
}

fn threads(_: &mut Criterion) {
    let table = table(KeyType::String(31), MILLION);
    let track = |name: &[u8]| table.track(name).expect("there is room");
    let one = updates(vec![track(b"a")]);
    let disjoint = updates(vec![track(b"a"), track(b"b")]);
    let same = updates(vec![track(b"a"), track(b"a")]);
    let ratio = |many: u64| many as f64 / one.max(1) as f64;
    println!(
        "two threads against one: {:.2} on disjoint keys, {:.2} on one key",
        ratio(disjoint),
        ratio(same)
    );
}

/// Ten million keys, each used once, go into a table of 100,000, a thousand of whose entries are
/// tracked: those must survive, and making room must not cost more than making an entry.
#[allow(
    clippy::disallowed_methods,
    reason = "a flood is timed as a whole, not key by key"
)]
fn flood(_: &mut Criterion) {
    const FLOOD: u32 = 10 * MILLION;
    let table = table(KeyType::String(31), MILLION / 10);
    let tracked: Vec<Tracked> = (0..1000)
        .filter_map(|number| table.track(&name(number)))
        .collect();
    let fill = |keys: std::ops::Range<u32>| {
        let begun = std::time::Instant::now();
        for number in keys.clone() {
            table.find_or_create(&number.to_be_bytes());
        }
        begun.elapsed().as_nanos() as f64 / keys.len() as f64
    };
    let with_room = fill(0..MILLION / 10 - 1000);
    let before = resident_bytes();
    let without = fill(MILLION / 10..FLOOD);
    let more = resident_bytes().saturating_sub(before) / 1024;
    let survived = (0..1000).filter(|&number| table.find(&name(number)).is_some());
    println!(
        "ten million keys into 100,000 places: {without:.0} ns each, {with_room:.0} ns while there was room; \
         {more} kB more resident, {} entries, {} of {} tracked ones left",
        table.used(),
        survived.count(),
        tracked.len()
    );
}

/// How long updates and look-ups take, 99 in 100, while nobody and while somebody reads the whole
/// table again and again.
#[allow(
    clippy::disallowed_methods,
    reason = "single operations are timed against each other"
)]
fn dumped(_: &mut Criterion) {
    let table = table(KeyType::String(31), MILLION);
    for number in 0..MILLION {
        table.find_or_create(&name(number));
    }
    let p99 = || {
        let mut took: Vec<u64> = (0..400_000_u32)
            .map(|at| {
                let key = name(at.wrapping_mul(611_953) % MILLION);
                let begun = std::time::Instant::now();
                drop(black_box(table.track(&key)));
                u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
            })
            .collect();
        took.sort_unstable();
        took.get(took.len() * 99 / 100).copied().unwrap_or_default()
    };
    let alone = p99();
    let done = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let (table, done) = (Arc::clone(&table), Arc::clone(&done));
        move || {
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) {
                black_box(table.entries());
                rounds += 1;
            }
            rounds
        }
    });
    let read = p99();
    done.store(true, Ordering::Relaxed);
    let rounds = reader.join().unwrap_or(0);
    println!(
        "99 in 100 of track and release take up to {alone} ns, and up to {read} ns while a million \
         entries are read {rounds} times"
    );
}

criterion_group!(benches, weight, single, threads, flood, dumped);
criterion_main!(benches);
