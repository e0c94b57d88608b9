//! `outlier-detection`: servers that answer worse than they should leave the rotation for a while
//! (SEMANTICS 7.5 and 8.8).
//!
//! Runs of failures are judged with each answer, shares of failures at the end of each interval
//! (`shares`) by [`Outlier::tick`], which also lets servers return: the real time of an ejection is the asked one
//! rounded up to that. What must hold: never is the last usable server ejected, nor more than
//! `max-ejection-percent` of all, but that one always may be. Answers are counted in atomics; the
//! lock is taken only when somebody may be ejected or returns. Deliberately absent: how servers are
//! checked, and who calls `tick`.

mod shares;

use self::shares::Share;
use crate::clock::Millis;
use crate::growing::Growing;
use crate::random;
use parking_lot::Mutex;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// What an `outlier-detection` line says. A detector without a value is not active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutlierSpec {
    /// `consecutive-5xx`: a run of so many failures, 1 or more.
    pub consecutive_5xx: Option<u32>,
    /// `consecutive-gateway-failure`: the same of 502, 503 and 504.
    pub consecutive_gateway: Option<u32>,
    /// `consecutive-local-failure`: the same of connections that failed here; with `split_local`.
    pub consecutive_local: Option<u32>,
    /// `split-local`: failed connections are not taken for answers with 503.
    pub split_local: bool,
    /// `interval`, milliseconds.
    pub interval: Millis,
    /// `base-ejection-time`, milliseconds: the first ejection takes so long, the second in a row
    /// twice as long.
    pub base_ejection: Millis,
    /// `max-ejection-time`, milliseconds; at least `base_ejection`.
    pub max_ejection: Millis,
    /// `ejection-jitter`, milliseconds: up to so much is added.
    pub jitter: Millis,
    /// `max-ejection-percent`, 0 to 100.
    pub max_percent: u32,
    /// The `success-rate-*` words.
    pub success_rate: Option<SuccessRate>,
    /// The `failure-*` words.
    pub failure: Option<FailurePercent>,
    /// Not `no-uneject-on-check`.
    pub uneject_on_check: bool,
    /// `log-only`: nobody is ejected.
    pub log_only: bool,
}

impl Default for OutlierSpec {
    fn default() -> Self {
        Self {
            consecutive_5xx: None,
            consecutive_gateway: None,
            consecutive_local: None,
            split_local: false,
            interval: 10_000,
            base_ejection: 30_000,
            max_ejection: 300_000,
            jitter: 0,
            max_percent: 10,
            success_rate: None,
            failure: None,
            uneject_on_check: true,
            log_only: false,
        }
    }
}

/// Ejects those whose share of successes is far below the others'.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuccessRate {
    /// How many standard deviations below the mean.
    pub stdev: f64,
    /// How many servers must have had the volume.
    pub min_hosts: u32,
    /// How many answers in an interval count.
    pub volume: u32,
}

impl Default for SuccessRate {
    fn default() -> Self {
        Self {
            stdev: 1.9,
            min_hosts: 5,
            volume: 100,
        }
    }
}

/// Ejects those that fail too often, whatever the others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailurePercent {
    /// From this share on, 0 to 100.
    pub percent: u32,
    /// How many servers must have had the volume.
    pub min_hosts: u32,
    /// How many answers in an interval count.
    pub volume: u32,
}

impl Default for FailurePercent {
    fn default() -> Self {
        Self {
            percent: 85,
            min_hosts: 5,
            volume: 50,
        }
    }
}

/// What a server did with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered with this status.
    Answered(u16),
    /// No answer was to be had: not connected, closed, or too late.
    Failed,
}

/// What found a server out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the word of the same name")]
pub enum Detector {
    Consecutive5xx,
    ConsecutiveGateway,
    ConsecutiveLocal,
    SuccessRate,
    FailurePercent,
    /// The command line.
    Manual,
}

impl Detector {
    const COUNT: usize = 6;
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Consecutive5xx => "consecutive-5xx",
            Self::ConsecutiveGateway => "consecutive-gateway-failure",
            Self::ConsecutiveLocal => "consecutive-local-failure",
            Self::SuccessRate => "success-rate",
            Self::FailurePercent => "failure-percent",
            Self::Manual => "by command",
        })
    }
}

/// Something to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which server, by its place.
    pub server: usize,
    /// What became of it.
    pub change: Change,
}

