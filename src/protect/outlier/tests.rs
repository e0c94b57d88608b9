//! The detectors on the virtual clock, and against a plain model of SEMANTICS 7.5.

use super::*;
use proptest::prelude::*;
use std::cell::RefCell;

/// Servers that are all usable, but for those that were ejected.
#[derive(Default)]
struct Ring {
    ejected: RefCell<Vec<bool>>,
}

impl Ring {
    fn of(servers: usize) -> Self {
        Self {
            ejected: RefCell::new(vec![false; servers]),
        }
    }
}

impl Rotation for Ring {
    fn has_other(&self, server: usize) -> bool {
        let ejected = self.ejected.borrow();
        (0..).zip(&*ejected).any(|(at, out)| at != server && !out)
    }

    fn set_ejected(&self, server: usize, ejected: bool) {
        self.ejected.borrow_mut()[server] = ejected;
    }
}

struct Bench {
    outlier: Outlier,
    ring: Ring,
    now: Millis,
}

impl Bench {
    fn new(servers: usize, change: impl FnOnce(&mut OutlierSpec)) -> Self {
        let mut spec = OutlierSpec::default();
        change(&mut spec);
        Self {
            outlier: Outlier::new(spec, servers, 0),
            ring: Ring::of(servers),
            now: 0,
        }
    }

    fn record(&self, server: usize, outcome: Outcome) -> Option<Change> {
        let event = self.outlier.record(server, outcome, self.now, &self.ring);
        event.inspect(|event| assert_eq!(event.server, server))?;
        event.map(|event| event.change)
    }

    /// The statuses a server answers with, one after the other; what comes of the last.
    fn answers(&self, server: usize, statuses: &[u16]) -> Option<Change> {
        statuses.iter().fold(None, |_, &status| {
            self.record(server, Outcome::Answered(status))
        })
    }

    /// Answers of which so many are 500.
    fn share(&self, server: usize, failures: usize, of: usize) {
        for number in 0..of {
            let status = if number < failures { 500 } else { 200 };
            let found = self.record(server, Outcome::Answered(status));
            assert_eq!(found, None);
        }
    }

    /// Lets time pass, ticking each 100 ms; what happened, and when.
    fn pass(&mut self, time: Millis) -> Vec<(Millis, usize, Change)> {
        let until = self.now + time;
        let mut found = Vec::new();
        while self.now < until {
            self.now += 100;
            let events = self.outlier.tick(self.now, &self.ring);
            found.extend(events.iter().map(|e| (self.now, e.server, e.change)));
        }
        found
    }

    fn is_out(&self, server: usize) -> bool {
        assert_eq!(
            self.outlier.is_ejected(server),
            self.ring.ejected.borrow()[server]
        );
        self.outlier.is_ejected(server)
    }
}

const OF_5XX: Detector = Detector::Consecutive5xx;

#[test]
fn five_errors_in_a_row_are_too_many() {
    let bench = Bench::new(3, |spec| spec.consecutive_5xx = Some(5));
    assert_eq!(bench.answers(0, &[500, 501, 599, 503]), None);
    assert_eq!(bench.answers(0, &[404]), None, "not an error: anew");
    assert_eq!(bench.answers(0, &[500; 4]), None);
    let ejected = Some(Change::Ejected(OF_5XX, 30_000));
    assert_eq!(bench.answers(0, &[500]), ejected);
    assert!(bench.is_out(0) && !bench.is_out(1));
    assert_eq!(bench.answers(0, &[500; 9]), None, "asked before");
}

#[test]
fn a_failed_connection_is_a_gateway_failure_unless_split() {
    let check = |split_local, expected| {
        let bench = Bench::new(3, |spec| {
            spec.consecutive_gateway = Some(2);
            spec.consecutive_local = Some(3);
            spec.split_local = split_local;
        });
        let found = (0..4).find_map(|_| bench.record(1, Outcome::Failed));
        assert_eq!(found, Some(Change::Ejected(expected, 30_000)));
    };
    check(false, Detector::ConsecutiveGateway);
    check(true, Detector::ConsecutiveLocal);
}

#[test]
fn only_502_503_and_504_are_the_gateways() {
    let bench = Bench::new(2, |spec| spec.consecutive_gateway = Some(3));
    assert_eq!(bench.answers(0, &[502, 503, 500, 504, 502]), None);
    assert!(bench.answers(0, &[503]).is_some());
}

