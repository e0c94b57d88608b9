//! `peers` sections of the process: which of them are served, as configurations come and go.
//!
//! A section that stays as it was, with the same tables and the same socket, goes on with its sessions.
//! A soft stop ends them, and each section teaches the process that takes its place. Deliberately absent:
//! what peers say to each other (`peers`).

use super::control::{InForce, StatsListener};
use super::env::Stop;
use crate::clock::{Clock, NEVER};
use crate::net::Wheel;
use crate::net::timer::sleep;
use crate::peers::{Section, Served, serve};
use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::sync::Weak;
use tokio::sync::watch;

/// The sections being served. It belongs to the control thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Sections(Rc<RefCell<Vec<Kept>>>);

/// A section and the socket it accepts on.
#[derive(Debug)]
struct Kept {
    served: Served,
    listener: Option<StatsListener>,
}

/// Serves sections.
pub(super) struct Keeper {
    pub(super) sections: Sections,
    pub(super) clock: Clock,
    pub(super) wheel: Wheel,
}

impl Sections {
    /// The sections, the last one first as HAProxy lists them.
    pub(super) fn list(&self) -> Vec<Rc<Section>> {
        let kept = self.0.borrow();
        let sections = kept.iter().rev();
        sections
            .map(|kept| Rc::clone(&kept.served.section))
            .collect()
    }
}

impl Keeper {
    /// Serves the sections of whatever generation is in force until the process is to end; returns
    /// when the process that takes its place knows what they share. The first ones are taught by the
    /// process before this, if it `has_lessons`.
    pub(super) async fn keep(
        self,
        mut in_force: watch::Receiver<Option<InForce>>,
        mut stop: watch::Receiver<Stop>,
        mut has_lessons: bool,
    ) {
        let mut hard_stop_after = NEVER;
        loop {
            let now = in_force.borrow_and_update().clone();
            if let Some(now) = now {
                hard_stop_after = now.shared.config.global.hard_stop_after;
                self.adopt(&now, std::mem::take(&mut has_lessons));
            }
            tokio::select! {
                changed = in_force.changed() => if changed.is_err() {
                    return;
                },
                stopped = stop.wait_for(|stop| *stop != Stop::Not) => match stopped {
                    Ok(_) => break,
                    // Nobody can ask for an end.
                    Err(_) => pending().await,
                },
            }
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop == Stop::Now) => {}
            () = sleep(&self.wheel, self.clock.now().saturating_add(hard_stop_after)) => {}
            () = self.teach_successor() => {}
        }
    }

    async fn teach_successor(&self) {
        let teach = |kept: &mut Kept| {
            let own = kept.listener.as_ref().map(|listener| listener.local);
            tokio::task::spawn_local(kept.served.teach_successor(own))
        };
        let lessons: Vec<_> = self.sections.0.borrow_mut().iter_mut().map(teach).collect();
        for lesson in lessons {
            // A panic was reported by the panic hook.
            let _ = lesson.await;
        }
    }

    fn adopt(&self, now: &InForce, has_lessons: bool) {
        let shared = &now.shared;
        let before = self.sections.0.take();
        let (mut stay, mut fresh) = (Vec::new(), Vec::new());
        let wanted = || shared.config.peers.iter().zip(&*now.peers);
        for kept in before {
            let stays = wanted().any(|(config, listener)| {
                let section = &kept.served.section;
                section.config == *config
                    && section.shares(&shared.tables)
                    && is_same(listener, &kept.listener)
            });
            // What goes must let go of its tables before another takes them.
            if stays {
                stay.push(kept);
            }
        }
        for (config, listener) in wanted() {
            let name = &config.name;
            let known = stay
                .iter()
                .position(|kept| kept.served.section.config.name == *name);
            fresh.push(match known {
                Some(at) => stay.swap_remove(at),
                None => {
                    let counts = shared.estate.peers();
                    let section = Section::new(config.clone(), &shared.tables, &self.clock, counts);
                    if has_lessons {
                        section.await_lesson();
                    }
                    let socket = listener.as_ref();
                    let socket = socket.and_then(|listener| listener.socket.upgrade());
                    Kept {
                        served: serve(section, socket, &self.wheel),
                        listener: listener.clone(),
                    }
                }
            });
        }
        self.sections.0.replace(fresh);
    }
}

/// Whether both are the same socket, or none.
fn is_same(one: &Option<StatsListener>, other: &Option<StatsListener>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Weak::ptr_eq(&one.socket, &other.socket),
        (None, None) => true,
        _ => false,
    }
}
