//! Circuit breakers: requests are refused for a while after a trigger held, then let through again
//! little by little (SEMANTICS 4.4, 8.5).
//!
//! What must hold: transitions happen on requests and completions only, never by a timer; while the
//! breaker is closed a request costs no lock; with `probe_max` no more requests than that are in
//! flight while it recovers. Deliberately absent: the answer to who is refused, and log lines,
//! which come as [`News`] from who caused them.

use super::metrics::{Reading, Sample, Windows};
use super::trigger::{Metrics, Trigger};
use crate::clock::{Clock, Millis};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// What a `circuit-breaker` line asks for. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerSpec {
    /// `<proxy>/<name>`.
    pub name: Arc<str>,
    /// When it opens.
    pub trigger: Trigger,
    /// How often the trigger is looked at, at most.
    pub check_period: Millis,
    /// How long it is open.
    pub fallback: Millis,
    /// How long it may be open: each time it opens while it recovers it is for twice as long.
    pub fallback_max: Option<Millis>,
    /// How long it recovers.
    pub recovery: Millis,
    /// Requests there must have been in the window.
    pub min_requests: u32,
    /// The window of counters.
    pub window: Millis,
    /// The window of latencies.
    pub latency_window: Millis,
    /// Whether a latency ends with the response's head instead of its last byte.
    pub first_byte: bool,
    /// Most requests in flight while it recovers.
    pub probe_max: Option<u32>,
    /// Decides and counts only.
    pub shadow: bool,
    /// `scope server`: the backend and the server in it that it is about, by their places.
    pub server: Option<(usize, usize)>,
}

/// Whether requests are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// All are.
    Closed,
    /// None is.
    Open,
    /// More and more are.
    Recovering,
}

impl BreakerState {
    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Recovering => "recovering",
        }
    }

    /// What `cb_state` gives.
    pub fn number(self) -> i64 {
        self as i64
    }
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerMode {
    /// The breaker.
    Auto,
    /// It was opened by hand.
    Open,
    /// It was closed by hand.
    Close,
}