#[test]
fn a_share_of_servers_at_most_but_one_always() {
    let ejects = |servers: usize, percent: u32| {
        let bench = Bench::new(servers, |spec| {
            spec.consecutive_5xx = Some(1);
            spec.max_percent = percent;
        });
        let out = (0..servers).filter(|&server| {
            bench.answers(server, &[500]);
            bench.is_out(server)
        });
        let out = out.count();
        let spared = bench.outlier.snapshot(0).overflow as usize;
        assert_eq!(out + spared, servers);
        out
    };
    assert_eq!(ejects(1, 100), 0, "the only one");
    assert_eq!(ejects(2, 10), 1);
    assert_eq!(ejects(10, 0), 1);
    assert_eq!(ejects(10, 10), 1);
    assert_eq!(ejects(10, 29), 2);
    assert_eq!(ejects(10, 30), 3);
    assert_eq!(ejects(10, 100), 9, "the last one stays");
}

#[test]
fn ejections_grow_and_are_rounded_up_to_an_interval() {
    let mut bench = Bench::new(2, |spec| {
        spec.consecutive_5xx = Some(1);
        spec.interval = 10_000;
        spec.max_ejection = 70_000;
    });
    bench.pass(1_000);
    let mut round = |time: Millis, back: Millis| {
        let ejected = Some(Change::Ejected(OF_5XX, time));
        assert_eq!(bench.answers(0, &[500]), ejected);
        let events = bench.pass(back - bench.now);
        assert_eq!(events, [(back, 0, Change::Returned)]);
    };
    round(30_000, 40_000);
    round(60_000, 100_000);
    round(70_000, 170_000);
    // Two good intervals take two off.
    bench.pass(20_000);
    let ejected = Some(Change::Ejected(OF_5XX, 60_000));
    assert_eq!(bench.outlier.snapshot(0).servers[0].in_a_row, 1);
    assert_eq!(bench.answers(0, &[500]), ejected);
}

