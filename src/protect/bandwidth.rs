//! `filter bwlim-in|bwlim-out`: how many bytes of a stream may go on now, and when the next ones may.
//!
//! HAProxy's filter. Over a period no more than the limit goes on, evenly: who is ahead of the elapsed part
//! of the period waits. A limit is a stream's own or, through an entry of a stick table, that of
//! all streams of a key, which have equal parts of it. What must hold: in steady state nothing is
//! allocated. Deliberately absent: the bytes, and which stream comes under what.

use crate::clock::{Millis, NEVER};
use crate::table::rate::Tick;
use crate::table::{DataType, Held, RateWindow};
use std::sync::Arc;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client: `bwlim-in`.
    Up,
    /// To the client: `bwlim-out`.
    Down,
}

/// A `filter bwlim-…` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandwidthSpec {
    /// What it limits.
    pub direction: Direction,
    /// `default-limit`, or the `limit` that all share: bytes per period, at least 1.
    pub limit: u32,
    /// `default-period`, milliseconds, at least 1; of no meaning for a limit that all share.
    pub period_ms: u32,
    /// `min-size`: fewer bytes than that wait for more to be allowed.
    pub min_size: u32,
}

impl BandwidthSpec {
    /// The rate that a stick table counts for a limit that all share.
    pub fn rate(&self) -> DataType {
        match self.direction {
            Direction::Up => DataType::BytesInRate,
            Direction::Down => DataType::BytesOutRate,
        }
    }
}

/// One limit that a stream comes under.
#[derive(Debug)]
pub struct Throttle {
    spec: Arc<BandwidthSpec>,
    limit: u32,
    period_ms: u32,
    own: RateWindow,
    shared: Option<Held>,
    /// Counted already, and not gone on yet.
    credit: usize,
    /// Nothing goes on before.
    due: Millis,
}

/// The window a limit is measured by.
struct Meter<'a> {
    window: &'a RateWindow,
    period: u32,
    /// Streams that share the limit, at least 1.
    users: u64,
    /// Bytes in a unit that the window counts, at least 1.
    factor: u64,
}

impl Throttle {
    /// Allows `wanted` bytes or fewer.
    fn allow(&mut self, now: Millis, wanted: usize) -> usize {
        let missing = wanted.saturating_sub(self.credit);
        self.credit += self.count(now, missing);
        self.credit.min(wanted)
    }

    /// Counts bytes, as many of `wanted` as may go on.
    fn count(&mut self, now: Millis, wanted: usize) -> usize {
        if now < self.due || wanted == 0 {
            return 0;
        }
        self.due = 0;
        let Some(meter) = self.meter() else {
            return wanted;
        };
        let (counted, wait) = meter.count(now, self.limit, self.spec.min_size, wanted as u64);
        if let Some(wait) = wait {
            self.due = now.saturating_add(wait.max(1));
        }
        usize::try_from(counted).unwrap_or(wanted)
    }

    fn meter(&self) -> Option<Meter<'_>> {
        let Some(held) = &self.shared else {
            return Some(Meter {
                window: &self.own,
                period: self.period_ms,
                users: 1,
                factor: 1,
            });
        };
        let (window, period) = held.rate(self.spec.rate())?;
        Some(Meter {
            window,
            period,
            users: held.entry().references().max(1).into(),
            factor: held.table().spec().bytes_per_unit.max(1).into(),
        })
    }
}

