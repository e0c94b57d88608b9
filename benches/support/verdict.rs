//! Whether something costs no more than it may, beside criterion's figures.

use tidegate::clock::Clock;

const ROUNDS: usize = 9;
const CALLS: u32 = 100_000;

/// How often [`nanoseconds`] calls.
#[allow(dead_code, reason = "some benches need not know")]
pub(crate) const ALL_CALLS: usize = ROUNDS * CALLS as usize;

/// Nanoseconds that one call takes: the median of a few rounds.
pub(crate) fn nanoseconds<T>(mut call: impl FnMut() -> T) -> f64 {
    let clock = Clock::system();
    let mut rounds = [(); ROUNDS].map(|()| {
        let begun = clock.now_us();
        for _ in 0..CALLS {
            std::hint::black_box(call());
        }
        (clock.now_us() - begun) as f64 * 1000.0 / f64::from(CALLS)
    });
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

/// Prints what `what` took and whether that is within its bound.
pub(crate) fn judge(what: &str, took_ns: f64, most_ns: f64) {
    let verdict = if took_ns <= most_ns { "met" } else { "missed" };
    println!("verdict: {what}: {took_ns:.0} ns, at most {most_ns:.0} ns: {verdict}");
}
