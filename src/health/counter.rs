//! The health counter of one check (SEMANTICS 1.1, 1.2): how far from up or down it is.
//!
//! `0 <= level <= rise + fall - 1`, and the check holds a server up from `rise` on. Deliberately
//! absent: what becomes of the server.

use super::spec::{CheckKind, InitState, Intervals};
use super::status::{CheckStatus, Verdict};
use crate::clock::Millis;

/// The bounds of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Checks in a row that must pass to bring a server up, at least 1.
    pub rise: u32,
    /// Checks in a row that must fail to take it down, at least 1.
    pub fall: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { rise: 2, fall: 3 }
    }
}

impl Bounds {
    /// The level of a server that is up and has not failed a check since.
    pub fn top(self) -> u32 {
        self.rise + self.fall - 1
    }
}

/// What one check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: CheckStatus,
    /// A number that goes with it, such as an HTTP status.
    pub number: u32,
    /// More about it; bounded when it is shown.
    pub info: String,
}

impl Outcome {
    /// An outcome with nothing to add.
    pub fn of(status: CheckStatus) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// An outcome that says more.
    pub fn with(status: CheckStatus, info: impl Into<String>) -> Self {
        Self {
            status,
            info: info.into(),
            ..Self::default()
        }
    }

    /// What is shown of [`Self::info`]: a server may have said much.
    pub fn shown_info(&self) -> &str {
        let fits = |end: &usize| self.info.is_char_boundary(*end);
        let end = (0..=INFO_MAX.min(self.info.len())).rev().find(fits);
        self.info.get(..end.unwrap_or(0)).unwrap_or_default()
    }
}

/// Most bytes shown of what a check says about itself.
const INFO_MAX: usize = 127;

/// One check of one server, or its agent.
#[derive(Clone, Debug)]
pub struct Check {
    /// Health check or agent.
    pub kind: CheckKind,
    /// Its bounds.
    pub bounds: Bounds,
    /// How it ended last.
    pub last: Outcome,
    /// How long that took; `None` for what took no time, and before the first.
    pub duration: Option<Millis>,
    /// Commands may turn it off.
    pub enabled: bool,
    /// The server is in maintenance.
    pub paused: bool,
    /// One is under way, or none was made yet.
    pub running: bool,
    /// The counter.
    pub level: u32,
    /// The next check comes soon: live traffic fails.
    pub hurried: bool,
}

impl Check {
    /// A check of a server that starts in this state.
    pub fn new(kind: CheckKind, bounds: Bounds, start: Option<InitState>) -> Self {
        let Bounds { rise, fall } = bounds;
        Self {
            kind,
            bounds,
            last: Outcome::of(CheckStatus::Initializing),
            duration: None,
            enabled: true,
            paused: false,
            running: true,
            hurried: false,
            level: match start {
                None | Some(InitState::Up) => rise,
                Some(InitState::FullyUp) => rise + fall - 1,
                Some(InitState::Down) => rise - 1,
                Some(InitState::FullyDown) => 0,
            },
        }
    }

    /// Whether it holds the server up.
    pub fn is_up(&self) -> bool {
        self.level >= self.bounds.rise
    }

    /// The highest level.
    pub fn top(&self) -> u32 {
        self.bounds.top()
    }

    /// Whether checks are made at all now.
    pub fn runs(&self) -> bool {
        self.enabled && !self.paused
    }

    /// Takes in how a check ended. Whether that is worth a line: something changed.
    pub fn settle(&mut self, outcome: Outcome, duration: Option<Millis>) -> bool {
        let mut changed = outcome.status != self.last.status;
        let verdict = outcome.status.verdict();
        self.running = false;
        if verdict != Verdict::Neutral || outcome.status == CheckStatus::Checked {
            self.duration = duration;
        }
        self.last = outcome;
        match verdict {
            Verdict::Neutral => return false,
            Verdict::Failed => {
                // Not reaching an agent says nothing about the server.
                let counts = self.kind == CheckKind::Health || self.last.status.has_number();
                if counts && self.level > 0 {
                    changed = true;
                    self.level -= 1;
                    if !self.is_up() {
                        self.level = 0;
                    }
                }
            }
            Verdict::Passed | Verdict::PassedConditionally => {
                if self.level < self.top() {
                    changed = true;
                    self.level += 1;
                    if self.is_up() {
                        self.level = self.top();
                    }
                }
            }
        }
        changed
    }

