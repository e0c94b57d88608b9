//! Stick tables of a million entries: counting on a tracked entry, looking one up, making one; what
//! one weighs, and what is left of them all once they have expired; two threads at once; ten million
//! keys into a table of 100,000; a table that is read from end to end while it is used.
//!
//! `cargo bench --bench tables` prints each figure with the bar it must reach; criterion's own figures
//! of single operations follow. Bars are for a machine with nothing else to do.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tidegate::clock::Clock;
use tidegate::table::{DataType, Event, KeyType, Spec, Stored, Table, Tracked};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MILLION: u32 = 1_000_000;

/// What a figure must reach.
#[derive(Clone, Copy)]
enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// Prints a figure beside its bar.
fn verdict(what: &str, figure: f64, unit: &str, bar: Bar) {
    let (holds, limit) = match bar {
        Bar::AtMost(most) => (figure <= most, format!("at most {most}")),
        Bar::AtLeast(least) => (figure >= least, format!("at least {least}")),
    };
    let says = if holds { "ok  " } else { "MISS" };
    println!("{says} {what}: {figure:.2} {unit} ({limit})");
}

/// Stores `gpc0,http_req_rate(10s)`.
fn table(key: KeyType, size: u32) -> Arc<Table> {
    table_on(Clock::system(), key, size)
}

fn table_on(clock: Clock, key: KeyType, size: u32) -> Arc<Table> {
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
    Table::new(spec, clock)
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

/// A million entries with an address, then none of them; and the same again in a process that has had
/// them before, whose code and allocator have all that comes with so many entries.
fn weight(_: &mut Criterion) {
    const MB: f64 = 1e6;
    for round in ["", ", the second time"] {
        let clock = Clock::manual(1_000_000);
        let before = resident_bytes();
        let table = table_on(clock.clone(), KeyType::Ip, MILLION);
        for number in 0..MILLION {
            table.find_or_create(&number.to_be_bytes());
        }
        let full = resident_bytes();
        let taken = full.saturating_sub(before) as f64;
        let each = taken / f64::from(MILLION);
        verdict(
            &format!("entry with an address, gpc0 and http_req_rate, all in{round}"),
            each,
            "bytes resident",
            Bar::AtMost(160.0),
        );
        clock.advance(700_000);
        while table.sweep(1_000) {}
        assert_eq!(table.used(), 0, "all have expired");
        let left = resident_after_collection();
        println!(
            "     resident before {:.1} MB, with a million {:.1} MB, after they expired {:.1} MB",
            before as f64 / MB,
            full as f64 / MB,
            left as f64 / MB
        );
        verdict(
            &format!("resident after a million expired, against before{round}"),
            left as f64 / before.max(1) as f64,
            "times",
            Bar::AtMost(1.2),
        );
    }
}

/// Resident bytes once the allocator has given back what nobody uses: it waits for a second before it
/// does, and then for somebody to free a large piece, as `proxy::serve` does.
#[allow(
    clippy::disallowed_methods,
    reason = "the allocator's delay is real time"
)]
fn resident_after_collection() -> u64 {
    for _ in 0..3 {
        thread::sleep(Duration::from_millis(1_100));
        drop(black_box(Vec::<u8>::with_capacity(1 << 20)));
    }
    resident_bytes()
}

/// Nanoseconds that one of so many operations takes, on average: the least of five rounds.
#[allow(
    clippy::disallowed_methods,
    reason = "operations are timed by the thousand"
)]
fn average_ns(count: u32, mut operation: impl FnMut(u32)) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        for number in 0..count {
            operation(number);
        }
        best = best.min(begun.elapsed().as_nanos() as f64 / f64::from(count));
    }
    best
}

/// A million draws from a million ranks, the nth with a probability of about 1/n.
fn zipf_ranks() -> Vec<u32> {
    let mut state = 1_u64;
    let draw = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let even = (state >> 11) as f64 / (1_u64 << 53) as f64;
        f64::from(MILLION).powf(even) as u32 - 1
    };
    (0..MILLION).map(draw).collect()
}

/// Nanoseconds of a read whose place the one before tells, anywhere in so many bytes.
fn chase_ns(bytes: usize) -> f64 {
    const LINE: usize = 8;
    let lines = bytes / 64;
    let mut order: Vec<usize> = (0..lines).collect();
    let mut state = 1_u64;
    for at in (1..lines).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        // One round through all lines.
        order.swap(at, (state >> 33) as usize % at);
    }
    let mut memory = vec![0_usize; lines * LINE];
    for (at, next) in order.into_iter().enumerate() {
        if let Some(word) = memory.get_mut(at * LINE) {
            *word = next * LINE;
        }
    }
    let mut at = 0;
    average_ns(MILLION, |_| {
        at = black_box(memory.get(at).copied().unwrap_or_default());
    })
}