impl BreakerMode {
    /// Every mode by its name.
    pub const ALL: [(&'static str, Self); 3] = [
        ("open", Self::Open),
        ("close", Self::Close),
        ("auto", Self::Auto),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(_, mode)| *mode == self)
            .map_or("", |(name, _)| name)
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Admission {
    /// It goes on, and is a sample when it ends.
    Pass(Pass),
    /// It is refused; the breaker lets requests through again in so many milliseconds.
    Refused(Millis),
}

/// A change of state, to be told.
#[derive(Debug)]
pub struct News {
    /// Whose.
    pub breaker: Arc<Breaker>,
    /// What happened.
    pub change: Change,
}

/// A change of state.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It opened, for so long, because of these metrics.
    Opened(Millis, String),
    /// It recovers, for so long.
    Recovers(Millis),
    /// It closed.
    Closed,
}

/// A breaker.
#[derive(Debug)]
pub struct Breaker {
    spec: BreakerSpec,
    clock: Clock,
    /// Whether every request goes on: what the state says, read without its lock.
    lets_all_through: AtomicBool,
    course: Mutex<Course>,
    windows: Windows,
    /// The trigger is not looked at up to this moment.
    next_check: AtomicU64,
    in_flight: AtomicU32,
    trips: AtomicU64,
    denied: AtomicU64,
}

/// Where it is, and how it came there.
#[derive(Debug)]
struct Course {
    state: BreakerState,
    mode: BreakerMode,
    /// When it entered the state, and when it may leave it.
    since: Millis,
    until: Millis,
    /// How long it is open, this time or the next.
    fallback: Millis,
    /// Requests of this recovery.
    allowed: u64,
    refused: u64,
    /// What opened it last.
    because: Option<Arc<str>>,
}

/// What there is to be seen of a breaker.
#[derive(Clone, Debug)]
pub struct BreakerView {
    /// What it was made from.
    pub spec: BreakerSpec,
    /// Its state as a request would find it.
    pub state: BreakerState,
    /// Who decides.
    pub mode: BreakerMode,
    /// Milliseconds until it may leave the state; 0 while it is closed.
    pub left: Millis,
    /// Milliseconds since it entered the state.
    pub since: Millis,
    /// How often it opened.
    pub trips: u64,
    /// Requests refused, or that would have been.
    pub denied: u64,
    /// Requests in flight that it let through.
    pub in_flight: u32,
    /// Requests let through in this recovery, or the last one.
    pub allowed: u64,
    /// What opened it last, if anything did.
    pub because: Option<Arc<str>>,
    /// Requests in the window.
    pub samples: u64,
    /// Network errors to requests.
    pub net_error_ratio: f64,
    /// Responses 5xx to all.
    pub code_5xx_ratio: f64,
    /// Latencies in milliseconds.
    pub latency_p50: u64,
    /// Latencies in milliseconds.
    pub latency_p99: u64,
}

impl Breaker {
    /// A fresh one.
    pub fn new(spec: BreakerSpec, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            lets_all_through: AtomicBool::new(true),
            course: Mutex::new(Course {
                state: BreakerState::Closed,
                mode: BreakerMode::Auto,
                since: clock.now(),
                until: 0,
                fallback: spec.fallback,
                allowed: 0,
                refused: 0,
                because: None,
            }),
            windows: Windows::new(spec.window, spec.latency_window),
            next_check: AtomicU64::new(0),
            in_flight: AtomicU32::new(0),
            trips: AtomicU64::new(0),
            denied: AtomicU64::new(0),
            spec,
            clock,
        })
    }

    /// What it was made from.
    pub fn spec(&self) -> &BreakerSpec {
        &self.spec
    }

    /// Decides on a request.
    pub fn admit(self: &Arc<Self>) -> (Admission, Option<News>) {
        let now_us = self.clock.now_us();
        let now = now_us / 1000;
        // Counted before looking, so that whoever opens the breaker meanwhile sees it.
        let pass = self.pass(now_us);
        if self.lets_all_through.load(Ordering::SeqCst) {
            return (Admission::Pass(pass), None);
        }
        let (is_let_through, change) = self.decide(now);
        let news = change.map(|change| self.news(change));
        if is_let_through {
            return (Admission::Pass(pass), news);
        }
        drop(pass);
        self.denied.fetch_add(1, Ordering::Relaxed);
        (Admission::Refused(self.retry_in(now)), news)
    }

    /// The way of a request that may find the breaker other than closed.
    fn decide(&self, now: Millis) -> (bool, Option<Change>) {
        let mut course = self.course.lock();
        match (course.mode, course.state) {
            (BreakerMode::Open, _) => return (false, None),
            (BreakerMode::Close, _) | (_, BreakerState::Closed) => return (true, None),
            _ => {}
        }
        let mut change = None;
        if course.state == BreakerState::Open {
            if now < course.until {
                return (false, None);
            }
            course.enter(BreakerState::Recovering, now, self.spec.recovery);
            (course.allowed, course.refused) = (0, 0);
            change = Some(Change::Recovers(self.spec.recovery));
        }
        if now > course.until {
            course.fallback = self.spec.fallback;
            course.enter(BreakerState::Closed, now, 0);
            self.lets_all_through.store(true, Ordering::SeqCst);
            return (true, Some(Change::Closed));
        }
        let has_room = |most| self.in_flight.load(Ordering::SeqCst) <= most;
        let is_let_through = course.is_below_ramp(now, self.spec.recovery)
            && self.spec.probe_max.is_none_or(has_room);
        match is_let_through {
            true => course.allowed += 1,
            false => course.refused += 1,
        }
        (is_let_through, change)
    }

    /// A request that was let through has ended so.
    fn complete(self: &Arc<Self>, sample: Sample) -> Option<News> {
        let now = self.clock.now();
        self.windows.record(sample, now);
        let next = self.next_check.load(Ordering::Acquire);
        let later = now.saturating_add(self.spec.check_period);
        let is_due = now > next
            && self
                .next_check
                .compare_exchange(next, later, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok();
        if !is_due {
            return None;
        }
        let mut course = self.course.lock();
        let is_watching = course.mode == BreakerMode::Auto && course.state != BreakerState::Open;
        let metrics = self.windows.at(now);
        if !is_watching || !self.holds(&metrics) {
            return None;
        }
        if course.state == BreakerState::Recovering
            && let Some(most) = self.spec.fallback_max
        {
            course.fallback = course.fallback.saturating_mul(2).min(most);
        }
        let because = self.spec.trigger.because(&metrics);
        course.because = Some(because.as_str().into());
        let fallback = course.fallback;
        course.enter(BreakerState::Open, now, fallback);
        self.lets_all_through.store(false, Ordering::SeqCst);
        self.windows.clear();
        self.trips.fetch_add(1, Ordering::Relaxed);
        Some(self.news(Change::Opened(fallback, because)))
    }

    fn holds(&self, metrics: &Reading<'_>) -> bool {
        self.spec.trigger.holds(metrics) && metrics.requests() >= self.spec.min_requests.into()
    }

    /// Opens or closes it by hand, or lets it decide again: what was opened then recovers, what
    /// was closed is closed.
    pub fn set_mode(self: &Arc<Self>, mode: BreakerMode) -> Option<News> {
        let now = self.clock.now();
        let mut course = self.course.lock();
        let before = std::mem::replace(&mut course.mode, mode);
        if before == mode {
            return None;
        }
        let change = match mode {
            BreakerMode::Open => {
                course.because = Some("by hand".into());
                course.enter(BreakerState::Open, now, 0);
                Change::Opened(0, "by hand".to_owned())
            }
            BreakerMode::Auto if before == BreakerMode::Open => return None,
            BreakerMode::Close | BreakerMode::Auto => {
                self.windows.clear();
                course.fallback = self.spec.fallback;
                course.enter(BreakerState::Closed, now, 0);
                Change::Closed
            }
        };
        let is_closed = course.state == BreakerState::Closed;
        self.lets_all_through.store(is_closed, Ordering::SeqCst);
        Some(self.news(change))
    }

    /// Its state as a request would find it.
    pub fn state(&self) -> BreakerState {
        if self.lets_all_through.load(Ordering::SeqCst) {
            return BreakerState::Closed;
        }
        self.course.lock().effective(self.clock.now())
    }

    /// What there is to be seen.
    pub fn view(&self) -> BreakerView {
        let now = self.clock.now();
        let metrics = self.windows.at(now);
        let course = self.course.lock();
        let state = course.effective(now);
        BreakerView {
            spec: self.spec.clone(),
            state,
            mode: course.mode,
            left: match state {
                BreakerState::Closed => 0,
                _ => course.until.saturating_sub(now),
            },
            since: now.saturating_sub(course.since),
            trips: self.trips.load(Ordering::Relaxed),
            denied: self.denied.load(Ordering::Relaxed),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            allowed: course.allowed,
            because: course.because.clone(),
            samples: metrics.requests(),
            net_error_ratio: metrics.network_error_ratio(),
            code_5xx_ratio: metrics.response_code_ratio((500, 600), (0, 600)),
            latency_p50: metrics.latency_at_quantile_ms(50.0),
            latency_p99: metrics.latency_at_quantile_ms(99.0),
        }
    }

    fn retry_in(&self, now: Millis) -> Millis {
        self.course.lock().until.saturating_sub(now)
    }

    fn pass(self: &Arc<Self>, since_us: u64) -> Pass {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        Pass {
            since_us,
            breaker: Arc::clone(self),
        }
    }

    fn news(self: &Arc<Self>, change: Change) -> News {
        News {
            breaker: Arc::clone(self),
            change,
        }
    }
}

