//! The way of a line from the logger thread to where it goes.

use super::date::TimeText;
use super::envelope::{Header, Style, push_line};
use super::level;
use super::places::{LogBackend, Places};
use super::queue::Shared;
use super::ring::Ring;
use super::sink::Sink;
use crate::settings::{LogDestination, LogSample, LogTarget};
use std::sync::Arc;

/// How lines reach a target.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) outlet: Outlet,
    sampler: Option<Sampler>,
}

/// Where a line goes.
#[derive(Debug)]
pub(super) enum Outlet {
    /// Out of the process: the index of a sink.
    Sink(usize),
    Ring(Arc<Ring>),
    /// To one of a backend's servers.
    Backend(Arc<LogBackend>, Vec<Outlet>),
    /// The name means nothing any more.
    Nowhere,
}

/// Which lines are sent: a place within the ranges of `sample`.
#[derive(Debug)]
struct Sampler {
    sample: LogSample,
    range: usize,
    at: u32,
}

impl Route {
    /// Whether this line is one of those that are sent.
    pub(super) fn is_due(&mut self) -> bool {
        self.sampler.as_mut().is_none_or(Sampler::is_due)
    }
}

impl Sampler {
    fn is_due(&mut self) -> bool {
        let next = self.at + 1;
        self.at = next % self.sample.size.max(1);
        let Some(&(low, high)) = self.sample.ranges.get(self.range) else {
            return false;
        };
        if next == high {
            self.range = (self.range + 1) % self.sample.ranges.len();
        }
        (low..=high).contains(&next)
    }
}

/// What lines leave by.
pub(super) struct Outputs {
    sinks: Vec<Sink>,
    time: TimeText,
    /// Rings that have been written to since the last flush.
    touched: Vec<Arc<Ring>>,
    line: Vec<u8>,
}

impl Outputs {
    pub(super) fn new(time: TimeText) -> Self {
        Self {
            sinks: Vec::new(),
            time,
            touched: Vec::new(),
            line: Vec::new(),
        }
    }

    /// The way to a target.
    pub(super) fn route(
        &mut self,
        target: &LogTarget,
        places: &Places,
        shared: &Arc<Shared>,
    ) -> Route {
        Route {
            outlet: self.outlet(&target.to, places, shared),
            sampler: target.sample.clone().map(|sample| Sampler {
                sample,
                range: 0,
                at: 0,
            }),
        }
    }

    fn outlet(&mut self, to: &LogDestination, places: &Places, shared: &Arc<Shared>) -> Outlet {
        match to {
            LogDestination::Ring(name) => places.ring(name).map_or(Outlet::Nowhere, Outlet::Ring),
            LogDestination::Stream(addr) => Outlet::Ring(places.stream(addr)),
            LogDestination::Backend(name) => match places.backend(name) {
                Some(backend) => {
                    let servers = backend.servers.iter().map(|to| match to {
                        Some(LogDestination::Backend(_)) | None => Outlet::Nowhere,
                        Some(to) => self.outlet(to, places, shared),
                    });
                    let servers = servers.collect();
                    Outlet::Backend(backend, servers)
                }
                None => Outlet::Nowhere,
            },
            LogDestination::Udp(_) | LogDestination::Unix(_) | LogDestination::Fd(_) => {
                let known = self.sinks.iter().position(|sink| sink.destination == *to);
                Outlet::Sink(known.unwrap_or_else(|| {
                    self.sinks.push(Sink::open(to.clone(), Arc::clone(shared)));
                    self.sinks.len() - 1
                }))
            }
        }
    }

    /// Sends a line; whether it found its way.
    pub(super) fn send(
        &mut self,
        outlet: &Outlet,
        style: Style,
        header: &Header<'_>,
        text: &[u8],
    ) -> bool {
        match outlet {
            Outlet::Sink(index) => {
                let Some(sink) = self.sinks.get_mut(*index) else {
                    return false;
                };
                let time = &mut self.time;
                sink.push(|out| push_line(out, style, header, time, text));
                true
            }
            Outlet::Ring(ring) => self.keep(ring, style, header, text),
            Outlet::Backend(backend, servers) => {
                let chosen = backend.chooser.choose(text);
                let server = chosen.and_then(|chosen| servers.get(chosen));
                server.is_some_and(|server| self.send(server, style, header, text))
            }
            Outlet::Nowhere => false,
        }
    }

    /// Writes a line to a ring, and before it how many found no room.
    fn keep(&mut self, ring: &Arc<Ring>, style: Style, header: &Header<'_>, text: &[u8]) -> bool {
        let style = Style {
            format: ring.spec.format.unwrap_or(style.format),
            max_len: style.max_len.min(ring.spec.max_len.saturating_add(1)),
            ..style
        };
        let missing = match ring.dropped() {
            0 => None,
            1 => Some("1 event dropped".to_owned()),
            many => Some(format!("{many} events dropped")),
        };
        if let Some(missing) = missing {
            let notice = Header {
                level: level::NOTICE,
                ..*header
            };
            if !self.write(ring, style, &notice, missing.as_bytes()) {
                return false;
            }
            ring.forgive_dropped();
        }
        self.write(ring, style, header, text)
    }

    fn write(&mut self, ring: &Arc<Ring>, style: Style, header: &Header<'_>, text: &[u8]) -> bool {
        self.line.clear();
        push_line(&mut self.line, style, header, &mut self.time, text);
        self.line.pop();
        if !self.touched.iter().any(|known| Arc::ptr_eq(known, ring)) {
            self.touched.push(Arc::clone(ring));
        }
        ring.write(&self.line)
    }

    /// Sends everything gathered.
    pub(super) fn flush(&mut self) {
        self.sinks.iter_mut().for_each(Sink::flush);
        self.touched.drain(..).for_each(|ring| ring.announce());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of twelve lines are sent.
    #[track_caller]
    fn check(ranges: &[(u32, u32)], size: u32, expected: &str) {
        let mut sampler = Sampler {
            sample: LogSample {
                ranges: ranges.to_vec(),
                size,
            },
            range: 0,
            at: 0,
        };
        let seen: String = (0..12)
            .map(|_| if sampler.is_due() { 'x' } else { '.' })
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn samples() {
        check(&[(1, 1)], 1, "xxxxxxxxxxxx");
        check(&[(1, 1)], 4, "x...x...x...");
        check(&[(4, 4)], 4, "...x...x...x");
        check(&[(2, 3)], 4, ".xx..xx..xx.");
        check(&[(1, 1), (3, 4)], 5, "x.xx.x.xx.x.");
    }
}
