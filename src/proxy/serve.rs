//! The body of a worker thread: adopts generations until it is told to stop.

use super::accept::{self, Handover};
use super::doors::{Doors, Post, Task};
use super::env::Stop;
use super::lend;
use super::thread::Thread;
use crate::clock::NEVER;
use crate::memory::give_back;
use crate::net::timer::sleep;
use std::io;
use std::rc::Rc;
use tokio::runtime::LocalOptions;
use tokio::sync::{mpsc, watch};

/// How often idle server connections and unused memory are looked at, milliseconds.
const PURGE_INTERVAL: u64 = 1000;
/// How often expired entries of stick tables are looked for, and how soon again when there were
/// more than the budget of one turn, milliseconds.
const SWEEP_INTERVAL: u64 = 100;
const SWEEP_ON: u64 = 5;
/// Entries of each lane of a table that one turn looks at: half a millisecond for 64 lanes.
const SWEEP_BUDGET: usize = 64;
/// How long after entries were removed their memory is given back, milliseconds.
const GIVE_BACK_AFTER: u64 = 1000;

/// What others send a worker thread.
#[derive(Debug)]
pub(super) struct Inboxes {
    /// Connections that other workers accepted.
    pub(super) handovers: mpsc::UnboundedReceiver<Handover>,
    pub(super) tasks: mpsc::UnboundedReceiver<Task>,
    pub(super) stop: watch::Receiver<Stop>,
}

/// Serves until the end; `started` is told whether it could begin.
pub(super) fn serve(
    thread: Rc<Thread>,
    inboxes: Inboxes,
    started: &std::sync::mpsc::Sender<io::Result<()>>,
) {
    // Not a `LocalSet`: each time the reactor wakes one, it writes to an eventfd and comes back at once.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return drop(started.send(Err(error))),
    };
    runtime.block_on(async move {
        tokio::task::spawn_local(keep_time(Rc::clone(&thread)));
        tokio::task::spawn_local(purge_idle(Rc::clone(&thread)));
        tokio::task::spawn_local(sweep_tables(Rc::clone(&thread)));
        tokio::task::spawn_local(take_in(Rc::clone(&thread), inboxes.handovers));
        let _ = started.send(Ok(()));
        follow(&thread, inboxes.tasks, inboxes.stop).await;
    });
}

async fn follow(
    thread: &Rc<Thread>,
    mut tasks: mpsc::UnboundedReceiver<Task>,
    stop: watch::Receiver<Stop>,
) {
    let mut doors = Doors::default();
    // Who serves the newest generation, which may have neither sockets nor connections.
    let mut current = None;
    let stopped = loop {
        tokio::select! {
            stopped = until(stop.clone(), |stop| stop != Stop::Not) => break stopped,
            task = tasks.recv() => match task {
                Some(Task::Adopt(adoption)) => current = Some(doors.adopt(thread, adoption)),
                Some(Task::Lend(request)) => {
                    if let Some(worker) = &current {
                        lend::lend(worker, request);
                    }
                }
                Some(Task::Pause { .. }) => doors.pause(),
                Some(Task::Resume { .. }) => doors.resume(),
                Some(Task::Frontend { index, door, .. }) => doors.of_frontend(index, door),
                None => break Stop::Now,
            },
        }
    };
    // Who still asks for something learns that nobody does it.
    drop(tasks);
    if stopped == Stop::Now {
        return doors.close(&Post::Drop).await;
    }
    doors.close(&Post::Close).await;
    thread.stop_softly();
    tokio::select! {
        () = thread.all_sessions_ended() => {}
        _ = until(stop, |stop| stop == Stop::Now) => {}
    }
}

async fn until(mut stop: watch::Receiver<Stop>, matches: impl Fn(Stop) -> bool) -> Stop {
    // When the sender is gone nobody can ask for anything gentler.
    stop.wait_for(|&stop| matches(stop))
        .await
        .map_or(Stop::Now, |stop| *stop)
}

async fn keep_time(thread: Rc<Thread>) {
    thread.wheel.run(&thread.clock).await;
}

async fn purge_idle(thread: Rc<Thread>) {
    loop {
        sleep(&thread.wheel, thread.clock.now() + PURGE_INTERVAL).await;
        thread.trim();
        if let Some(worker) = thread.current() {
            worker.purge_idle();
            worker.count_all_idle();
            worker.measure_cpu();
        }
    }
}

/// Removes expired entries of stick tables and keys of limits that are of no use any more: one
/// worker does it for all.
async fn sweep_tables(thread: Rc<Thread>) {
    if thread.index() != 0 {
        return;
    }
    let mut due = NEVER;
    loop {
        let mut has_more = false;
        if let Some(worker) = thread.current() {
            let shared = &worker.shared;
            shared.protections.sweep();
            let used = || {
                shared
                    .tables
                    .iter()
                    .map(|table| u64::from(table.used()))
                    .sum()
            };
            let before: u64 = used();
            for table in &*shared.tables {
                has_more |= table.sweep(SWEEP_BUDGET);
            }
            let now = thread.clock.now();
            if used() < before {
                due = due.min(now + GIVE_BACK_AFTER);
            }
            if due <= now {
                due = NEVER;
                give_back();
            }
        }
        let pause = if has_more { SWEEP_ON } else { SWEEP_INTERVAL };
        sleep(&thread.wheel, thread.clock.now() + pause).await;
    }
}

/// Serves the connections other workers hand over.
async fn take_in(thread: Rc<Thread>, mut inbox: mpsc::UnboundedReceiver<Handover>) {
    while let Some(handover) = inbox.recv().await {
        accept::begin(&thread.worker(&handover.shared), handover);
        // It has become a session, which counts itself.
        thread.count_out();
    }
}
