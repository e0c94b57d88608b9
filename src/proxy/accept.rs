//! From a listening socket to a session task.
//!
//! A connection over a limit waits, accepted but unread; none is refused. A fresh connection may
//! move to a worker that serves clearly fewer, before anything was read from it (DESIGN §4).

use super::client::Client;
use super::limit::Permit;
use super::session;
use super::shared::Listener;
use super::worker::Worker;
use crate::net::{Accepted, Acceptor, ConnFacts};
use std::rc::Rc;
use std::sync::Arc;

/// Accepts until the worker stops.
pub(super) async fn run(worker: Rc<Worker>, listener: Arc<Listener>, mut acceptor: Acceptor) {
    loop {
        for limit in &listener.limits {
            limit.room().await;
        }
        let accepted = std::future::poll_fn(|cx| acceptor.poll_accept(cx, &worker.wheel, &worker.clock)).await;
        let permit = Permit::acquire(&listener.limits).await;
        let sent = Handover { accepted, permit, listener: Arc::clone(&listener) };
        if let Some(own) = worker.share(sent) {
            begin(&worker, own);
        }
    }
}

/// A connection on its way to the worker that will serve it.
#[derive(Debug)]
pub(super) struct Handover {
    accepted: Accepted,
    permit: Permit,
    listener: Arc<Listener>,
}

/// Starts the task that serves a connection.
pub(super) fn begin(worker: &Rc<Worker>, from: Handover) {
    let now = worker.clock.now_us();
    let stream = from.accepted.into_stream();
    let dst = from.listener.fixed_dst.unwrap_or_else(|| stream.local());
    let client = Client {
        facts: ConnFacts { src: stream.peer(), dst, accepted_us: now },
        stream,
        timer: worker.wheel.timer(),
        served: 0,
        idle_since_us: now,
        handshake_us: now,
        pending: None,
        _permit: from.permit,
    };
    let guard = worker.session_guard();
    let worker = Rc::clone(worker);
    tokio::task::spawn_local(async move {
        session::serve(worker, from.listener, client).await;
        drop(guard);
    });
}