/// The operations of [`single`], with their bars.
fn bars(_: &mut Criterion) {
    let table = table(KeyType::String(31), MILLION);
    for number in 0..MILLION {
        table.find_or_create(&name(number));
    }
    let tracked = table
        .track(b"user-0500000", table.now())
        .expect("there is room");
    let update = average_ns(MILLION, |_| tracked.event(Event::HttpReq, table.now()));
    verdict("update of a tracked entry", update, "ns", Bar::AtMost(40.0));
    let gpc0 = table.layout().slot(DataType::Gpc0, 0).expect("it is there");
    let look_up = |at: u32| {
        let now = table.now();
        black_box(table.look(&name(at), now, |entry| entry.read(gpc0, now)));
    };
    let even = average_ns(MILLION, |number| {
        look_up(number.wrapping_mul(611_953) % MILLION)
    });
    verdict(
        "look-up by a text among a million, all as often",
        even,
        "ns",
        Bar::AtMost(150.0),
    );
    let ranks = zipf_ranks();
    let skewed = average_ns(MILLION, |number| {
        let rank = ranks.get(number as usize).copied().unwrap_or_default();
        look_up(rank.wrapping_mul(611_953) % MILLION);
    });
    verdict(
        "look-up by a text among a million, the nth most frequent 1/n as often as the first",
        skewed,
        "ns",
        Bar::AtMost(150.0),
    );
    println!(
        "     one read after the other here takes {:.0} ns in 112 MB, as the entries fill, and {:.0} ns in \
         18 MB, as the map does: no look-up takes less than their sum",
        chase_ns(112 << 20),
        chase_ns(18 << 20)
    );
    let large = self::table(KeyType::String(31), 50 * MILLION);
    let mut fresh = 0_u32;
    let creation = average_ns(MILLION / 2, |_| {
        fresh += 1;
        black_box(large.find_or_create(&name(fresh)));
    });
    verdict("creation", creation, "ns", Bar::AtMost(500.0));
}

fn single(c: &mut Criterion) {
    let table = table(KeyType::String(31), MILLION);
    for number in 0..MILLION {
        table.find_or_create(&name(number));
    }
    let mut group = c.benchmark_group("table");
    let tracked = table
        .track(b"user-0500000", table.now())
        .expect("there is room");
    group.bench_function("tracked_update", |b| {
        b.iter(|| tracked.event(Event::HttpReq, table.now()));
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
            black_box(table.look(&name(at), table.now(), |entry| entry.references()))
        });
    });
    group.bench_function("track_and_release", |b| {
        b.iter(|| {
            at = (at + 611_953) % MILLION;
            black_box(table.track(&name(at), table.now()))
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
                        tracked.event(Event::HttpReq, tracked.table().now());
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
    let track = |name: &[u8]| table.track(name, table.now()).expect("there is room");
    let one = updates(vec![track(b"a")]);
    let disjoint = updates(vec![track(b"a"), track(b"b")]);
    let same = updates(vec![track(b"a"), track(b"a")]);
    let ratio = |many: u64| many as f64 / one.max(1) as f64;
    verdict(
        "two threads on disjoint keys",
        ratio(disjoint),
        "times one",
        Bar::AtLeast(1.8),
    );
    verdict(
        "two threads on one key",
        ratio(same),
        "times one",
        Bar::AtLeast(0.5),
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
        .filter_map(|number| table.track(&name(number), table.now()))
        .collect();
    let fill = |keys: std::ops::Range<u32>| {
        let begun = Instant::now();
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
    println!("ten million keys into 100,000 places, {with_room:.0} ns each while there was room:");
    verdict(
        "  once it was full",
        without / with_room,
        "times that",
        Bar::AtMost(1.2),
    );
    verdict(
        "  resident meanwhile",
        more as f64 / 1024.0,
        "MB more",
        Bar::AtMost(8.0),
    );
    verdict("  entries", table.used().into(), "", Bar::AtMost(100_000.0));
    let tracked = tracked.len() as f64;
    verdict(
        "  tracked ones left",
        survived.count() as f64,
        "",
        Bar::AtLeast(tracked),
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
                let begun = Instant::now();
                drop(black_box(table.track(&key, table.now())));
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
         entries are read {rounds} times; what requests see of it is `show_table_of_a_million`'s"
    );
}

criterion_group!(benches, weight, bars, threads, flood, dumped, single);
criterion_main!(benches);