/// What became of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It left the rotation for so many milliseconds.
    Ejected(Detector, Millis),
    /// It would have, but for `log-only`.
    Noticed(Detector),
    /// It would have, but too many have already, or no other could take its place.
    Spared(Detector),
    /// It is back.
    Returned,
}

impl Change {
    /// The line that tells of it; `server` is its full name.
    pub fn line(self, server: &str) -> String {
        match self {
            Self::Ejected(detector, ms) => {
                let seconds = ms as f64 / 1000.0;
                format!("Server {server} is EJECTED for {seconds}s ({detector}).")
            }
            Self::Noticed(detector) => {
                format!("Server {server} would be ejected ({detector}, log-only).")
            }
            Self::Spared(detector) => {
                format!("Server {server} is not ejected ({detector}): too few others are left.")
            }
            Self::Returned => format!("Server {server} is no longer ejected."),
        }
    }
}

/// The servers one chooses from.
pub trait Rotation {
    /// Whether any other server could take what this one gets.
    fn has_other(&self, server: usize) -> bool;
    /// Takes a server out of the rotation, or puts it back.
    fn set_ejected(&self, server: usize, ejected: bool);
}

/// The answers of one server.
#[derive(Debug, Default)]
struct Host {
    run_5xx: AtomicU32,
    run_gateway: AtomicU32,
    run_local: AtomicU32,
    /// Answers of this interval, and those among them that were none of 5xx.
    answers: AtomicU32,
    successes: AtomicU32,
    /// Written with the lock held.
    ejected: AtomicBool,
    /// How often it left the rotation.
    ejections: AtomicU64,
}

/// When a server returns, and how often in a row it had to leave.
#[derive(Clone, Copy, Debug, Default)]
struct Term {
    until: Option<Millis>,
    /// A command took it out, which no check ends.
    by_command: bool,
    in_a_row: u32,
}

#[derive(Debug)]
struct Terms {
    of: Vec<Term>,
    next_tick: Millis,
}

/// The detectors of one backend.
#[derive(Debug)]
pub struct Outlier {
    spec: OutlierSpec,
    hosts: Growing<Host>,
    terms: Mutex<Terms>,
    detected: [AtomicU64; Detector::COUNT],
    enforced: [AtomicU64; Detector::COUNT],
    overflow: AtomicU64,
}

impl Outlier {
    /// Detectors of so many servers that begin to look at `now`.
    pub fn new(spec: OutlierSpec, servers: usize, now: Millis) -> Self {
        Self {
            hosts: (0..servers).map(|_| Host::default()).collect(),
            terms: Mutex::new(Terms {
                of: vec![Term::default(); servers],
                next_tick: now.saturating_add(spec.interval),
            }),
            detected: Default::default(),
            enforced: Default::default(),
            overflow: AtomicU64::new(0),
            spec,
        }
    }

    /// Looks at one more server.
    pub fn add_server(&self) {
        let mut terms = self.terms.lock();
        terms.of.push(Term::default());
        self.hosts.add(Host::default());
    }

    /// What was configured.
    pub fn spec(&self) -> &OutlierSpec {
        &self.spec
    }

    /// Whether a server is out of the rotation.
    pub fn is_ejected(&self, server: usize) -> bool {
        let host = self.hosts.get(server);
        host.is_some_and(|host| host.ejected.load(Ordering::Relaxed))
    }

    /// Judges what a server did with a request.
    pub fn record(
        &self,
        server: usize,
        outcome: Outcome,
        now: Millis,
        rotation: &impl Rotation,
    ) -> Option<Event> {
        let host = self.hosts.get(server)?;
        // What comes from an ejected server was asked before, and says nothing new.
        if host.ejected.load(Ordering::Relaxed) {
            return None;
        }
        let detector = host.count(outcome, &self.spec)?;
        self.find_out(server, detector, now, rotation)
    }

    /// Ends the interval if it is over: those whose time is served return, shares are judged.
    pub fn tick(&self, now: Millis, rotation: &impl Rotation) -> Vec<Event> {
        {
            let mut terms = self.terms.lock();
            if now < terms.next_tick {
                return Vec::new();
            }
            terms.next_tick = now.saturating_add(self.spec.interval);
        }
        let mut events = self.let_return(now, rotation);
        let shares: Vec<Share> = (0..).zip(&self.hosts).filter_map(Share::take).collect();
        for (server, detector) in shares::outliers(&self.spec, &shares) {
            events.extend(self.find_out(server, detector, now, rotation));
        }
        events
    }

