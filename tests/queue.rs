//! The queue of a backend under threads: a million times somebody takes a slot, waits for one, gives up
//! or leaves, and nobody is forgotten.
//!
//! Each thread runs many tasks on a reactor of its own, as workers do. A wake-up that is lost leaves its
//! task waiting for ever, with nobody left to free a slot: the test would not end, so a watchdog looks at
//! how far it has come.

#![forbid(unsafe_code)]

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tidegate::backend::{
    Algorithm, BackendSpec, BackendState, Choice, ServerSpec, Slot, Standing, Turn, Wish,
};
use tidegate::clock::Clock;
use tidegate::net::ServerAddr;
use tidegate::protect::circuit_limits::Priority;

const THREADS: u64 = 4;
const TASKS: u64 = 32;
const OPERATIONS: u64 = 1_000_000;
const SERVERS: u32 = 3;
const MAXCONN: u32 = 4;

/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_secs(10);

fn backend() -> Arc<BackendState> {
    let server = |id| ServerSpec {
        id,
        weight: 1,
        maxconn: MAXCONN,
        addr: Some(ServerAddr::Unix("/s".into())),
        ..ServerSpec::default()
    };
    let spec = BackendSpec {
        algorithm: Algorithm::LeastConn,
        servers: (1..=SERVERS).map(server).collect(),
        redispatch: true,
        ..BackendSpec::default()
    };
    BackendState::new(&spec, &Clock::system())
}

/// What all threads count.
#[derive(Debug, Default)]
struct Counts {
    operations: AtomicU64,
    waited: AtomicU64,
    gave_up: AtomicU64,
    /// Slots held now, and whether they were ever more than there are.
    held: AtomicUsize,
    most_held: AtomicUsize,
}

/// A sequence that looks random and is the same in every run.
struct Luck(u64);

impl Luck {
    fn draw(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % below
    }
}

/// Takes a slot on some server, or on one given server; `None` if it gave up waiting.
async fn enter(backend: &Arc<BackendState>, luck: &mut Luck, counts: &Counts) -> Option<Slot> {
    let only = (luck.draw(3) == 0).then(|| luck.draw(SERVERS.into()) as usize);
    loop {
        let choice = match only {
            Some(server) => backend.choose_server(server, false, Priority::Default),
            None => backend.choose(Wish::default()),
        };
        let only = match choice {
            Choice::Server(slot) => return Some(slot),
            Choice::Full => None,
            Choice::Busy(server) => Some(server),
            Choice::NoServer => panic!("all servers are up"),
        };
        let standing = Standing {
            class: luck.draw(3) as i32 - 1,
            ..Standing::default()
        };
        counts.waited.fetch_add(1, Ordering::Relaxed);
        let mut waiting = backend.wait(only, standing).expect("there is no limit");
        if luck.draw(16) == 0 {
            // Leaves after one look, perhaps with a slot in its hands.
            let seen = std::future::poll_fn(|cx| {
                let _ = std::pin::Pin::new(&mut waiting).as_mut().poll(cx);
                Poll::Ready(())
            });
            seen.await;
            counts.gave_up.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        if let Turn::Served(slot) = waiting.await {
            return Some(slot);
        }
    }
}

async fn client(
    backend: Arc<BackendState>,
    mut luck: Luck,
    counts: Arc<Counts>,
    left: Rc<Cell<u64>>,
) {
    while left.get() > 0 {
        left.set(left.get() - 1);
        if let Some(slot) = enter(&backend, &mut luck, &counts).await {
            let held = counts.held.fetch_add(1, Ordering::SeqCst) + 1;
            counts.most_held.fetch_max(held, Ordering::SeqCst);
            for _ in 0..luck.draw(3) {
                tokio::task::yield_now().await;
            }
            counts.held.fetch_sub(1, Ordering::SeqCst);
            drop(slot);
        }
        counts.operations.fetch_add(1, Ordering::Relaxed);
    }
}

fn worker(number: u64, backend: Arc<BackendState>, counts: Arc<Counts>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let left = Rc::new(Cell::new(OPERATIONS / THREADS));
    tokio::task::LocalSet::new().block_on(&runtime.expect("a runtime"), async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let luck = Luck(number * TASKS + task + 1);
                let (backend, counts) = (Arc::clone(&backend), Arc::clone(&counts));
                tokio::task::spawn_local(client(backend, luck, counts, Rc::clone(&left)))
            })
            .collect();
        for task in tasks {
            task.await.expect("no task fails");
        }
    });
}

#[test]
fn a_million_operations_forget_nobody() {
    let (backend, counts) = (backend(), Arc::new(Counts::default()));
    let (done, ended) = mpsc::channel::<()>();
    for number in 0..THREADS {
        let (backend, counts, done) = (Arc::clone(&backend), Arc::clone(&counts), done.clone());
        thread::spawn(move || {
            worker(number, backend, counts);
            drop(done);
        });
    }
    drop(done);
    let mut before = 0;
    while ended.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
        let now = counts.operations.load(Ordering::Relaxed);
        assert!(
            now > before,
            "stuck after {now}: {counts:?}, {} wait",
            backend.queue_len()
        );
        before = now;
    }
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    assert_eq!(count(&counts.operations), OPERATIONS);
    assert!(count(&counts.waited) > OPERATIONS / 2, "{counts:?}");
    assert!(count(&counts.gave_up) > 1000, "{counts:?}");
    assert!(counts.most_held.load(Ordering::SeqCst) <= (SERVERS * MAXCONN) as usize);
    assert_eq!(backend.queue_len(), 0);
    for server in backend.servers() {
        assert_eq!((server.served(), server.queued()), (0, 0));
    }
}
