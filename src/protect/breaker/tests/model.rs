//! SEMANTICS 4.4 word for word, as a model that keeps every sample in a list.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Closed,
    Tripped,
    Recovering,
}

struct Model {
    spec: BreakerSpec,
    state: State,
    until: Millis,
    next_check: Millis,
    ramp_start: Millis,
    allowed: u32,
    denied: u32,
    samples: Vec<(Millis, Sample)>,
}

impl Model {
    fn of(spec: BreakerSpec) -> Self {
        Self {
            spec,
            state: State::Closed,
            until: 0,
            next_check: 0,
            ramp_start: 0,
            allowed: 0,
            denied: 0,
            samples: Vec::new(),
        }
    }

    fn on_request(&mut self, t: Millis) -> bool {
        if self.state == State::Tripped {
            if t < self.until {
                return false;
            }
            self.state = State::Recovering;
            self.until = t + self.spec.recovery;
            self.ramp_start = t;
            (self.allowed, self.denied) = (0, 0);
        }
        if self.state == State::Closed {
            return true;
        }
        if t > self.until {
            self.state = State::Closed;
            return true;
        }
        let elapsed = (t - self.ramp_start) as f64;
        let target = 0.5 * elapsed / self.spec.recovery as f64;
        let (allowed, denied) = (f64::from(self.allowed), f64::from(self.denied));
        let passes = (allowed + 1.0) / (allowed + 1.0 + denied) < target;
        match passes {
            true => self.allowed += 1,
            false => self.denied += 1,
        }
        passes
    }

    fn on_completion(&mut self, t: Millis, sample: Sample) {
        self.samples.push((t, sample));
        if t <= self.next_check {
            return;
        }
        self.next_check = t + self.spec.check_period;
        if self.state == State::Tripped {
            return;
        }
        if self.errors(t) > 0.5 && self.recent(t).count() >= self.spec.min_requests as usize {
            self.state = State::Tripped;
            self.until = t + self.spec.fallback;
            self.samples.clear();
        }
    }

    /// The samples of the running tenth of the window and the nine before it.
    fn recent(&self, t: Millis) -> impl Iterator<Item = &Sample> {
        let width = self.spec.window / 10;
        let first = (t / width).saturating_sub(9) * width;
        let is_recent = move |(at, _): &&(Millis, Sample)| *at >= first;
        self.samples
            .iter()
            .filter(is_recent)
            .map(|(_, sample)| sample)
    }

    fn errors(&self, t: Millis) -> f64 {
        let all = self.recent(t).count();
        let errors = self
            .recent(t)
            .filter(|sample| sample.is_network_error)
            .count();
        if all == 0 {
            0.0
        } else {
            errors as f64 / all as f64
        }
    }

    /// The state as a request would find it.
    fn effective(&self, t: Millis) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Tripped if t >= self.until => BreakerState::Recovering,
            State::Tripped => BreakerState::Open,
            State::Recovering if t > self.until => BreakerState::Closed,
            State::Recovering => BreakerState::Recovering,
        }
    }
}

/// One step of a trace: time passes, a request begins, and after `lasts` more of them one ends.
type Step = (Millis, bool, u16);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn transitions_are_those_of_the_model(
        check_period in 1_u64..200,
        fallback in 1_u64..3_000,
        recovery in 1_u64..3_000,
        tenth in 1_u64..300,
        min_requests in 0_u32..8,
        steps in prop::collection::vec((0_u64..400, any::<bool>(), 0_u16..100), 1..400),
        failing in prop::collection::vec(0_u16..100, 1..6),
    ) {
        let spec = BreakerSpec {
            check_period,
            fallback,
            recovery,
            min_requests,
            window: tenth * 10,
            ..spec("NetworkErrorRatio() > 0.5")
        };
        let bench = Bench::of(spec.clone());
        let mut model = Model::of(spec);
        let mut running: Vec<Pass> = Vec::new();
        let steps: Vec<Step> = steps;
        let part = steps.len().div_ceil(failing.len());
        for (index, (wait, begins, luck)) in steps.into_iter().enumerate() {
            bench.later(wait);
            let t = bench.clock.now();
            if begins || running.is_empty() {
                let pass = bench.pass();
                prop_assert_eq!(pass.is_some(), model.on_request(t));
                running.extend(pass);
            } else {
                // How much of the time fails changes along the trace.
                let share = failing.get(index / part).copied().unwrap_or(0);
                let sample = sample(if luck < share { 502 } else { 200 }, 1);
                model.on_completion(t, sample);
                running.remove(0).complete(sample);
            }
            prop_assert_eq!(bench.breaker.state(), model.effective(t), "step {}", index);
        }
        prop_assert_eq!(bench.breaker.view().in_flight, running.len() as u32);
    }
}