    /// When [`Outlier::tick`] has something to do.
    pub fn next_tick(&self) -> Millis {
        self.terms.lock().next_tick
    }

    /// Takes a server out for a time, whatever the others do (`set server … eject`).
    pub fn eject(&self, server: usize, time: Millis, now: Millis, rotation: &impl Rotation) {
        let mut terms = self.terms.lock();
        if let (Some(host), Some(term)) = (self.hosts.get(server), terms.of.get_mut(server)) {
            term.until = Some(now.saturating_add(time));
            term.by_command = true;
            self.count_ejection(host, Detector::Manual);
            rotation.set_ejected(server, true);
        }
    }

    /// Puts a server back (`set server … uneject`); whether it had been ejected.
    pub fn uneject(&self, server: usize, rotation: &impl Rotation) -> bool {
        self.return_if(server, rotation, |_| true)
    }

    /// An active check of a server succeeded; whether that ends its ejection. It does unless
    /// configured otherwise, but for those ejected by a command.
    pub fn check_passed(&self, server: usize, rotation: &impl Rotation) -> bool {
        self.spec.uneject_on_check
            && self.is_ejected(server)
            && self.return_if(server, rotation, |term| !term.by_command)
    }

    fn return_if(
        &self,
        server: usize,
        rotation: &impl Rotation,
        may_return: impl Fn(&Term) -> bool,
    ) -> bool {
        let mut terms = self.terms.lock();
        let ejected = |term: &&mut Term| term.until.is_some() && may_return(term);
        let Some(term) = terms.of.get_mut(server).filter(ejected) else {
            return false;
        };
        term.until = None;
        self.put_back(server, rotation);
        true
    }

    /// Ejects a server that was found out, or says why not.
    fn find_out(
        &self,
        server: usize,
        detector: Detector,
        now: Millis,
        rotation: &impl Rotation,
    ) -> Option<Event> {
        let mut terms = self.terms.lock();
        let host = self.hosts.get(server)?;
        if host.ejected.load(Ordering::Relaxed) {
            return None;
        }
        add(&self.detected, detector);
        host.forgive();
        let change = if self.spec.log_only {
            Change::Noticed(detector)
        } else if !rotation.has_other(server) || !self.may_eject_one_more(&terms) {
            self.overflow.fetch_add(1, Ordering::Relaxed);
            Change::Spared(detector)
        } else {
            let term = terms.of.get_mut(server)?;
            term.in_a_row = term.in_a_row.saturating_add(1);
            let time = self.spec.time_of(term.in_a_row);
            term.until = Some(now.saturating_add(time));
            term.by_command = false;
            self.count_ejection(host, detector);
            rotation.set_ejected(server, true);
            Change::Ejected(detector, time)
        };
        Some(Event { server, change })
    }

    fn may_eject_one_more(&self, terms: &Terms) -> bool {
        let ejected = terms.of.iter().filter(|term| term.until.is_some()).count() as u64;
        let most = self.hosts.len() as u64 * u64::from(self.spec.max_percent);
        ejected == 0 || (ejected + 1) * 100 <= most
    }

    fn count_ejection(&self, host: &Host, detector: Detector) {
        host.ejected.store(true, Ordering::Relaxed);
        host.ejections.fetch_add(1, Ordering::Relaxed);
        add(&self.enforced, detector);
    }

    /// Those whose time is over return; those that behaved for an interval are trusted more.
    fn let_return(&self, now: Millis, rotation: &impl Rotation) -> Vec<Event> {
        let mut terms = self.terms.lock();
        let mut events = Vec::new();
        for (server, term) in terms.of.iter_mut().enumerate() {
            match term.until {
                None => term.in_a_row = term.in_a_row.saturating_sub(1),
                Some(until) if until <= now => {
                    term.until = None;
                    self.put_back(server, rotation);
                    events.push(Event {
                        server,
                        change: Change::Returned,
                    });
                }
                Some(_) => {}
            }
        }
        events
    }

    fn put_back(&self, server: usize, rotation: &impl Rotation) {
        if let Some(host) = self.hosts.get(server) {
            host.forgive();
            host.ejected.store(false, Ordering::Relaxed);
        }
        rotation.set_ejected(server, false);
    }

    /// What is known of the servers now.
    pub fn snapshot(&self, now: Millis) -> OutlierSnapshot {
        let terms = self.terms.lock();
        let hosts = self.hosts.iter().zip(&terms.of);
        let total = |counters: &[AtomicU64]| counters.iter().map(load).sum();
        OutlierSnapshot {
            servers: hosts
                .map(|(host, term)| host.snapshot(*term, now))
                .collect(),
            detected: total(&self.detected),
            enforced: total(&self.enforced),
            overflow: load(&self.overflow),
        }
    }
}

