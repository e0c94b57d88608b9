//! Idle server connections for health checks (`check-reuse-pool`).
//!
//! They belong to workers. The control thread asks one worker after the other for one; who has one takes
//! it out of its pool and hands over the descriptor. Requests notice nothing but that it is gone.
//! Deliberately absent: giving it back, as a check ends its connection.

use super::connect;
use super::doors::Task;
use super::health::Reporter;
use super::worker::Worker;
use crate::health::Place;
use crate::net::{Lent, Stream};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender};
use tokio::sync::oneshot;

/// The workers of a generation, once there are any. They must be able to end while they are known
/// here.
#[derive(Debug, Default)]
pub(super) struct Lenders(OnceLock<Vec<WeakUnboundedSender<Task>>>);

/// Somebody needs an idle connection to a server.
#[derive(Debug)]
pub(super) struct Request {
    place: Place,
    /// Of the generation that the place is in.
    reporter: Arc<Reporter>,
    answer: oneshot::Sender<Lent>,
}

impl Lenders {
    /// These are the workers.
    pub(super) fn are<'w>(&self, workers: impl Iterator<Item = &'w UnboundedSender<Task>>) {
        self.0
            .get_or_init(|| workers.map(UnboundedSender::downgrade).collect());
    }
}

/// An idle connection to a server, if a worker has one that may be reused.
pub(super) async fn borrow(reporter: Arc<Reporter>, place: Place) -> Option<Stream> {
    for worker in reporter.lenders.0.get()? {
        let (answer, lent) = oneshot::channel();
        let request = Request {
            place,
            reporter: Arc::clone(&reporter),
            answer,
        };
        // One that has ended lends nothing, nor does one that has nothing.
        let asked = worker
            .upgrade()
            .map(|tasks| tasks.send(Task::Lend(request)));
        if let Some(Ok(())) = asked
            && let Ok(lent) = lent.await
        {
            return Some(lent.into_stream());
        }
    }
    None
}

/// Lends a connection, if there is one that a client's first request may have.
pub(super) fn lend(worker: &Worker, request: Request) {
    let Place { backend, server } = request.place;
    let config = worker.shared.config.backends.get(backend);
    let Some(config) = config.filter(|_| Arc::ptr_eq(&worker.shared.reporter, &request.reporter))
    else {
        return;
    };
    let policy = connect::policy(config.reuse);
    let idle = (worker.idle.borrow_mut()).take((backend, server), policy, true, None);
    worker.count_idle((backend, server));
    if let Some(lent) = idle.and_then(|(stream, _)| Lent::of(stream).ok()) {
        // Who does not wait any more has it closed.
        let _ = request.answer.send(lent);
    }
}