#[test]
fn jitter_is_added() {
    let bench = Bench::new(200, |spec| {
        spec.consecutive_5xx = Some(1);
        spec.max_percent = 100;
        spec.jitter = 1_000;
    });
    let times: Vec<_> = (0..100)
        .map(|server| match bench.answers(server, &[500]) {
            Some(Change::Ejected(_, time)) => time,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(times.iter().all(|time| (30_000..=31_000).contains(time)));
    assert!(times.iter().any(|&time| time != times[0]));
}

#[test]
fn the_success_rate_is_compared_with_the_others() {
    let mut bench = Bench::new(6, |spec| spec.success_rate = Some(SuccessRate::default()));
    // Mean 91.67, deviation 18.63: below 56.26 stands out.
    (0..5).for_each(|server| bench.share(server, 0, 100));
    bench.share(5, 50, 100);
    let ejected = Change::Ejected(Detector::SuccessRate, 30_000);
    assert_eq!(bench.pass(10_000), [(10_000, 5, ejected)]);
    // All equally bad: nobody stands out.
    (0..5).for_each(|server| bench.share(server, 90, 100));
    assert_eq!(bench.pass(10_000), []);
}

#[test]
fn shares_need_volume_and_hosts() {
    let check = |hosts: usize, volume: usize, expected: usize| {
        let mut bench = Bench::new(6, |spec| {
            spec.failure = Some(FailurePercent::default());
        });
        (0..hosts).for_each(|server| bench.share(server, volume * (server % 2), volume));
        assert_eq!(bench.pass(10_000).len(), expected, "{hosts} {volume}");
    };
    check(5, 50, 2);
    check(5, 49, 0);
    check(4, 50, 0);
}

#[test]
fn a_failure_percentage_is_reached_at_its_value() {
    let check = |failures: usize, expected: bool| {
        let mut bench = Bench::new(2, |spec| {
            spec.failure = Some(FailurePercent {
                percent: 85,
                min_hosts: 1,
                volume: 50,
            });
        });
        bench.share(0, failures, 100);
        assert_eq!(!bench.pass(10_000).is_empty(), expected, "{failures}");
        bench.share(1, 0, 100);
    };
    check(84, false);
    check(85, true);
}

#[test]
fn log_only_ejects_nobody() {
    let bench = Bench::new(2, |spec| {
        (spec.consecutive_5xx, spec.log_only) = (Some(2), true);
    });
    let noticed = Some(Change::Noticed(OF_5XX));
    assert_eq!(bench.answers(0, &[500, 500]), noticed);
    assert_eq!(bench.answers(0, &[500]), None, "a run of its own");
    assert_eq!(bench.answers(0, &[500]), noticed);
    assert!(!bench.is_out(0));
}

#[test]
fn commands_eject_and_return() {
    let mut bench = Bench::new(2, |_| {});
    (0..2).for_each(|server| bench.outlier.eject(server, 5_000, bench.now, &bench.ring));
    assert!(bench.is_out(0) && bench.is_out(1), "whatever is left");
    assert!(bench.outlier.uneject(0, &bench.ring));
    assert!(!bench.outlier.uneject(0, &bench.ring));
    assert_eq!(bench.pass(10_000), [(10_000, 1, Change::Returned)]);
    assert!(!bench.is_out(1));
}

#[test]
fn a_passed_check_brings_a_server_back_unless_told_otherwise() {
    let check = |uneject_on_check, by_command, returns: bool| {
        let bench = Bench::new(2, |spec| {
            (spec.consecutive_5xx, spec.uneject_on_check) = (Some(2), uneject_on_check);
        });
        match by_command {
            true => bench.outlier.eject(0, 5_000, 0, &bench.ring),
            false => assert!(bench.answers(0, &[500, 500]).is_some()),
        }
        assert_eq!(bench.outlier.check_passed(0, &bench.ring), returns);
        assert_eq!(bench.is_out(0), !returns);
    };
    check(true, false, true);
    check(false, false, false);
    check(true, true, false);
}

/// Section 7.5 written down once more, as plainly as can be.
struct Model {
    spec: OutlierSpec,
    now: Millis,
    next: Millis,
    hosts: Vec<ModelHost>,
}

#[derive(Clone, Default)]
struct ModelHost {
    history: Vec<Outcome>,
    of_interval: Vec<Outcome>,
    out_until: Option<Millis>,
    times: u32,
}

impl Model {
    fn trailing(history: &[Outcome], is: impl Fn(&Outcome) -> bool) -> u32 {
        history.iter().rev().take_while(|o| is(o)).count() as u32
    }

    fn is_5xx(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Answered(status) => *status >= 500,
            Outcome::Failed => !self.spec.split_local,
        }
    }

    fn is_gateway(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Answered(status) => [502, 503, 504].contains(status),
            Outcome::Failed => !self.spec.split_local,
        }
    }

    fn record(&mut self, server: usize, outcome: Outcome) {
        if self.hosts[server].out_until.is_some() {
            return;
        }
        let is_local = outcome == Outcome::Failed && self.spec.split_local;
        if !is_local {
            self.hosts[server].of_interval.push(outcome);
        }
        self.hosts[server].history.push(outcome);
        let history = self.hosts[server].history.clone();
        // A local failure is no answer: runs of answers go on beyond it.
        let answers: Vec<_> = history
            .iter()
            .copied()
            .filter(|o| !(self.spec.split_local && *o == Outcome::Failed))
            .collect();
        let runs = [
            (
                self.spec.consecutive_5xx,
                is_local,
                Self::trailing(&answers, |o| self.is_5xx(o)),
            ),
            (
                self.spec.consecutive_gateway,
                is_local,
                Self::trailing(&answers, |o| self.is_gateway(o)),
            ),
            (
                self.spec.consecutive_local,
                !is_local,
                Self::trailing(&history, |o| *o == Outcome::Failed),
            ),
        ];
        let found = runs
            .iter()
            .any(|(limit, other, run)| !other && limit.is_some_and(|limit| limit == *run));
        if found {
            self.hosts[server].history.clear();
            self.eject(server);
        }
    }

    fn eject(&mut self, server: usize) {
        if self.hosts[server].out_until.is_some() {
            return;
        }
        self.hosts[server].history.clear();
        let out = self.hosts.iter().filter(|h| h.out_until.is_some()).count();
        let share = (out + 1) as f64 * 100.0 / self.hosts.len() as f64;
        let allowed = out == 0 || share <= f64::from(self.spec.max_percent);
        if !allowed || out + 1 == self.hosts.len() {
            return;
        }
        self.hosts[server].times += 1;
        let time = self.spec.base_ejection * u64::from(self.hosts[server].times);
        let time = time.min(self.spec.max_ejection.max(self.spec.base_ejection));
        self.hosts[server].out_until = Some(self.now + time);
    }

    fn pass(&mut self, time: Millis) {
        self.now += time;
        if self.now < self.next {
            return;
        }
        self.next = self.now + self.spec.interval;
        for host in &mut self.hosts {
            match host.out_until {
                None => host.times = host.times.saturating_sub(1),
                Some(until) if until <= self.now => {
                    (host.out_until, host.history) = (None, Vec::new());
                }
                Some(_) => {}
            }
        }
        let answers: Vec<(usize, f64, usize)> = (0..self.hosts.len())
            .filter(|&at| self.hosts[at].out_until.is_none())
            .map(|at| {
                let all = &self.hosts[at].of_interval;
                let good = all.iter().filter(|o| !self.is_5xx(o)).count();
                (at, good as f64 * 100.0 / all.len().max(1) as f64, all.len())
            })
            .collect();
        self.hosts.iter_mut().for_each(|h| h.of_interval.clear());
        if let Some(rule) = self.spec.success_rate {
            let loud: Vec<_> = answers
                .iter()
                .filter(|a| a.2 >= rule.volume.max(1) as usize)
                .collect();
            if loud.len() >= rule.min_hosts.max(1) as usize {
                let mean = loud.iter().map(|a| a.1).sum::<f64>() / loud.len() as f64;
                let spread = loud.iter().map(|a| (a.1 - mean).powi(2)).sum::<f64>();
                let least = mean - rule.stdev * (spread / loud.len() as f64).sqrt();
                let low: Vec<_> = loud.iter().filter(|a| a.1 < least).map(|a| a.0).collect();
                low.into_iter().for_each(|server| self.eject(server));
            }
        }
        if let Some(rule) = self.spec.failure {
            let loud: Vec<_> = answers
                .iter()
                .filter(|a| a.2 >= rule.volume.max(1) as usize)
                .collect();
            if loud.len() >= rule.min_hosts.max(1) as usize {
                let high = loud
                    .iter()
                    .filter(|a| 100.0 - a.1 >= f64::from(rule.percent) - 1e-9);
                let high: Vec<_> = high.map(|a| a.0).collect();
                high.into_iter().for_each(|server| self.eject(server));
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Outcome(usize, Outcome),
    Pass(Millis),
}

fn steps(servers: usize) -> impl Strategy<Value = Vec<Step>> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Answered(200)),
        4 => Just(Outcome::Answered(500)),
        2 => Just(Outcome::Answered(503)),
        2 => Just(Outcome::Failed),
    ];
    let step = prop_oneof![
        12 => (0..servers, outcome).prop_map(|(server, outcome)| Step::Outcome(server, outcome)),
        1 => (1u64..3000).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 0..400)
}

