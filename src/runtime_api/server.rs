//! Accepting connections to stats sockets.
//!
//! At most `stats maxconn` at once, and of each socket what its line says; the others wait in the
//! kernel's queue.

use super::command::Session;
use super::connection::Connection;
use crate::net::{Acceptor, Endpoint, Stream, Wheel};
use crate::proxy::{Control, ControlThread, Stop, Visitor};
use crate::settings::{AccessLevel, SeverityOutput, StatsSocket};
use std::future::{Future, poll_fn};
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

/// Serves the stats sockets. What the control thread runs.
pub fn serve(thread: ControlThread) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(run(thread))
}

async fn run(thread: ControlThread) {
    let ControlThread {
        mut control,
        wheel,
        mut stop,
        visitors,
    } = thread;
    tokio::task::spawn_local(welcome(control.clone(), wheel.clone(), visitors));
    loop {
        let accepting = accept_all(&control, &wheel);
        let goes_on = tokio::select! {
            more = control.next_generation() => more,
            // Without a sender nobody can ask for an end; then the thread's end is the end.
            result = stop.wait_for(|stop| *stop != Stop::Not) => match result {
                Ok(_) => false,
                Err(_) => std::future::pending().await,
            },
        };
        // None of them is between accepting a connection and serving it.
        accepting.iter().for_each(|task| task.abort());
        if !goes_on {
            return;
        }
    }
}

/// Serves those whom a master sends, until the process ends.
async fn welcome(mut control: Control, wheel: Wheel, mut visitors: UnboundedReceiver<Visitor>) {
    while let Some(Visitor { socket, expert }) = visitors.recv().await {
        if rustix::io::ioctl_fionbio(&socket, true).is_err() {
            continue;
        }
        control.renew();
        let timeout = control.config().global.stats_timeout;
        let session = Session {
            exposes_listeners: true,
            expert,
            ..Session::new(AccessLevel::Admin, SeverityOutput::None, timeout)
        };
        let stream = Stream::accepted(socket, Endpoint::Unix);
        let connection = Connection::new(stream, control.clone(), wheel.clone(), session);
        tokio::task::spawn_local(async move { drop(connection.serve().await) });
    }
}

/// Accepts on all sockets of the generation in force.
fn accept_all(control: &Control, wheel: &Wheel) -> Vec<JoinHandle<()>> {
    let global = &control.config().global;
    let slots = slots(global.stats_maxconn);
    let sockets = global.stats_sockets.iter().zip(control.stats_listeners());
    sockets
        .filter_map(|(config, listener)| {
            let (control, wheel) = (control.clone(), wheel.clone());
            let socket = listener.socket.upgrade()?;
            let accept = accept(control, wheel, config.clone(), socket, Rc::clone(&slots));
            Some(tokio::task::spawn_local(accept))
        })
        .collect()
}

fn slots(most: u32) -> Rc<Semaphore> {
    let most = match most {
        0 => Semaphore::MAX_PERMITS,
        most => most as usize,
    };
    Rc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))
}

async fn accept(
    control: Control,
    wheel: Wheel,
    config: StatsSocket,
    socket: Arc<OwnedFd>,
    slots: Rc<Semaphore>,
) {
    let Ok(mut acceptor) = Acceptor::new(socket, &wheel, control.clock().clone()) else {
        return;
    };
    let own_slots = self::slots(config.bind.maxconn);
    let timeout = control.config().global.stats_timeout;
    loop {
        let slot = (Rc::clone(&own_slots), Rc::clone(&slots));
        // Neither is ever closed.
        let (Ok(own), Ok(common)) = (slot.0.acquire().await, slot.1.acquire().await) else {
            return;
        };
        own.forget();
        common.forget();
        let release = Release(slot);
        // After an error the acceptor pauses by itself.
        let Ok(accepted) = poll_fn(|cx| acceptor.poll_accept(cx)).await else {
            continue;
        };
        let session = Session {
            exposes_listeners: config.exposes_listeners,
            ..Session::new(config.level, config.severity, timeout)
        };
        let connection = Connection::new(
            accepted.into_stream(),
            control.clone(),
            wheel.clone(),
            session,
        );
        tokio::task::spawn_local(async move {
            // Whoever went away needs no answer.
            let _ = connection.serve().await;
            drop(release);
        });
    }
}

/// A connection's places, given back when it ends.
struct Release((Rc<Semaphore>, Rc<Semaphore>));

impl Drop for Release {
    fn drop(&mut self) {
        self.0.0.add_permits(1);
        self.0.1.add_permits(1);
    }
}
