//! Coarse timers: one wheel per worker, moved deadlines almost free.
//!
//! A timer fires at the first tick (of [`TICK_MS`]) at or after its deadline: never early, less
//! than one tick late. An entry is lazily re-armed: moving its deadline later, or clearing it,
//! only writes the deadline; the entry stays in its slot and is queued again when that slot comes
//! up. Slots form four levels of 64, each 64 times coarser; bitmaps find the next occupied one.
//! Entries live in a slab and link to each other, so that setting a timer never allocates.
//! Deliberately absent: what a timeout means, and reading any clock other than the driver's.

use crate::clock::{Clock, Millis, NEVER};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The length of a tick in milliseconds.
pub const TICK_MS: Millis = 8;

const LEVELS: usize = 4;
const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
/// Ends a chain of entries.
const NIL: u32 = u32::MAX;

/// A point in time in ticks.
type Tick = u64;

/// A worker's timers. Clones are the same wheel.
#[derive(Clone, Debug)]
pub struct Wheel {
    shared: Rc<Shared>,
}

#[derive(Debug)]
struct Shared {
    slots: RefCell<Slots>,
    /// Every tick up to this one was processed.
    reached: Cell<Tick>,
    /// The tick the driver sleeps until; entries queued before it wake the driver.
    driver_sleeps_until: Cell<Tick>,
    driver: RefCell<Option<Waker>>,
    /// Reused by [`Wheel::advance`]: wakers run only once the slots are no longer borrowed.
    due: RefCell<Vec<Waker>>,
}

#[derive(Debug)]
struct Slots {
    entries: Vec<Entry>,
    /// First of the unused entries.
    free: u32,
    live: usize,
    heads: [[u32; SLOTS]; LEVELS],
    /// One bit per slot that has entries.
    occupied: [u64; LEVELS],
}

#[derive(Debug)]
struct Entry {
    deadline: Millis,
    /// Where it is queued, if it is.
    place: Option<Place>,
    prev: u32,
    /// The next of its slot, or of the unused.
    next: u32,
    waker: Option<Waker>,
}

/// A slot, and the tick at which it comes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    due: Tick,
    level: u8,
    slot: u8,
}

/// One deadline of one task. Dropping it removes it.
#[derive(Debug)]
pub struct Timer {
    shared: Rc<Shared>,
    key: u32,
}

impl Wheel {
    /// A wheel that stands at `now`.
    pub fn new(now: Millis) -> Self {
        Self {
            shared: Rc::new(Shared {
                slots: RefCell::new(Slots::new()),
                reached: Cell::new(now / TICK_MS),
                driver_sleeps_until: Cell::new(0),
                driver: RefCell::new(None),
                due: RefCell::new(Vec::with_capacity(SLOTS)),
            }),
        }
    }

    /// A timer without a deadline.
    pub fn timer(&self) -> Timer {
        Timer {
            shared: Rc::clone(&self.shared),
            key: self.shared.slots.borrow_mut().insert(),
        }
    }

    /// How many timers exist, set or not.
    pub fn len(&self) -> usize {
        self.shared.slots.borrow().live
    }

    /// Whether no timer exists.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fires every timer whose deadline is not after `now`. Time never goes back.
    pub fn advance(&self, now: Millis) {
        let target = now / TICK_MS;
        let mut due = self.shared.due.take();
        {
            let mut slots = self.shared.slots.borrow_mut();
            while let Some(place) = slots.next_place(self.shared.reached.get()) {
                if place.due > target {
                    break;
                }
                self.shared.reached.set(place.due);
                slots.open(place, &mut due);
            }
            self.shared
                .reached
                .set(target.max(self.shared.reached.get()));
        }
        due.drain(..).for_each(Waker::wake);
        self.shared.due.replace(due);
    }

