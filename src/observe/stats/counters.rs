//! Counting what happens to one frontend, listener, backend or server.
//!
//! Every writing thread has a [`Tally`] of its own, made when it first counts, and adds to it with plain
//! loads and stores; readers sum. Counts only grow: `clear counters` notes where they stood, so that it never races with a
//! writer. What must hold: one thread writes one tally. Deliberately absent: what is counted when
//! (the proxy knows), and how it is shown.

use super::history::{History, SAMPLES as SAMPLES_KEPT};
use crate::clock::Millis;
use crate::table::RateWindow;
use crate::table::rate::Tick;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// The period of all rates, in milliseconds.
const SECOND: u32 = 1000;
/// Streams over which times are averaged, as in HAProxy.
const SAMPLES: u64 = 1024;

/// What is counted. Each has the column of `show stat` that it is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Count {
    /// `conn_tot`
    Connections,
    /// `stot`
    Sessions,
    /// `h1sess`
    HttpSessions,
    /// `req_tot`
    Requests,
    /// `req_other`: streams that are no HTTP requests.
    OtherRequests,
    /// `reqbin`: bytes of requests received.
    RequestIn,
    /// `reqbout`: bytes of requests sent to servers.
    RequestOut,
    /// `resbin`: bytes of responses received from servers.
    ResponseIn,
    /// `resbout`: bytes of responses sent, our own answers included.
    ResponseOut,
    /// Bytes of requests that never left the kernel.
    SplicedRequests,
    /// Bytes of responses that never left the kernel.
    SplicedResponses,
    /// `dreq`
    DeniedRequests,
    /// `dresp`
    DeniedResponses,
    /// `dcon`
    DeniedConnections,
    /// `dses`
    DeniedSessions,
    /// `ereq`
    FailedRequests,
    /// `econ`
    FailedConnections,
    /// `eresp`
    FailedResponses,
    /// `wretr`
    Retries,
    /// `wredis`
    Redispatches,
    /// `wrew`
    FailedRewrites,
    /// `eint`
    InternalErrors,
    /// `cli_abrt`
    ClientAborts,
    /// `srv_abrt`
    ServerAborts,
    /// `hrsp_1xx`
    Responses1xx,
    /// `hrsp_2xx`
    Responses2xx,
    /// `hrsp_3xx`
    Responses3xx,
    /// `hrsp_4xx`
    Responses4xx,
    /// `hrsp_5xx`
    Responses5xx,
    /// `hrsp_other`
    ResponsesOther,
    /// `intercepted`
    Intercepted,
    /// `lbtot`
    Balanced,
    /// `connect`
    Connects,
    /// `reuse`
    Reuses,
    /// `comp_in`: bytes of responses given to compression.
    CompressIn,
    /// `comp_out`: what it made of them.
    CompressOut,
    /// `comp_byp`: bytes that could have been compressed and went on as they are.
    CompressBypassed,
    /// `comp_rsp`: responses with a coding, `identity` included.
    CompressedResponses,
    /// `cache_lookups`
    CacheLookups,
    /// `cache_hits`
    CacheHits,
    /// Streams whose times were averaged.
    Timed,
}

impl Count {
    const LEN: usize = Self::Timed as usize + 1;

    /// What a response of this status is counted as.
    pub fn response(status: u16) -> Self {
        match status / 100 {
            1 => Self::Responses1xx,
            2 => Self::Responses2xx,
            3 => Self::Responses3xx,
            4 => Self::Responses4xx,
            5 => Self::Responses5xx,
            _ => Self::ResponsesOther,
        }
    }
}

/// Events of which the rate is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Rate {
    /// `conn_rate`
    Connections,
    /// `rate`
    Sessions,
    /// `req_rate`
    Requests,
    /// Bytes sent, in some unit.
    Units,
    /// `CompressBpsIn`
    CompressIn,
    /// `CompressBpsOut`
    CompressOut,
}

impl Rate {
    const LEN: usize = Self::CompressOut as usize + 1;
}