impl Course {
    fn enter(&mut self, state: BreakerState, now: Millis, time: Millis) {
        self.state = state;
        self.since = now;
        self.until = now.saturating_add(time);
    }

    /// Whether one more request leaves the share of those let through below half of the share of
    /// the recovery that has passed.
    fn is_below_ramp(&self, now: Millis, recovery: Millis) -> bool {
        let elapsed = u128::from(now.saturating_sub(self.since));
        let allowed = u128::from(self.allowed) + 1;
        let all = allowed + u128::from(self.refused);
        2 * allowed * u128::from(recovery) < elapsed * all
    }

    /// The state as a request would find it.
    fn effective(&self, now: Millis) -> BreakerState {
        match self.state {
            BreakerState::Open if self.mode == BreakerMode::Auto && now >= self.until => {
                BreakerState::Recovering
            }
            BreakerState::Recovering if now > self.until => BreakerState::Closed,
            state => state,
        }
    }
}

/// A request that a breaker let through: in flight until this is dropped.
#[derive(Debug)]
pub struct Pass {
    breaker: Arc<Breaker>,
    since_us: u64,
}

impl Pass {
    /// When the request was let through, in microseconds.
    pub fn since_us(&self) -> u64 {
        self.since_us
    }

    /// Whose it is.
    pub fn breaker(&self) -> &Arc<Breaker> {
        &self.breaker
    }

    /// The request has ended, and how. Without this it is no sample.
    pub fn complete(self, sample: Sample) -> Option<News> {
        self.breaker.complete(sample)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.breaker.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Circuit breaker {} is ", self.breaker.spec.name)?;
        match &self.change {
            Change::Opened(0, because) => write!(f, "OPEN ({because})."),
            Change::Opened(time, because) => write!(f, "OPEN for {} ({because}).", Time(*time)),
            Change::Recovers(time) => write!(f, "RECOVERING for {}.", Time(*time)),
            Change::Closed => f.write_str("CLOSED."),
        }
    }
}

/// Milliseconds as configurations write times.
struct Time(Millis);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (86_400_000, "d"),
            (3_600_000, "h"),
            (60_000, "m"),
            (1000, "s"),
        ];
        let fits = |(length, _): &&(Millis, &str)| self.0 != 0 && self.0.is_multiple_of(*length);
        let (length, unit) = units.iter().find(fits).unwrap_or(&(1, "ms"));
        write!(f, "{}{unit}", self.0 / length)
    }
}

#[cfg(test)]
mod tests;