    /// Wakes the tasks of all timers, whatever their deadlines: something else has changed.
    pub fn wake_all(&self) {
        let wakers: Vec<Waker> = {
            let slots = self.shared.slots.borrow();
            slots
                .entries
                .iter()
                .filter_map(|entry| entry.waker.clone())
                .collect()
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// When [`Wheel::advance`] next has something to do; `None` while nothing is queued.
    pub fn next_advance(&self) -> Option<Millis> {
        let slots = self.shared.slots.borrow();
        slots
            .next_place(self.shared.reached.get())
            .map(|place| place.due.saturating_mul(TICK_MS))
    }

    /// Drives the wheel for ever: sleeps until the next occupied slot, or until one is queued.
    /// One such task per wheel.
    pub async fn run(&self, clock: &Clock) {
        loop {
            self.advance(clock.now());
            let next = self.next_advance();
            let until = next.map_or(Tick::MAX, |at| at / TICK_MS);
            self.shared.driver_sleeps_until.set(until);
            let earlier = EarlierEntry {
                shared: &self.shared,
                until,
            };
            match next {
                None => earlier.await,
                Some(at) => {
                    let pause = Duration::from_millis(at.saturating_sub(clock.now()));
                    sleep_or(pause, earlier).await;
                }
            }
        }
    }
}

/// Sleeps on the reactor's own timer.
#[allow(
    clippy::disallowed_methods,
    reason = "this is what drives the coarse wheel that everything else uses"
)]
async fn sleep_or(pause: Duration, other: EarlierEntry<'_>) {
    let mut sleep = pin!(tokio::time::sleep(pause));
    let mut other = pin!(other);
    std::future::poll_fn(|cx| {
        if other.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        sleep.as_mut().poll(cx)
    })
    .await;
}

/// Waits until an entry is queued that comes up before `until`.
struct EarlierEntry<'a> {
    shared: &'a Shared,
    until: Tick,
}