/// Parts of a stream's life that are timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Time {
    /// `qtime`: waiting in a queue.
    Queue,
    /// `ctime`: connecting.
    Connect,
    /// `rtime`: until the response's head was there.
    Response,
    /// `ttime`: all of it.
    Total,
}

/// Events of one writer.
#[derive(Debug, Default)]
struct Meter {
    window: RateWindow,
    /// The most in one second.
    most: AtomicU32,
}

/// Upper bounds of the classes that durations are counted in, in microseconds; one more has what is
/// longer.
pub const DURATIONS_US: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// How long requests took, as one writer counts it.
#[derive(Debug, Default)]
struct Durations {
    /// How many were in each class.
    classes: [AtomicU64; DURATIONS_US.len() + 1],
    /// Of all, in microseconds.
    sum_us: AtomicU64,
}

/// How long requests took: how many were in each class of [`DURATIONS_US`] or longer, and the sum in
/// microseconds.
pub type Histogram = ([u64; DURATIONS_US.len() + 1], u64);

/// A sliding average of one writer, in milliseconds.
#[derive(Debug, Default)]
struct Timing {
    /// Of the last [`SAMPLES`].
    sum: AtomicU64,
    most: AtomicU32,
}

/// What one thread counts of one object.
#[derive(Debug)]
#[repr(align(128))]
pub struct Tally {
    counts: [AtomicU64; Count::LEN],
    meters: [Meter; Rate::LEN],
    timings: [Timing; 4],
    durations: Durations,
    /// Milliseconds of the process clock; 0 = never.
    last_session: AtomicU64,
    /// Connections to a server: idle, idle and reused before, thought to be needed.
    idle: [AtomicU32; 3],
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            counts: [const { AtomicU64::new(0) }; Count::LEN],
            meters: Default::default(),
            timings: Default::default(),
            durations: Durations::default(),
            last_session: AtomicU64::new(0),
            idle: Default::default(),
        }
    }
}

impl Tally {
    /// Counts one.
    pub fn count(&self, what: Count) {
        self.add(what, 1);
    }

    /// Counts several.
    pub fn add(&self, what: Count, amount: u64) {
        if let Some(count) = self.counts.get(what as usize) {
            count.store(count.load(Relaxed).wrapping_add(amount), Relaxed);
        }
    }

    /// Notes an event for its rate.
    pub fn meter(&self, rate: Rate, now: Millis) {
        self.meter_many(rate, now, 1);
    }

    /// Notes several events for their rate.
    pub fn meter_many(&self, rate: Rate, now: Millis, amount: u32) {
        let Some(meter) = self.meters.get(rate as usize) else {
            return;
        };
        let events = meter.window.add(now as Tick, SECOND, amount);
        if events > meter.most.load(Relaxed) {
            meter.most.store(events, Relaxed);
        }
    }

    /// Notes that a session began.
    pub fn session(&self, now: Millis) {
        self.count(Count::Sessions);
        self.meter(Rate::Sessions, now);
    }

    /// Notes when a session was given to a server.
    pub fn last_session(&self, now: Millis) {
        self.last_session.store(now, Relaxed);
    }

    /// Notes how many connections to a server are idle: unused since their first request, and
    /// reused before; and how many are thought to be needed.
    pub fn idle(&self, counts: [u32; 3]) {
        for (idle, count) in self.idle.iter().zip(counts) {
            idle.store(count, Relaxed);
        }
    }

    /// Counts a request that took so long.
    pub fn took(&self, us: u64) {
        let class = DURATIONS_US.partition_point(|bound| *bound < us);
        let count = self.durations.classes.get(class);
        for (count, more) in count
            .map(|count| (count, 1))
            .into_iter()
            .chain([(&self.durations.sum_us, us)])
        {
            count.store(count.load(Relaxed).wrapping_add(more), Relaxed);
        }
    }