impl Meter<'_> {
    /// Counts as much of `wanted` as may go on; and how long the rest waits, in milliseconds.
    fn count(&self, now: Millis, limit: u32, min_size: u32, wanted: u64) -> (u64, Option<Millis>) {
        let tick = now as Tick;
        let (period, users, factor) = (u64::from(self.period), self.users, self.factor);
        let min_size = u64::from(min_size);
        let per_period = u64::from(limit.max(1));
        let ahead = self.window.overshoot(tick, self.period, limit);
        if ahead > 0 {
            let wait = (min_size + u64::from(ahead)) * period * users / per_period;
            return (0, Some(wait));
        }
        let used = RateWindow::weigh_all([self.window], tick, self.period);
        let remain = u64::from(limit.saturating_sub(used)) * factor;
        let fair = remain.div_ceil(users);
        let mut counted = wanted;
        let mut wait = 0;
        if fair < wanted {
            counted = fair;
            if fair < min_size {
                // A small burst, if all together still have so much, paid for by a longer wait.
                counted = wanted.min(min_size);
                if counted <= remain {
                    let early = counted.saturating_sub(fair);
                    wait = (early * period * users).div_ceil(per_period * factor);
                } else if per_period * factor < counted {
                    counted = remain;
                } else {
                    counted = 0;
                }
            }
        }
        let units = u32::try_from(counted.div_ceil(factor)).unwrap_or(u32::MAX);
        if units > 0 {
            self.window.add(tick, self.period, units);
        }
        if counted >= wanted {
            return (counted, None);
        }
        let pending = (wanted - counted).min(min_size * users);
        wait += self.window.delay(tick, self.period, limit, pending);
        (counted, Some(wait))
    }
}

/// The limits that a stream comes under.
#[derive(Debug, Default)]
pub struct Throttles(Vec<Throttle>);

impl Throttles {
    /// Puts the stream under a limit, or changes the one it is under: so many bytes in so many
    /// milliseconds, or as the entry of a table counts them for all.
    pub fn set(
        &mut self,
        spec: &Arc<BandwidthSpec>,
        limit: u32,
        period_ms: u32,
        shared: Option<Held>,
    ) {
        let same = |known: &&mut Throttle| Arc::ptr_eq(&known.spec, spec);
        match self.0.iter_mut().find(same) {
            Some(known) => {
                (known.limit, known.period_ms) = (limit, period_ms);
                known.shared = shared;
                known.due = 0;
            }
            None => self.0.push(Throttle {
                spec: Arc::clone(spec),
                limit,
                period_ms,
                own: RateWindow::default(),
                shared,
                credit: 0,
                due: 0,
            }),
        }
    }

    /// Whether bytes of this direction come under any limit.
    pub fn apply_to(&self, direction: Direction) -> bool {
        self.0
            .iter()
            .any(|throttle| throttle.spec.direction == direction)
    }

    /// How many of `wanted` bytes may go on now; they are taken to do so.
    pub fn allow(&mut self, direction: Direction, now: Millis, wanted: usize) -> usize {
        let of = |throttle: &&mut Throttle| throttle.spec.direction == direction;
        let mut allowed = wanted;
        for throttle in self.0.iter_mut().filter(of) {
            allowed = throttle.allow(now, allowed);
        }
        for throttle in self.0.iter_mut().filter(of) {
            throttle.credit -= allowed.min(throttle.credit);
        }
        allowed
    }

    /// When to ask again about bytes that had to wait.
    pub fn due(&self, direction: Direction) -> Millis {
        let of = |throttle: &&Throttle| throttle.spec.direction == direction;
        let dues = self.0.iter().filter(of).map(|throttle| throttle.due);
        dues.max().unwrap_or(NEVER)
    }

    /// The stream has ended.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::table::{KeyType, Spec, Stored, Table};

    fn spec(limit: u32, min_size: u32) -> Arc<BandwidthSpec> {
        Arc::new(BandwidthSpec {
            direction: Direction::Down,
            limit,
            period_ms: 1000,
            min_size,
        })
    }

    /// How much of `size` bytes a stream gets at each step until all have gone: milliseconds, bytes.
    fn play(throttles: &mut Throttles, clock: &Clock, mut size: usize) -> Vec<(Millis, usize)> {
        let start = clock.now();
        let mut seen = Vec::new();
        while size > 0 {
            let allowed = throttles.allow(Direction::Down, clock.now(), size);
            if allowed > 0 {
                seen.push((clock.now() - start, allowed));
            }
            size -= allowed;
            let due = throttles.due(Direction::Down);
            clock.advance(due.saturating_sub(clock.now()));
        }
        seen
    }

