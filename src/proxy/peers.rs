//! `peers` sections of the process: which of them are served, as configurations come and go.
//!
//! A section that stays as it was, with the same tables and the same socket, goes on with its sessions.
//! Deliberately absent: what peers say to each other (`peers`).

use super::control::{InForce, StatsListener};
use crate::clock::Clock;
use crate::net::Wheel;
use crate::peers::{Section, Served, serve};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
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

impl Sections {
    /// The sections, the last one first as HAProxy lists them.
    pub(super) fn list(&self) -> Vec<Rc<Section>> {
        let kept = self.0.borrow();
        let sections = kept.iter().rev();
        sections
            .map(|kept| Rc::clone(&kept.served.section))
            .collect()
    }

    /// Serves the sections of whatever generation is in force.
    pub(super) async fn keep(
        self,
        mut in_force: watch::Receiver<Option<InForce>>,
        clock: Clock,
        wheel: Wheel,
    ) {
        loop {
            let now = in_force.borrow_and_update().clone();
            if let Some(now) = now {
                self.adopt(&now, &clock, &wheel);
            }
            if in_force.changed().await.is_err() {
                return;
            }
        }
    }

    fn adopt(&self, now: &InForce, clock: &Clock, wheel: &Wheel) {
        let shared = &now.shared;
        let before = self.0.take();
        let (mut stay, mut fresh) = (Vec::new(), Vec::new());
        let wanted = || shared.config.peers.iter().zip(&*now.peers);
        for kept in before {
            let stays = wanted().any(|(config, listener)| {
                let section = &kept.served.section;
                section.config == *config
                    && section.shares(&shared.tables)
                    && socket(listener) == socket(&kept.listener)
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
                    let section = Section::new(config.clone(), &shared.tables, clock, counts);
                    let fd = listener
                        .as_ref()
                        .map(|listener| Arc::clone(&listener.socket));
                    Kept {
                        served: serve(section, fd, wheel),
                        listener: listener.clone(),
                    }
                }
            });
        }
        self.0.replace(fresh);
    }
}

/// Which socket that is.
fn socket(listener: &Option<StatsListener>) -> Option<*const std::os::fd::OwnedFd> {
    listener
        .as_ref()
        .map(|listener| Arc::as_ptr(&listener.socket))
}
