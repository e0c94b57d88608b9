//! The limits and breakers that rules ask for, numbered as they are read.
//!
//! A limit belongs to its rule, or to all rules of its name, which must ask for the same; a breaker
//! belongs to its proxy. Deliberately absent: reporting what clashes, which takes file names.

use crate::protect::{BreakerSpec, InflightSpec, ProtectionSpecs, ProxyProtections, RateSpec};
use crate::syntax::Span;
use std::sync::Arc;

/// What was asked for so far.
#[derive(Debug, Default)]
pub struct ProtectionDrafts {
    specs: ProtectionSpecs,
    /// Where each was asked for first, in the order of its kind.
    rate_places: Vec<Span>,
    inflight_places: Vec<Span>,
    /// The position of the rule being read among those of its proxy, from 1.
    position: usize,
    /// What the proxy being read uses.
    used: ProxyProtections,
    clashes: Vec<Clash>,
}

/// Two rules that give one name to different limits.
#[derive(Clone, Debug)]
pub struct Clash {
    /// The action.
    pub action: &'static str,
    /// The name.
    pub name: Arc<str>,
    /// The later rule.
    pub span: Span,
    /// The earlier one.
    pub earlier: Span,
}

impl ProtectionDrafts {
    /// The rule read next is the `position`th of its proxy.
    pub fn at_rule(&mut self, position: usize) {
        self.position = position;
    }

    /// What was used since this was asked last: of one proxy when its rules have been read.
    pub fn take_used(&mut self) -> ProxyProtections {
        std::mem::take(&mut self.used)
    }

    /// The name of a limit that was given none.
    pub(super) fn own_name(&self, proxy: &str) -> Arc<str> {
        format!("{proxy}#{}", self.position).into()
    }

    /// The number of a rate limit.
    pub(super) fn rate_limit(&mut self, spec: RateSpec, span: Span) -> usize {
        let same = |known: &RateSpec| (known.name == spec.name, *known == spec);
        let found = find(&self.specs.rate_limits, &self.rate_places, same);
        let number = match found {
            Some((index, is_equal, earlier)) => {
                self.check("rate-limit", &spec.name, is_equal, span, earlier);
                index
            }
            None => {
                self.rate_places.push(span);
                self.specs.rate_limits.push(spec);
                self.rate_places.len() - 1
            }
        };
        note(&mut self.used.rate_limits, number)
    }

    /// The number of an in-flight limit.
    pub(super) fn inflight_limit(&mut self, spec: InflightSpec, span: Span) -> usize {
        let same = |known: &InflightSpec| (known.name == spec.name, *known == spec);
        let found = find(&self.specs.inflight_limits, &self.inflight_places, same);
        let number = match found {
            Some((index, is_equal, earlier)) => {
                self.check("inflight-limit", &spec.name, is_equal, span, earlier);
                index
            }
            None => {
                self.inflight_places.push(span);
                self.specs.inflight_limits.push(spec);
                self.inflight_places.len() - 1
            }
        };
        note(&mut self.used.inflight_limits, number)
    }

    /// The number of a breaker; one of the same name is replaced.
    pub fn breaker(&mut self, spec: BreakerSpec) -> usize {
        let breakers = &mut self.specs.breakers;
        let known = breakers.iter().position(|known| known.name == spec.name);
        let number = match known.and_then(|index| Some((index, breakers.get_mut(index)?))) {
            Some((index, known)) => {
                *known = spec;
                index
            }
            None => {
                breakers.push(spec);
                breakers.len() - 1
            }
        };
        note(&mut self.used.breakers, number)
    }

    /// The number of the breaker of that name: `<proxy>/<name>`.
    pub fn breaker_named(&self, name: &str) -> Option<usize> {
        let mut all = self.specs.breakers.iter();
        all.position(|spec| &*spec.name == name)
    }

    /// The names of all breakers.
    pub fn breaker_names(&self) -> impl Iterator<Item = &str> {
        self.specs.breakers.iter().map(|spec| &*spec.name)
    }

    /// What was asked for.
    pub fn specs(&self) -> &ProtectionSpecs {
        &self.specs
    }

    /// What clashes.
    pub fn clashes(&self) -> &[Clash] {
        &self.clashes
    }

    fn check(
        &mut self,
        action: &'static str,
        name: &Arc<str>,
        is_equal: bool,
        span: Span,
        earlier: Span,
    ) {
        if !is_equal {
            self.clashes.push(Clash {
                action,
                name: Arc::clone(name),
                span,
                earlier,
            });
        }
    }
}

/// Notes a number once, and gives it back.
fn note(used: &mut Vec<usize>, number: usize) -> usize {
    if !used.contains(&number) {
        used.push(number);
    }
    number
}

/// The index of the one of that name, whether it asks for the same, and where.
fn find<T>(
    known: &[T],
    places: &[Span],
    same: impl Fn(&T) -> (bool, bool),
) -> Option<(usize, bool, Span)> {
    let all = known.iter().zip(places).enumerate();
    all.map(|(index, (spec, place))| (same(spec), index, *place))
        .find(|((is_named_so, _), ..)| *is_named_so)
        .map(|((_, is_equal), index, place)| (index, is_equal, place))
}