    #[track_caller]
    fn check(limit: u32, min_size: u32, size: usize, least_ms: Millis, most_ms: Millis) {
        let clock = Clock::manual(10_000);
        let mut throttles = Throttles::default();
        throttles.set(&spec(limit, min_size), limit, 1000, None);
        let seen = play(&mut throttles, &clock, size);
        let (last, _) = *seen.last().unwrap();
        let total: usize = seen.iter().map(|(_, bytes)| bytes).sum();
        assert_eq!(total, size);
        assert!((least_ms..=most_ms).contains(&last), "{last}: {seen:?}");
    }

    #[test]
    fn bytes_take_the_time_that_they_are_worth() {
        check(1000, 0, 500, 0, 0);
        check(1000, 0, 3000, 2000, 3100);
        check(1000, 100, 3000, 2000, 3200);
        check(10_000, 1460, 50_000, 4000, 5700);
    }

    #[test]
    fn another_limit_holds_from_then_on() {
        let clock = Clock::manual(10_000);
        let (spec, mut throttles) = (spec(1000, 0), Throttles::default());
        assert!(!throttles.apply_to(Direction::Down));
        assert_eq!(throttles.due(Direction::Down), NEVER);
        throttles.set(&spec, 10, 1000, None);
        assert!(throttles.apply_to(Direction::Down) && !throttles.apply_to(Direction::Up));
        assert_eq!(throttles.allow(Direction::Down, clock.now(), 5000), 10);
        throttles.set(&spec, 100_000, 1000, None);
        clock.advance(10);
        assert_eq!(throttles.allow(Direction::Down, clock.now(), 5000), 5000);
        assert_eq!(throttles.allow(Direction::Up, clock.now(), 5000), 5000);
    }

    #[test]
    fn the_narrowest_of_several_decides() {
        let clock = Clock::manual(10_000);
        let mut throttles = Throttles::default();
        throttles.set(&spec(1000, 0), 1000, 1000, None);
        throttles.set(&spec(10, 0), 10, 1000, None);
        assert_eq!(throttles.allow(Direction::Down, clock.now(), 100), 10);
        clock.advance(2100);
        // The other one had counted 90 bytes that did not go on, and does not count them again.
        assert_eq!(throttles.allow(Direction::Down, clock.now(), 90), 10);
    }

    #[test]
    fn streams_of_a_key_share_its_limit() {
        let clock = Clock::manual(10_000);
        let store = Stored {
            kind: DataType::BytesOutRate,
            elements: 1,
            period: 1000,
        };
        let table = Table::new(
            Spec {
                name: "t".to_owned(),
                key: KeyType::String(31),
                size: 10,
                expire: Some(60_000),
                nopurge: false,
                store: vec![store],
                bytes_per_unit: 1,
                servers_by_address: false,
            },
            clock.clone(),
        );
        let spec = spec(1000, 0);
        let stream = |key: &[u8]| {
            let mut throttles = Throttles::default();
            throttles.set(&spec, 1000, 0, table.hold(key));
            throttles
        };
        let [mut one, mut two, mut other] = [stream(b"a"), stream(b"a"), stream(b"b")];
        assert_eq!(table.find(b"a").unwrap().references(), 2);
        assert_eq!(one.allow(Direction::Down, clock.now(), 5000), 500);
        // What one has used puts all of them ahead of the time.
        assert_eq!(two.allow(Direction::Down, clock.now(), 5000), 0);
        assert_eq!(other.allow(Direction::Down, clock.now(), 5000), 1000);
        drop((one, two));
        assert_eq!(table.find(b"a").unwrap().references(), 0);
    }
}