fn specs() -> impl Strategy<Value = OutlierSpec> {
    let run = || proptest::option::of(1u32..4);
    let shares = (any::<bool>(), any::<bool>(), 1u32..6, 0u32..4, 40u32..100);
    (run(), run(), run(), any::<bool>(), 0u32..=100, shares).prop_map(
        |(five, gateway, local, split, percent, (rate, failure, volume, hosts, share))| {
            OutlierSpec {
                consecutive_5xx: five,
                consecutive_gateway: gateway,
                consecutive_local: local,
                split_local: split,
                interval: 1_000,
                base_ejection: 2_500,
                max_ejection: 6_000,
                max_percent: percent,
                success_rate: rate.then_some(SuccessRate {
                    stdev: 1.0,
                    min_hosts: hosts,
                    volume,
                }),
                failure: failure.then_some(FailurePercent {
                    percent: share,
                    min_hosts: hosts,
                    volume,
                }),
                ..OutlierSpec::default()
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn ejections_equal_the_models(spec in specs(), steps in steps(4)) {
        let mut bench = Bench::new(4, |own| *own = spec);
        let mut model = Model {
            spec,
            now: 0,
            next: spec.interval,
            hosts: vec![ModelHost::default(); 4],
        };
        for step in steps {
            match step {
                Step::Outcome(server, outcome) => {
                    bench.record(server, outcome);
                    model.record(server, outcome);
                }
                Step::Pass(time) => {
                    bench.now += time;
                    bench.outlier.tick(bench.now, &bench.ring);
                    model.pass(time);
                }
            }
            for server in 0..4 {
                let out = model.hosts[server].out_until.is_some();
                prop_assert_eq!(bench.is_out(server), out, "server {} at {}", server, bench.now);
            }
        }
    }
}