impl Future for EarlierEntry<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.shared.driver_sleeps_until.get() < self.until {
            return Poll::Ready(());
        }
        self.shared.driver.replace(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Timer {
    /// Moves the deadline; [`NEVER`] is as good as [`Timer::clear`]. Later than before is a mere
    /// write.
    pub fn set(&self, deadline: Millis) {
        let reached = self.shared.reached.get();
        let queued = self
            .shared
            .slots
            .borrow_mut()
            .set(self.key, deadline, reached);
        if let Some(due) = queued {
            self.shared.tell_driver(due);
        }
    }

    /// Forgets the deadline. The waker stays registered.
    pub fn clear(&self) {
        self.set(NEVER);
    }

    /// The deadline; [`NEVER`] when there is none.
    pub fn deadline(&self) -> Millis {
        let slots = self.shared.slots.borrow();
        slots.entry(self.key).map_or(NEVER, |entry| entry.deadline)
    }

    /// Whether the deadline is not after `now`.
    pub fn expired(&self, now: Millis) -> bool {
        self.deadline() <= now
    }

    /// Whether the wheel has gone past the deadline: [`Timer::expired`] without reading a clock.
    pub fn fired(&self) -> bool {
        let deadline = self.deadline();
        deadline != NEVER && tick_at_or_after(deadline) <= self.shared.reached.get()
    }

    /// Has `waker` woken when the deadline passes. Once woken, it must be registered again.
    pub fn register(&self, waker: &Waker) {
        let replaced = {
            let mut slots = self.shared.slots.borrow_mut();
            let Some(entry) = slots.entry_mut(self.key) else {
                return;
            };
            match &entry.waker {
                Some(known) if known.will_wake(waker) => None,
                Some(_) | None => entry.waker.replace(waker.clone()),
            }
        };
        drop(replaced);
    }

    /// Ready once the deadline has passed; otherwise the task is woken then.
    pub fn poll_fired(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.fired() {
            return Poll::Ready(());
        }
        self.register(cx.waker());
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let waker = self.shared.slots.borrow_mut().remove(self.key);
        drop(waker);
    }
}

/// Waits until the wheel reaches `deadline`.
pub async fn sleep(wheel: &Wheel, deadline: Millis) {
    let timer = wheel.timer();
    timer.set(deadline);
    std::future::poll_fn(|cx| timer.poll_fired(cx)).await;
}

impl Shared {
    fn tell_driver(&self, due: Tick) {
        if due < self.driver_sleeps_until.get() {
            self.driver_sleeps_until.set(due);
            if let Some(driver) = self.driver.take() {
                driver.wake();
            }
        }
    }
}

impl Slots {
    fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: NIL,
            live: 0,
            heads: [[NIL; SLOTS]; LEVELS],
            occupied: [0; LEVELS],
        }
    }

    fn entry(&self, key: u32) -> Option<&Entry> {
        self.entries.get(key as usize)
    }

    fn entry_mut(&mut self, key: u32) -> Option<&mut Entry> {
        self.entries.get_mut(key as usize)
    }

    fn insert(&mut self) -> u32 {
        let fresh = Entry {
            deadline: NEVER,
            place: None,
            prev: NIL,
            next: NIL,
            waker: None,
        };
        self.live += 1;
        let key = self.free;
        if let Some(entry) = self.entries.get_mut(key as usize) {
            self.free = entry.next;
            *entry = fresh;
            return key;
        }
        let key = u32::try_from(self.entries.len()).expect("a timer for each of 2^32 tasks");
        self.entries.push(fresh);
        key
    }

    fn remove(&mut self, key: u32) -> Option<Waker> {
        self.unlink(key);
        let free = self.free;
        let entry = self.entry_mut(key)?;
        let waker = entry.waker.take();
        entry.next = free;
        self.free = key;
        self.live -= 1;
        waker
    }

    /// Returns when the entry's slot comes up if it had to be queued.
    fn set(&mut self, key: u32, deadline: Millis, reached: Tick) -> Option<Tick> {
        let entry = self.entry_mut(key)?;
        entry.deadline = deadline;
        if deadline == NEVER {
            return None;
        }
        let tick = tick_at_or_after(deadline).max(reached + 1);
        match entry.place {
            Some(place) if place.due <= tick => return None,
            Some(_) => self.unlink(key),
            None => {}
        }
        Some(self.queue(key, tick, reached))
    }

    fn queue(&mut self, key: u32, tick: Tick, reached: Tick) -> Tick {
        let place = place_of(tick, reached);
        let first = std::mem::replace(self.head(place), key);
        if let Some(second) = self.entry_mut(first) {
            second.prev = key;
        }
        if let Some(entry) = self.entry_mut(key) {
            entry.place = Some(place);
            entry.prev = NIL;
            entry.next = first;
        }
        *self.occupancy(place) |= 1 << place.slot;
        place.due
    }

    fn unlink(&mut self, key: u32) {
        let Some(entry) = self.entry_mut(key) else {
            return;
        };
        let Some(place) = entry.place.take() else {
            return;
        };
        let (prev, next) = (entry.prev, entry.next);
        if let Some(after) = self.entry_mut(next) {
            after.prev = prev;
        }
        match self.entry_mut(prev) {
            Some(before) => before.next = next,
            None => *self.head(place) = next,
        }
        if prev == NIL && next == NIL {
            *self.occupancy(place) &= !(1 << place.slot);
        }
    }

    /// Empties a slot whose tick was reached: what is due gives its waker, the rest is queued
    /// again.
    fn open(&mut self, place: Place, due: &mut Vec<Waker>) {
        let mut key = std::mem::replace(self.head(place), NIL);
        *self.occupancy(place) &= !(1 << place.slot);
        while let Some(entry) = self.entry_mut(key) {
            let next = entry.next;
            entry.place = None;
            let deadline = entry.deadline;
            let tick = tick_at_or_after(deadline);
            if tick <= place.due {
                due.extend(entry.waker.take());
            } else if deadline != NEVER {
                self.queue(key, tick, place.due);
            }
            key = next;
        }
    }

    /// The occupied slot that comes up first. Finer levels always come up before coarser ones.
    fn next_place(&self, reached: Tick) -> Option<Place> {
        let levels = (0u8..).zip(&self.occupied);
        let (level, occupied) = levels.into_iter().find(|(_, bits)| **bits != 0)?;
        let shift = SLOT_BITS * u32::from(level);
        let current = reached >> shift;
        let ahead = occupied.rotate_right(slot_index(current).into());
        let number = current + u64::from(ahead.trailing_zeros());
        Some(Place {
            due: number << shift,
            level,
            slot: slot_index(number),
        })
    }

    #[allow(clippy::indexing_slicing, reason = "place_of masks both")]
    fn head(&mut self, place: Place) -> &mut u32 {
        &mut self.heads[usize::from(place.level)][usize::from(place.slot)]
    }

    #[allow(clippy::indexing_slicing, reason = "place_of masks it")]
    fn occupancy(&mut self, place: Place) -> &mut u64 {
        &mut self.occupied[usize::from(place.level)]
    }
}

fn tick_at_or_after(deadline: Millis) -> Tick {
    deadline.div_ceil(TICK_MS)
}

fn slot_index(number: u64) -> u8 {
    (number & (SLOTS as u64 - 1)) as u8
}