    /// Whether a failure counts as one: it lowered the counter.
    pub fn may_fail(&self, status: CheckStatus) -> bool {
        self.level > 0 && (self.kind == CheckKind::Health || status.has_number())
    }

    /// The time to the next check, of a server that is up or not.
    pub fn interval(&self, intervals: Intervals, server_is_up: bool) -> Millis {
        if !self.hurried && self.level == self.top() {
            intervals.inter
        } else if !server_is_up && self.level == 0 {
            intervals.down.unwrap_or(intervals.inter)
        } else {
            intervals.fast.unwrap_or(intervals.inter)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(start: Option<InitState>) -> Check {
        Check::new(CheckKind::Health, Bounds { rise: 2, fall: 3 }, start)
    }

    /// Levels after checks that pass (`+`) and fail (`-`), from a start.
    fn levels(start: Option<InitState>, outcomes: &str) -> Vec<u32> {
        let mut check = check(start);
        let mut levels = vec![check.level];
        for outcome in outcomes.bytes() {
            check.settle(
                Outcome::of(match outcome {
                    b'+' => CheckStatus::L4Ok,
                    b'c' => CheckStatus::L7OkConditional,
                    _ => CheckStatus::L4Connection,
                }),
                None,
            );
            levels.push(check.level);
        }
        levels
    }

    #[test]
    fn the_counter_moves_as_haproxys_does() {
        use InitState::{Down, FullyDown, FullyUp, Up};
        let check = |start, outcomes: &str, expected: &[u32]| {
            assert_eq!(levels(start, outcomes), expected, "{start:?} {outcomes}");
        };
        check(None, "+", &[2, 4]);
        check(None, "-", &[2, 0]);
        check(Some(FullyUp), "---", &[4, 3, 2, 0]);
        check(Some(FullyUp), "--+", &[4, 3, 2, 4]);
        check(Some(Up), "-", &[2, 0]);
        check(Some(Down), "+", &[1, 4]);
        check(Some(FullyDown), "++", &[0, 1, 4]);
        check(Some(FullyDown), "+-++", &[0, 1, 0, 1, 4]);
        check(Some(FullyDown), "cc", &[0, 1, 4]);
    }

    // Acceptance 125: rise 30, a failure at 20 of them.
    #[test]
    fn a_125_one_failure_restarts_the_climb() {
        let bounds = Bounds { rise: 30, fall: 3 };
        let mut check = Check::new(CheckKind::Health, bounds, Some(InitState::FullyDown));
        for _ in 0..20 {
            check.settle(Outcome::of(CheckStatus::L7Ok), None);
        }
        assert_eq!(check.level, 20);
        check.settle(Outcome::of(CheckStatus::L7Status), None);
        assert_eq!(check.level, 0);
    }

    #[test]
    fn an_agent_that_is_not_reached_says_nothing() {
        let bounds = Bounds { rise: 1, fall: 1 };
        let mut agent = Check::new(CheckKind::Agent, bounds, None);
        agent.settle(Outcome::of(CheckStatus::L4Connection), None);
        assert!(agent.is_up());
        agent.settle(Outcome::of(CheckStatus::L7Status), None);
        assert!(!agent.is_up());
    }

    #[test]
    fn intervals_follow_the_level() {
        let intervals = Intervals {
            inter: 1,
            fast: Some(2),
            down: Some(3),
        };
        let check = |level, hurried, up, expected| {
            let mut check = check(None);
            check.level = level;
            check.hurried = hurried;
            let found = check.interval(intervals, up);
            assert_eq!(found, expected, "{level} {hurried} {up}");
        };
        check(4, false, true, 1);
        check(4, true, true, 2);
        check(3, false, true, 2);
        check(0, false, false, 3);
        check(0, true, false, 3);
        check(1, false, false, 2);
        check(0, false, true, 2);
    }
}
