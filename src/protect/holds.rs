//! What one stream holds of limits and breakers until it ends, and the bandwidth it may use.
//!
//! What must hold: all is given back when the stream ends, or when this is dropped because it
//! ended in a fault; in steady state holding allocates nothing.

use super::bandwidth::Throttles;
use super::breaker::{News, Pass};
use super::inflight_limit::{InflightLimit, Permit};
use super::metrics::Sample;
use std::cell::RefCell;
use std::sync::Arc;

/// Permits and passes of one stream, and what is to be told of breakers.
#[derive(Debug, Default)]
pub struct Holds {
    permits: RefCell<Vec<Permit>>,
    passes: RefCell<Vec<Pass>>,
    news: RefCell<Vec<News>>,
    /// `set-bandwidth-limit`
    pub throttles: RefCell<Throttles>,
}

impl Holds {
    /// Takes a place under a limit, unless the stream has one already; whether it has one now.
    pub fn take(&self, limit: &Arc<InflightLimit>, key: &[u8]) -> bool {
        let mut permits = self.permits.borrow_mut();
        if permits.iter().any(|permit| permit.is_of(limit)) {
            return true;
        }
        let permit = limit.take(key);
        let is_taken = permit.is_some();
        permits.extend(permit);
        is_taken
    }

    /// A breaker let it through.
    pub fn keep(&self, pass: Pass) {
        self.passes.borrow_mut().push(pass);
    }

    /// How many breakers did.
    pub fn passes(&self) -> usize {
        self.passes.borrow().len()
    }

    /// Forgets all passes but the first `count`: the request did not get so far after all.
    pub fn forget_passes(&self, count: usize) {
        self.passes.borrow_mut().truncate(count);
    }

    /// Notes a change of state.
    pub fn tell(&self, news: Option<News>) {
        self.news.borrow_mut().extend(news);
    }

    /// The changes of state, to be logged.
    pub fn each_news(&self, tell: impl FnMut(News)) {
        self.news.borrow_mut().drain(..).for_each(tell);
    }

    /// The request has ended: what each breaker is told of it, if anything.
    pub fn complete(&self, sample: impl Fn(&Pass) -> Option<Sample>) {
        for pass in self.passes.borrow_mut().drain(..) {
            if let Some(sample) = sample(&pass) {
                self.tell(pass.complete(sample));
            }
        }
    }

    /// The request leaves a server for another one: what the server's breakers are told of it.
    pub fn leave_server(&self, sample: impl Fn(&Pass) -> Sample) {
        let mut passes = self.passes.borrow_mut();
        let of_server = |pass: &mut Pass| pass.breaker().spec().server.is_some();
        for pass in passes.extract_if(.., of_server) {
            let sample = sample(&pass);
            self.tell(pass.complete(sample));
        }
    }

    /// Gives everything back.
    pub fn clear(&mut self) {
        self.permits.get_mut().clear();
        self.passes.get_mut().clear();
        self.news.get_mut().clear();
        self.throttles.get_mut().clear();
    }
}