    /// Adds a stream's times, in the order of [`Time`], milliseconds.
    pub fn time(&self, times: [u64; 4]) {
        self.count(Count::Timed);
        let timed = self.counts.get(Count::Timed as usize);
        let is_full = timed.is_some_and(|timed| timed.load(Relaxed) > SAMPLES);
        for (timing, time) in self.timings.iter().zip(times) {
            let sum = timing.sum.load(Relaxed);
            let kept = match is_full {
                true => sum - sum.div_ceil(SAMPLES),
                false => sum,
            };
            timing.sum.store(kept.saturating_add(time), Relaxed);
            let time = u32::try_from(time).unwrap_or(u32::MAX);
            if time > timing.most.load(Relaxed) {
                timing.most.store(time, Relaxed);
            }
        }
    }
}

/// All counting of one object. What is large is made once there is something to keep in it: many a
/// server is never used, and a configuration may have thousands.
#[derive(Debug)]
pub struct Counters {
    tallies: Box<[OnceLock<Box<Tally>>]>,
    /// What is taken off each sum.
    base: OnceLock<Box<Base>>,
    most_sessions: AtomicU32,
    most_queued: AtomicU32,
    /// Made with the first tally: before there were zeros.
    history: OnceLock<Box<History>>,
}

#[derive(Debug)]
struct Base([AtomicU64; Count::LEN]);

impl Default for Base {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; Count::LEN])
    }
}

impl Counters {
    /// All at zero, for so many writers.
    pub fn new(writers: usize) -> Self {
        Self {
            tallies: (0..writers).map(|_| OnceLock::new()).collect(),
            base: OnceLock::new(),
            most_sessions: AtomicU32::new(0),
            most_queued: AtomicU32::new(0),
            history: OnceLock::new(),
        }
    }

    /// What a writer counts with.
    pub fn tally(&self, writer: usize) -> Option<&Tally> {
        let tally = self.tallies.get(writer)?;
        Some(tally.get_or_init(|| {
            self.history.get_or_init(Box::default);
            Box::default()
        }))
    }

    /// What writers have counted with.
    fn tallies(&self) -> impl Iterator<Item = &Tally> {
        let made = self.tallies.iter().filter_map(OnceLock::get);
        made.map(|tally| &**tally)
    }

    /// How often something happened.
    pub fn count(&self, what: Count) -> u64 {
        let base = self.base.get().and_then(|base| base.0.get(what as usize));
        let base = base.map_or(0, |base| base.load(Relaxed));
        self.sum(what).wrapping_sub(base)
    }

    /// How often one writer counted something, whatever was cleared since.
    pub fn count_of(&self, writer: usize, what: Count) -> u64 {
        let tally = self.tallies.get(writer).and_then(OnceLock::get);
        let count = tally.and_then(|tally| tally.counts.get(what as usize));
        count.map_or(0, |count| count.load(Relaxed))
    }

    fn sum(&self, what: Count) -> u64 {
        self.tallies()
            .filter_map(|tally| tally.counts.get(what as usize))
            .fold(0, |sum, count| sum.wrapping_add(count.load(Relaxed)))
    }

    /// Events per second now.
    pub fn rate(&self, rate: Rate, now: Millis) -> u32 {
        let windows = self.meters(rate).map(|meter| &meter.window);
        RateWindow::read_all(windows, now as Tick, SECOND)
    }

    /// Takes a sample of requests, or sessions where there are none, per second.
    pub fn sample(&self, now: Millis) {
        if let Some(history) = self.history.get() {
            let requests = self.rate(Rate::Requests, now);
            history.add(requests.max(self.rate(Rate::Sessions, now)));
        }
    }

    /// The samples that were taken, the oldest first.
    pub(super) fn history(&self) -> [u32; SAMPLES_KEPT] {
        self.history
            .get()
            .map_or([0; SAMPLES_KEPT], |history| history.read())
    }

    /// How much of a limit of events per second is used now.
    pub fn used(&self, rate: Rate, now: Millis) -> u32 {
        let windows = self.meters(rate).map(|meter| &meter.window);
        RateWindow::weigh_all(windows, now as Tick, SECOND)
    }

    /// The most events in one second. Of several writers each one's own most is added up, which is
    /// the process's while they are loaded alike.
    pub fn most_per_second(&self, rate: Rate) -> u32 {
        self.meters(rate)
            .fold(0, |sum, meter| sum.saturating_add(meter.most.load(Relaxed)))
    }

