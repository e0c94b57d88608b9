//! From a listening socket to a session task.
//!
//! A connection over a limit waits, in the kernel or accepted but unread; none is refused. A fresh connection may
//! move to a worker that serves clearly fewer, before anything was read from it (DESIGN §4).

use super::client::Client;
use super::count;
use super::doors::Post;
use super::limit::Permit;
use super::pace::Arrival;
use super::session;
use super::shared::{Listener, Shared};
use super::streams::Listed;
use super::thread::Thread;
use super::worker::Worker;
use crate::clock;
use crate::net::{Accepted, Acceptor, ConnFacts, Timer};
use crate::table::Slots;
use crate::vocab::variable::Store;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::watch;

/// Accepts for whom the post says, until it is closed. Who had connected before that is still
/// served: for them the port was open.
pub(super) async fn run(
    thread: Rc<Thread>,
    socket: Arc<OwnedFd>,
    mut posts: watch::Receiver<Post>,
) {
    let mut acceptor = match Acceptor::new(socket, &thread.wheel, thread.clock.clone()) {
        Ok(acceptor) => acceptor,
        Err(error) => {
            let message = format!("cannot watch a listening socket: {error}");
            return thread
                .current()
                .iter()
                .for_each(|worker| worker.report(&message));
        }
    };
    let timer = thread.wheel.timer();
    let mut waiting = None;
    let mut current = None;
    loop {
        // Cloned: the task must not hold the post while it waits.
        let post = posts.borrow_and_update().clone();
        match (post, &current) {
            (Post::Serve(worker, listener), _) => current = Some((worker, listener)),
            (Post::Pause, _) => current = None,
            (Post::Close, Some((worker, listener))) => {
                return take_last(worker, listener, &acceptor, waiting);
            }
            (Post::Close | Post::Drop, _) => return,
        }
        tokio::select! {
            never = accept_all(current.as_ref(), &mut acceptor, &timer, &mut waiting) => match never {},
            changed = posts.changed() => if changed.is_err() { return },
        }
    }
}

/// Accepts, unless it is paused, until it is cancelled, at any `.await`. A connection that was
/// accepted and waits for room is in `waiting` meanwhile.
async fn accept_all(
    current: Option<&(Rc<Worker>, Arc<Listener>)>,
    acceptor: &mut Acceptor,
    timer: &Timer,
    waiting: &mut Option<Accepted>,
) -> Infallible {
    let Some((worker, listener)) = current else {
        return std::future::pending().await;
    };
    loop {
        if waiting.is_none() {
            for limit in &listener.limits {
                limit.room().await;
            }
            listener.paces.room(timer, &worker.clock).await;
            match poll_fn(|cx| acceptor.poll_accept(cx)).await {
                Ok(accepted) => *waiting = Some(accepted),
                // The acceptor pauses by itself; connections wait in the kernel.
                Err(error) => worker.report(&format!("cannot accept a connection: {error}")),
            }
        }
        if waiting.is_none() {
            continue;
        }
        let permit = Permit::acquire(&listener.limits).await;
        let arrival = listener.paces.pass(timer, &worker.clock).await;
        if let Some(accepted) = waiting.take() {
            let fresh = Handover {
                accepted,
                permit,
                arrival,
                listener: Arc::clone(listener),
                shared: Arc::clone(&worker.shared),
            };
            if let Some(own) = worker.share(fresh) {
                begin(worker, own);
            }
        }
    }
}

/// Serves who waits at a socket that is about to close, as far as there is room.
fn take_last(
    worker: &Rc<Worker>,
    listener: &Arc<Listener>,
    acceptor: &Acceptor,
    mut waiting: Option<Accepted>,
) {
    while let Some(permit) = Permit::try_acquire(&listener.limits)
        && let Some(arrival) = listener.paces.try_pass(worker.clock.now())
        && let Some(accepted) = waiting.take().or_else(|| acceptor.accept_now())
    {
        let last = Handover {
            accepted,
            permit,
            arrival,
            listener: Arc::clone(listener),
            shared: Arc::clone(&worker.shared),
        };
        begin(worker, last);
    }
}

/// A connection on its way to the worker that will serve it.
#[derive(Debug)]
pub(super) struct Handover {
    pub(super) accepted: Accepted,
    pub(super) permit: Permit,
    pub(super) arrival: Arrival,
    pub(super) listener: Arc<Listener>,
    /// The generation it was accepted under.
    pub(super) shared: Arc<Shared>,
}

/// Starts the task that serves a connection.
pub(super) fn begin(worker: &Rc<Worker>, mut from: Handover) {
    let now = worker.clock.now_us();
    count::connection(worker, &from.listener, now / 1000);
    from.arrival.is_connected();
    let stream = from.accepted.into_stream();
    let dst = from.listener.fixed_dst.unwrap_or_else(|| stream.local());
    let listed = Listed::new(
        &worker.shared,
        &from.listener,
        stream.peer(),
        worker.index(),
        now / 1000,
    );
    let view = Arc::clone(listed.view());
    let mut client = Client {
        view: listed,
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
        arrival: Some(from.arrival),
    };
    let guard = worker.session_guard(&view);
    let worker = Rc::clone(worker);
    let session = async move {
        // By reference: what is moved into a future takes its room twice.
        session::serve(&worker, &from.listener, &mut client).await;
        drop(client);
        drop(guard);
    };
    // A task moves its future six times from spawning to its end; of this one only the address.
    let mut session = Box::pin(session);
    let turns = poll_fn(move |cx| clock::turn(|| session.as_mut().poll(cx)));
    let task = tokio::task::spawn_local(turns);
    view.is_served_by(task.abort_handle());
}
