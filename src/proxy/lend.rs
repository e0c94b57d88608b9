//! Idle server connections for who is not the worker they belong to: health checks
//! (`check-reuse-pool`), and workers that may not keep any themselves since others have as many as
//! `pool-max-conn` allows.
//!
//! One worker after the other is asked; who has one takes
//! it out of its pool and hands over the descriptor. Requests notice nothing but that it is gone.
//! Deliberately absent: giving it back, as a check ends its connection.

use super::connect;
use super::doors::Task;
use super::health::Reporter;
use super::worker::Worker;
use crate::health::Place;
use crate::net::{Endpoint, Lent, Stream};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender};
use tokio::sync::oneshot;

/// The workers of a generation, once there are any. They must be able to end while they are known
/// here.
#[derive(Debug, Default)]
pub(super) struct Lenders(OnceLock<Vec<WeakUnboundedSender<Task>>>);

/// What somebody needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) place: Place,
    /// For the first request of a client.
    pub(super) is_first: bool,
    /// Where it must lead to, if that is not always the same.
    pub(super) peer: Option<Endpoint>,
    /// The worker that has none itself.
    pub(super) by: Option<usize>,
}

/// Somebody needs an idle connection to a server.
#[derive(Debug)]
pub(super) struct Request {
    wanted: Wanted,
    /// Of the generation that the place is in.
    reporter: Arc<Reporter>,
    answer: oneshot::Sender<(Lent, u32)>,
}

impl Lenders {
    /// These are the workers.
    pub(super) fn are<'w>(&self, workers: impl Iterator<Item = &'w UnboundedSender<Task>>) {
        self.0
            .get_or_init(|| workers.map(UnboundedSender::downgrade).collect());
    }
}

/// An idle connection to a server, if a worker has one that may be reused, and how many requests it
/// has served.
pub(super) async fn borrow(reporter: Arc<Reporter>, wanted: Wanted) -> Option<(Stream, u32)> {
    let workers = reporter.lenders.0.get()?.iter().enumerate();
    for (_, worker) in workers.filter(|(index, _)| wanted.by != Some(*index)) {
        let (answer, lent) = oneshot::channel();
        let request = Request {
            wanted,
            reporter: Arc::clone(&reporter),
            answer,
        };
        // One that has ended lends nothing, nor does one that has nothing.
        let asked = worker
            .upgrade()
            .map(|tasks| tasks.send(Task::Lend(request)));
        if let Some(Ok(())) = asked
            && let Ok((lent, uses)) = lent.await
        {
            return Some((lent.into_stream(), uses));
        }
    }
    None
}

/// Lends a connection, if there is one that may be had.
pub(super) fn lend(worker: &Worker, request: Request) {
    let Wanted {
        place: Place { backend, server },
        is_first,
        peer,
        ..
    } = request.wanted;
    let config = worker.shared.config.backends.get(backend);
    let Some(config) = config.filter(|_| Arc::ptr_eq(&worker.shared.reporter, &request.reporter))
    else {
        return;
    };
    let policy = connect::policy(config.reuse);
    let idle = (worker.idle.borrow_mut()).take((backend, server), policy, is_first, peer);
    worker.count_idle((backend, server));
    let lent = idle.and_then(|(stream, uses)| Some((Lent::of(stream).ok()?, uses)));
    if let Some(lent) = lent {
        // Who does not wait any more has it closed.
        let _ = request.answer.send(lent);
    }
}
