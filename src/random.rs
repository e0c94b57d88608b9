//! Random numbers that need spread and not secrecy: balancing, jitter, `rand()`.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

/// The next number of this thread's xorshift64* sequence.
pub fn next() -> u64 {
    thread_local! {
        static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0) | 1);
    }
    STATE.with(|state| {
        let mut x = state.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        state.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    })
}

/// A number of 0 to `range` - 1, or 0 if that is empty. The bias is beyond what anybody notices:
/// the high 32 bits are scaled.
pub fn below(range: u32) -> u32 {
    (((next() >> 32) * u64::from(range)) >> 32) as u32
}