    fn meters(&self, rate: Rate) -> impl Iterator<Item = &Meter> {
        self.tallies()
            .filter_map(move |tally| tally.meters.get(rate as usize))
    }

    /// How long requests took so far, whatever was cleared since.
    pub fn durations(&self) -> Histogram {
        let mut all = Histogram::default();
        for tally in self.tallies() {
            let Durations { classes, sum_us } = &tally.durations;
            for (sum, class) in all.0.iter_mut().zip(classes) {
                *sum = sum.wrapping_add(class.load(Relaxed));
            }
            all.1 = all.1.wrapping_add(sum_us.load(Relaxed));
        }
        all
    }

    /// The average over the last 1024 streams that reached a server, in milliseconds.
    pub fn average(&self, time: Time) -> u64 {
        let (mut sum, mut samples) = (0_u64, 0_u64);
        for tally in self.tallies() {
            let timed = tally.counts.get(Count::Timed as usize);
            samples += timed.map_or(0, |timed| timed.load(Relaxed).min(SAMPLES));
            let timing = tally.timings.get(time as usize);
            sum = sum.saturating_add(timing.map_or(0, |timing| timing.sum.load(Relaxed)));
        }
        sum.div_ceil(samples.max(1))
    }

    /// The longest, in milliseconds.
    pub fn longest(&self, time: Time) -> u32 {
        self.timings(time)
            .map(|timing| timing.most.load(Relaxed))
            .max()
            .unwrap_or(0)
    }

    fn timings(&self, time: Time) -> impl Iterator<Item = &Timing> {
        self.tallies()
            .filter_map(move |tally| tally.timings.get(time as usize))
    }

    /// When a session was last given to it.
    pub fn last_session(&self) -> Option<Millis> {
        let last = |tally: &Tally| tally.last_session.load(Relaxed);
        self.tallies().map(last).max().filter(|&last| last > 0)
    }

    /// Connections to a server: idle and unused since their first request, idle and reused before,
    /// thought to be needed.
    pub fn idle(&self) -> (u32, u32, u32) {
        let sum = |at: usize| {
            let counts = self.tallies().filter_map(|tally| tally.idle.get(at));
            counts.map(|count| count.load(Relaxed)).sum()
        };
        (sum(0), sum(1), sum(2))
    }

    /// How many connections to a server each writer keeps idle.
    pub fn idle_by_writer(&self) -> impl Iterator<Item = u32> {
        self.tallies.iter().map(|tally| {
            let [unsafe_ones, safe, _] = tally.get().map_or([0; 3], |tally| {
                tally.idle.each_ref().map(|count| count.load(Relaxed))
            });
            unsafe_ones + safe
        })
    }

    /// Notes how many sessions there are at once.
    pub fn saw_sessions(&self, sessions: u32) {
        raise(&self.most_sessions, sessions);
    }

    /// The most sessions at once.
    pub fn most_sessions(&self) -> u32 {
        self.most_sessions.load(Relaxed)
    }

    /// Notes how many wait at once.
    pub fn saw_queued(&self, queued: u32) {
        raise(&self.most_queued, queued);
    }

    /// The most that waited at once.
    pub fn most_queued(&self) -> u32 {
        self.most_queued.load(Relaxed)
    }

    /// `clear counters`: forgets all maxima.
    pub fn clear_maxima(&self) {
        self.most_sessions.store(0, Relaxed);
        self.most_queued.store(0, Relaxed);
        for tally in self.tallies() {
            tally.meters.iter().for_each(|m| m.most.store(0, Relaxed));
            tally.timings.iter().for_each(|t| t.most.store(0, Relaxed));
        }
    }

