//! From a listening socket to a session task.
//!
//! A connection over a limit waits, accepted but unread; none is refused. A fresh connection may
//! move to a worker that serves clearly fewer, before anything was read from it (DESIGN §4).

use super::client::Client;
use super::count;
use super::env::Stop;
use super::limit::Permit;
use super::run::until;
use super::session;
use super::shared::Listener;
use super::worker::Worker;
use crate::net::{Accepted, Acceptor, ConnFacts};
use crate::table::Slots;
use crate::vocab::variable::Store;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::watch;

/// Accepts until the process stops. Who had connected before a soft stop is still served: for them
/// the port was open.
pub(super) async fn run(
    worker: Rc<Worker>,
    listener: Arc<Listener>,
    socket: OwnedFd,
    stop: watch::Receiver<Stop>,
) {
    let acceptor = Acceptor::new(socket, &worker.wheel, worker.clock.clone());
    let mut acceptor = match acceptor {
        Ok(acceptor) => acceptor,
        Err(error) => return worker.report(&format!("cannot watch a listening socket: {error}")),
    };
    let stopped = tokio::select! {
        stopped = until(stop, |stop| stop != Stop::Not) => stopped,
        () = accept_all(&worker, &listener, &mut acceptor) => return,
    };
    while stopped == Stop::Soft
        && let Some(permit) = Permit::try_acquire(&listener.limits)
        && let Some(accepted) = acceptor.accept_now()
    {
        let listener = Arc::clone(&listener);
        let last = Handover {
            accepted,
            permit,
            listener,
        };
        begin(&worker, last);
    }
}

async fn accept_all(worker: &Rc<Worker>, listener: &Arc<Listener>, acceptor: &mut Acceptor) {
    loop {
        for limit in &listener.limits {
            limit.room().await;
        }
        match std::future::poll_fn(|cx| acceptor.poll_accept(cx)).await {
            Ok(accepted) => {
                let permit = Permit::acquire(&listener.limits).await;
                let fresh = Handover {
                    accepted,
                    permit,
                    listener: Arc::clone(listener),
                };
                if let Some(own) = worker.share(fresh) {
                    begin(worker, own);
                }
            }
            // The acceptor pauses by itself; connections wait in the kernel.
            Err(error) => worker.report(&format!("cannot accept a connection: {error}")),
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
    count::connection(worker, &from.listener, now / 1000);
    let stream = from.accepted.into_stream();
    let dst = from.listener.fixed_dst.unwrap_or_else(|| stream.local());
    let mut client = Client {
        session: (stream.peer(), dst),
        facts: ConnFacts::new(stream.peer(), dst, now),
        is_silent: false,
        stream,
        timer: worker.wheel.timer(),
        served: 0,
        idle_since_us: now,
        handshake_us: now,
        own: Vec::new(),
        vars: Store::default(),
        tracks: Slots::default(),
        pending: None,
        _permit: from.permit,
    };
    let guard = worker.session_guard(&from.listener, client.facts.src);
    let worker = Rc::clone(worker);
    tokio::task::spawn_local(async move {
        // By reference: what is moved into a future takes its room twice.
        session::serve(&worker, &from.listener, &mut client).await;
        drop(client);
        drop(guard);
    });
}