impl OutlierSpec {
    /// How long the ejection takes that is this many in a row.
    fn time_of(&self, in_a_row: u32) -> Millis {
        let longest = self.max_ejection.max(self.base_ejection);
        let time = self.base_ejection.saturating_mul(in_a_row.into());
        let jitter = u32::try_from(self.jitter).unwrap_or(u32::MAX);
        let added = random::below(jitter.saturating_add(1));
        time.min(longest).saturating_add(added.into())
    }
}

impl Host {
    /// Counts what it did; the detector that this is too much for.
    fn count(&self, outcome: Outcome, spec: &OutlierSpec) -> Option<Detector> {
        let (failed, gateway, local) = match outcome {
            Outcome::Answered(status) => (status >= 500, matches!(status, 502..=504), false),
            Outcome::Failed if spec.split_local => (false, false, true),
            Outcome::Failed => (true, true, false),
        };
        if !local && (spec.success_rate.is_some() || spec.failure.is_some()) {
            self.answers.fetch_add(1, Ordering::Relaxed);
            self.successes
                .fetch_add(u32::from(!failed), Ordering::Relaxed);
        }
        if local {
            return reaches(&self.run_local, spec.consecutive_local, true)
                .then_some(Detector::ConsecutiveLocal);
        }
        // Every run goes on or ends, whichever of them is judged.
        let of_5xx = reaches(&self.run_5xx, spec.consecutive_5xx, failed);
        let of_gateway = reaches(&self.run_gateway, spec.consecutive_gateway, gateway);
        reaches(&self.run_local, spec.consecutive_local, false);
        match (of_5xx, of_gateway) {
            (true, _) => Some(Detector::Consecutive5xx),
            (_, true) => Some(Detector::ConsecutiveGateway),
            _ => None,
        }
    }

    /// Its runs begin anew.
    fn forgive(&self) {
        for run in [&self.run_5xx, &self.run_gateway, &self.run_local] {
            run.store(0, Ordering::Relaxed);
        }
    }

    fn snapshot(&self, term: Term, now: Millis) -> OutlierServer {
        OutlierServer {
            left: term.until.map(|until| until.saturating_sub(now)),
            in_a_row: term.in_a_row,
            ejections: load(&self.ejections),
            run_5xx: self.run_5xx.load(Ordering::Relaxed),
            run_gateway: self.run_gateway.load(Ordering::Relaxed),
            run_local: self.run_local.load(Ordering::Relaxed),
            answers: self.answers.load(Ordering::Relaxed),
            successes: self.successes.load(Ordering::Relaxed),
        }
    }
}

/// Lets a run go on or end; whether it has just become as long as it may not be.
fn reaches(run: &AtomicU32, limit: Option<u32>, goes_on: bool) -> bool {
    let Some(limit) = limit else { return false };
    if goes_on {
        return run.fetch_add(1, Ordering::Relaxed).saturating_add(1) == limit;
    }
    if run.load(Ordering::Relaxed) > 0 {
        run.store(0, Ordering::Relaxed);
    }
    false
}

fn add(counters: &[AtomicU64; Detector::COUNT], detector: Detector) {
    if let Some(counter) = counters.get(detector as usize) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn load(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// What [`Outlier::snapshot`] shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlierSnapshot {
    /// Each server, in order.
    pub servers: Vec<OutlierServer>,
    /// How often any was found out.
    pub detected: u64,
    /// How often any was ejected.
    pub enforced: u64,
    /// How often one was spared for the sake of the others.
    pub overflow: u64,
}

/// One server of an [`OutlierSnapshot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlierServer {
    /// Milliseconds until its time is over; `None` if it is in rotation.
    pub left: Option<Millis>,
    /// What its next ejection time is multiplied by, less one.
    pub in_a_row: u32,
    /// Ejections since the start.
    pub ejections: u64,
    /// Failures in a row.
    pub run_5xx: u32,
    /// 502, 503 and 504 in a row.
    pub run_gateway: u32,
    /// Failed connections in a row.
    pub run_local: u32,
    /// Answers in the current interval, where shares are judged.
    pub answers: u32,
    /// Those that were none of 5xx.
    pub successes: u32,
}

#[cfg(test)]
mod tests;
