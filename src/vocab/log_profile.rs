//! `log-profile`: lines of their own for the targets of some `log` lines, by step.

use super::format::Format;
use crate::observe::LogStep;
use std::collections::BTreeMap;

/// One `log-profile` section.
#[derive(Debug, Default)]
pub struct LogProfile {
    /// Its place among all.
    pub index: usize,
    /// `log-tag`.
    pub tag: Option<Box<[u8]>>,
    steps: BTreeMap<u16, Override>,
    error: Option<Override>,
    any: Option<Override>,
}

/// Which lines an `on` line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Those of a step.
    Step(LogStep),
    /// Those about errors before there was a request.
    Error,
    /// All that no other line is about.
    Any,
}

impl On {
    /// What stands after `on`, with its name.
    pub fn named() -> impl Iterator<Item = (&'static str, Self)> {
        let steps = LogStep::NAMED.map(|(name, step)| (name, Self::Step(step)));
        steps
            .into_iter()
            .chain([("error", Self::Error), ("any", Self::Any)])
    }
}

/// What an `on` line says.
#[derive(Debug, Default)]
pub struct Override {
    /// `drop`: nothing is sent.
    pub drop: bool,
    /// `format`.
    pub format: Option<Format>,
    /// `sd`.
    pub structured: Option<Format>,
}

impl LogProfile {
    /// What is said of these lines, to be added to.
    pub fn entry(&mut self, on: On) -> &mut Override {
        match on {
            On::Step(step) => self.steps.entry(step as u16).or_default(),
            On::Error => self.error.get_or_insert_default(),
            On::Any => self.any.get_or_insert_default(),
        }
    }

    /// What is said of the lines of this step.
    pub fn at(&self, step: LogStep) -> Option<&Override> {
        let own = match step {
            LogStep::Error | LogStep::Killed => self.error.as_ref(),
            step => self.steps.get(&(step as u16)),
        };
        own.or(self.any.as_ref())
    }

    /// Whether any of its lines shows the request line.
    pub fn wants_request_line(&self) -> bool {
        let all = self.steps.values().chain(&self.error).chain(&self.any);
        let formats = all.flat_map(|on| on.format.iter().chain(&on.structured));
        formats.into_iter().any(Format::wants_request_line)
    }
}