/// Where an entry for `tick` waits: the level of the highest six bits in which it differs from
/// `reached`. What is too far for the last level waits in its last slot and is then queued again.
fn place_of(tick: Tick, reached: Tick) -> Place {
    const TOP: u32 = LEVELS as u32 - 1;
    const REACH: Tick = (SLOTS as u64 - 1) << (SLOT_BITS * TOP);
    let tick = tick.min(reached + REACH);
    let differing = (tick ^ reached) | 1;
    let level = ((63 - differing.leading_zeros()) / SLOT_BITS).min(TOP);
    let shift = SLOT_BITS * level;
    Place {
        due: tick >> shift << shift,
        level: level as u8,
        slot: slot_index(tick >> shift),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A timer set at time 1000 for `deadline` fires within one tick, however time moves.
    fn check_accuracy(deadline: Millis, step: Millis) {
        let wheel = Wheel::new(1000);
        let count = Arc::new(Count::default());
        let timer = wheel.timer();
        timer.set(deadline);
        timer.register(&Arc::clone(&count).into());
        let mut now = 1000;
        while !timer.fired() {
            now += step;
            wheel.advance(now);
            let woken = count.0.load(Ordering::Relaxed);
            assert_eq!(woken == 1, timer.fired(), "{deadline} at {now}");
            assert!(
                !timer.fired() || now >= deadline,
                "{deadline} early at {now}"
            );
            assert!(
                timer.fired() || now < deadline + TICK_MS,
                "{deadline} late at {now}"
            );
        }
    }

    #[test]
    fn fires_never_early_and_less_than_a_tick_late() {
        for after in [
            0, 1, 7, 8, 9, 503, 511, 512, 513, 4096, 32_767, 32_768, 40_000,
        ] {
            check_accuracy(1000 + after, 1);
            check_accuracy(1000 + after, 7);
            check_accuracy(1000 + after, 5000);
        }
        for after in [
            2_097_151,
            2_097_153,
            134_217_727,
            134_217_729,
            1_000_000_000,
        ] {
            check_accuracy(1000 + after, 997);
        }
    }

    #[test]
    fn a_deadline_in_the_past_fires_at_the_next_tick() {
        check_accuracy(0, TICK_MS);
        check_accuracy(1000, TICK_MS);
    }

    #[test]
    fn moving_later_needs_no_new_place_and_moving_earlier_fires_earlier() {
        let wheel = Wheel::new(0);
        let timer = wheel.timer();
        timer.set(100);
        let place = wheel.next_advance();
        timer.set(5000);
        assert_eq!(wheel.next_advance(), place);
        wheel.advance(4999);
        assert!(!timer.fired() && timer.deadline() == 5000);
        timer.set(4999 + TICK_MS);
        timer.set(5010);
        wheel.advance(5016);
        assert!(timer.fired() && timer.expired(5010));
        timer.set(9000);
        assert!(!timer.fired());
    }

    #[test]
    fn a_cleared_timer_leaves_the_wheel_idle() {
        let wheel = Wheel::new(0);
        let timer = wheel.timer();
        timer.set(100);
        timer.clear();
        wheel.advance(200);
        assert_eq!((wheel.next_advance(), timer.fired()), (None, false));
        timer.set(300);
        drop(timer);
        assert_eq!((wheel.next_advance(), wheel.len()), (None, 0));
    }

    #[test]
    fn many_timers_fire_in_order_and_their_memory_is_reused() {
        let wheel = Wheel::new(0);
        let timers: Vec<Timer> = (0..10_000).map(|_| wheel.timer()).collect();
        for (timer, n) in timers.iter().zip(0u64..) {
            timer.set(n * 7919 % 100_000);
        }
        for now in (0..101_000).step_by(250) {
            wheel.advance(now);
            for timer in &timers {
                assert_eq!(timer.fired(), timer.deadline().div_ceil(8) <= now / 8);
            }
        }
        drop(timers);
        let again: Vec<Timer> = (0..10_000).map(|_| wheel.timer()).collect();
        assert_eq!(wheel.shared.slots.borrow().entries.len(), again.len());
    }

    /// The reactor's own clock stands for nothing here: each sleeper queued earlier than the
    /// driver's pause makes it look at the virtual one.
    #[tokio::test(flavor = "current_thread")]
    async fn the_driver_wakes_sleepers_and_notices_earlier_ones() {
        let clock = Clock::manual(0);
        let wheel = Wheel::new(clock.now());
        let local = tokio::task::LocalSet::new();
        let (driver, time) = (wheel.clone(), clock.clone());
        local.spawn_local(async move { driver.run(&time).await });
        let until = |deadline| {
            let wheel = wheel.clone();
            async move { sleep(&wheel, deadline).await }
        };
        let long = local.spawn_local(until(600_000));
        local
            .run_until(async {
                tokio::task::yield_now().await;
                clock.advance(64);
                until(60).await;
                assert!(!long.is_finished());
                clock.advance(600_000);
                until(60_000).await;
                long.await.unwrap();
            })
            .await;
    }
}