    /// `clear counters all`: counts from zero again.
    pub fn clear(&self) {
        self.clear_maxima();
        if self.tallies().next().is_some() || self.base.get().is_some() {
            for (index, base) in self.base.get_or_init(Box::default).0.iter().enumerate() {
                let sum = |tally: &Tally| tally.counts.get(index).map_or(0, |c| c.load(Relaxed));
                let sum = self.tallies().map(sum).fold(0, u64::wrapping_add);
                base.store(sum, Relaxed);
            }
        }
        for tally in self.tallies() {
            tally.last_session.store(0, Relaxed);
        }
    }

    /// Makes a count read so much, as a file of statistics says.
    pub fn preload(&self, what: Count, value: u64) {
        let base = self.base.get_or_init(Box::default);
        if let Some(base) = base.0.get(what as usize) {
            base.store(self.sum(what).wrapping_sub(value), Relaxed);
        }
    }
}

/// Few values are a new maximum: the others cost a load.
fn raise(most: &AtomicU32, value: u32) {
    if value > most.load(Relaxed) {
        most.fetch_max(value, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_summed_and_cleared_without_touching_them() {
        let counters = Counters::new(2);
        for (writer, amount) in [(0, 3), (1, 4)] {
            counters
                .tally(writer)
                .unwrap()
                .add(Count::RequestIn, amount);
        }
        assert_eq!(counters.count(Count::RequestIn), 7);
        counters.clear();
        assert_eq!(counters.count(Count::RequestIn), 0);
        counters.tally(1).unwrap().count(Count::RequestIn);
        assert_eq!(counters.count(Count::RequestIn), 1);
        counters.preload(Count::RequestIn, 1024);
        counters.tally(0).unwrap().count(Count::RequestIn);
        assert_eq!(counters.count(Count::RequestIn), 1025);
    }

    #[test]
    fn rates_have_a_maximum() {
        let counters = Counters::new(1);
        let tally = counters.tally(0).unwrap();
        (0..5).for_each(|n| tally.session(10_000 + n));
        tally.session(12_500);
        assert_eq!(counters.rate(Rate::Sessions, 12_500), 1);
        assert_eq!(counters.most_per_second(Rate::Sessions), 5);
        counters.clear_maxima();
        assert_eq!(counters.most_per_second(Rate::Sessions), 0);
        assert_eq!(counters.count(Count::Sessions), 6);
    }

    #[test]
    fn times_are_averaged_over_the_last_1024() {
        let check = |times: &[(u64, usize)], average, longest| {
            let counters = Counters::new(1);
            let tally = counters.tally(0).unwrap();
            for &(time, often) in times {
                (0..often).for_each(|_| tally.time([time, 0, 0, 0]));
            }
            assert_eq!(counters.average(Time::Queue), average, "{times:?}");
            assert_eq!(counters.longest(Time::Queue), longest, "{times:?}");
        };
        check(&[], 0, 0);
        check(&[(10, 1)], 10, 10);
        check(&[(10, 1), (20, 1)], 15, 20);
        check(&[(10, 5000)], 10, 10);
        check(&[(1000, 1024), (10, 20_000)], 10, 1000);
    }

    #[test]
    fn durations_have_classes() {
        let counters = Counters::new(2);
        for (writer, us) in [(0, 0), (0, 1_000), (1, 1_001), (1, 10_000_001)] {
            counters.tally(writer).unwrap().took(us);
        }
        let (classes, sum_us) = counters.durations();
        assert_eq!((classes[0], classes[1], classes[13]), (2, 1, 1));
        assert_eq!((classes.iter().sum::<u64>(), sum_us), (4, 10_002_002));
    }

    #[test]
    fn maxima_only_rise() {
        let counters = Counters::new(0);
        [3, 9, 4].into_iter().for_each(|n| counters.saw_sessions(n));
        [1, 0].into_iter().for_each(|n| counters.saw_queued(n));
        assert_eq!((counters.most_sessions(), counters.most_queued()), (9, 1));
    }

    #[test]
    fn statuses_have_classes() {
        let check = |status, expected| assert_eq!(Count::response(status), expected, "{status}");
        check(101, Count::Responses1xx);
        check(204, Count::Responses2xx);
        check(599, Count::Responses5xx);
        check(0, Count::ResponsesOther);
        check(600, Count::ResponsesOther);
    }
}
