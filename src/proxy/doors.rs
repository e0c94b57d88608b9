//! The listening sockets of one worker thread, and which generation serves who comes in.
//!
//! Each socket has one task for as long as it is open. A new generation tells the tasks of sockets
//! that stay where to lead the next connection; it disturbs neither the socket nor a connection
//! that waits for room.

use super::accept;
use super::lend;
use super::limit::Door as Wanted;
use super::shared::{Listener, Shared};
use super::thread::Thread;
use super::worker::{ServerPair, Worker};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Dropped by each thread when it has done what it was told.
pub(super) type Done = mpsc::Sender<()>;

/// What a thread is told.
#[derive(Debug)]
pub(super) enum Task {
    Adopt(Adoption),
    /// Leave who comes in to wait.
    Pause {
        _done: Done,
    },
    /// Give up an idle server connection.
    Lend(lend::Request),
    /// Accept again.
    Resume {
        _done: Done,
    },
    /// The same for the sockets of one frontend, or close them.
    Frontend {
        index: usize,
        door: Wanted,
        _done: Done,
    },
}

/// What a thread serves from now on.
#[derive(Debug)]
pub(super) struct Adoption {
    pub(super) shared: Arc<Shared>,
    /// Whose idle connections continue as whose.
    pub(super) servers: Arc<[ServerPair]>,
    /// Every socket of the generation.
    pub(super) sockets: Vec<Entrance>,
    pub(super) _done: Done,
}

/// A listening socket as a thread is told of it.
#[derive(Debug)]
pub(super) struct Entrance {
    /// The number of the socket.
    pub(super) id: u64,
    pub(super) listener: Arc<Listener>,
    /// The thread's own descriptor.
    pub(super) fd: Arc<OwnedFd>,
}

/// Where a socket's connections go.
#[derive(Clone, Debug)]
pub(super) enum Post {
    /// To this generation, as that of its listeners.
    Serve(Rc<Worker>, Arc<Listener>),
    /// Nowhere: who comes waits.
    Pause,
    /// Nowhere: who waits is still taken in, then the socket is closed.
    Close,
    /// Nowhere, at once.
    Drop,
}

/// The sockets of one thread, by number.
#[derive(Debug, Default)]
pub(super) struct Doors {
    open: HashMap<u64, Door>,
}

#[derive(Debug)]
struct Door {
    /// Where its connections go unless it is paused.
    serves: Post,
    post: watch::Sender<Post>,
    task: JoinHandle<()>,
}

impl Doors {
    /// Serves another generation.
    pub(super) fn adopt(&mut self, thread: &Rc<Thread>, adoption: Adoption) -> Rc<Worker> {
        let before = thread.current();
        let worker = thread.worker(&adoption.shared);
        if let Some(before) = before.filter(|before| !Rc::ptr_eq(before, &worker)) {
            before.retire(&worker, &adoption.servers);
        }
        let mut stay = HashMap::new();
        for entrance in adoption.sockets {
            let post = Post::Serve(Rc::clone(&worker), entrance.listener);
            let door = match self.open.remove(&entrance.id) {
                Some(door) => {
                    door.post.send_replace(post.clone());
                    Door {
                        serves: post,
                        ..door
                    }
                }
                None => Door::open(thread, entrance.fd, post),
            };
            stay.insert(entrance.id, door);
        }
        let gone = std::mem::replace(&mut self.open, stay);
        for door in gone.into_values() {
            door.post.send_replace(Post::Close);
        }
        worker
    }

    /// Lets who comes wait.
    pub(super) fn pause(&self) {
        for door in self.open.values() {
            door.post.send_replace(Post::Pause);
        }
    }

    /// Lets who waits in.
    pub(super) fn resume(&self) {
        for door in self.open.values() {
            door.post.send_replace(door.serves.clone());
        }
    }

    /// Does one of that with the sockets of a frontend, or closes them.
    pub(super) fn of_frontend(&mut self, index: usize, wanted: Wanted) {
        let is_of = |door: &Door| match &door.serves {
            Post::Serve(_, listener) => listener.frontend == index,
            _ => false,
        };
        for door in self.open.values().filter(|door| is_of(door)) {
            door.post.send_replace(match wanted {
                Wanted::Open => door.serves.clone(),
                Wanted::Paused => Post::Pause,
                Wanted::Shut => Post::Drop,
            });
        }
        if wanted == Wanted::Shut {
            self.open.retain(|_, door| !is_of(door));
        }
    }

    /// Closes all; returns when it is done.
    pub(super) async fn close(&mut self, post: &Post) {
        for door in self.open.values() {
            door.post.send_replace(post.clone());
        }
        for (_, door) in self.open.drain() {
            // A panic was reported by the panic hook.
            let _ = door.task.await;
        }
    }
}

impl Door {
    fn open(thread: &Rc<Thread>, fd: Arc<OwnedFd>, post: Post) -> Self {
        let (posts, given) = watch::channel(post.clone());
        let task = tokio::task::spawn_local(accept::run(Rc::clone(thread), fd, given));
        Self {
            serves: post,
            post: posts,
            task,
        }
    }
}
