//! Breakers of servers (`circuit-breaker … scope server`): one that opens takes its server out of
//! rotation, one that recovers lets more and more of the requests that balancing would send there go.
//!
//! What must hold: who is refused goes elsewhere, never back to the client while another server is
//! usable. There is no timer: a server comes back into rotation with the first request after the
//! time of its breaker. Deliberately absent: the breaker (`protect::breaker`), log lines.

use super::connect::Target;
use super::place::Place;
use super::shared::Shared;
use super::transaction::Transaction;
use crate::backend::{Admin, BackendState, Operation, ServerState, Slot};
use crate::protect::metrics::Sample;
use crate::protect::{Admission, Breaker, BreakerState, Change};
use std::sync::Arc;

/// Whether the breakers of a server let a request go there. They are told how it ends.
pub(super) fn admit(at: Place<'_>, to: Target<'_>, slot: &Slot, tx: &Transaction) -> bool {
    let Some(own) = to.backend.server_breakers.of.get(slot.server()) else {
        return true;
    };
    let before = tx.holds.passes();
    for breaker in of(&at.worker.shared, own) {
        let (admission, news) = breaker.admit();
        tx.holds.tell(news);
        match admission {
            Admission::Pass(pass) => tx.holds.keep(pass),
            Admission::Refused(_) if breaker.spec().shadow => {}
            Admission::Refused(_) => {
                tx.holds.forget_passes(before);
                super::protection::tell(at, tx);
                return false;
            }
        }
    }
    super::protection::tell(at, tx);
    true
}

/// Notes whose breaker it is, if one keeps a server from a request that finds none.
pub(super) fn blame(at: Place<'_>, to: Target<'_>, tx: &Transaction) {
    let servers = to.backend.server_breakers.of.present();
    let mut breakers = servers.flat_map(|(_, own)| of(&at.worker.shared, own));
    let refuses =
        |breaker: &&Arc<Breaker>| !breaker.spec().shadow && breaker.state() != BreakerState::Closed;
    if let Some(breaker) = breakers.find(refuses) {
        let name = &*breaker.spec().name;
        let own = name.split_once('/').map_or(name, |(_, own)| own);
        let blocked_by = format!("circuit-breaker/{own}").into();
        tx.record.by_rules.blocked_by.replace(Some(blocked_by));
    }
}

/// The request leaves its server for another: its breakers learn what the server did.
pub(super) fn leave(at: Place<'_>, tx: &Transaction, (status, is_network_error): (u16, bool)) {
    if tx.holds.passes() == 0 {
        return;
    }
    let now_us = at.worker.clock.now_us();
    tx.holds.leave_server(|pass| Sample {
        status,
        is_network_error,
        latency_us: now_us.saturating_sub(pass.since_us()),
    });
    super::protection::tell(at, tx);
}

/// Puts those back into rotation whose breakers are not open any more.
pub(super) fn mend(at: Place<'_>, to: Target<'_>) {
    let breakers = &to.backend.server_breakers.of;
    if breakers.is_empty() || !to.state.takes_mending(at.worker.clock.now()) {
        return;
    }
    for (server, own) in breakers.present() {
        settle(&at.worker.shared, to.state, own, server);
    }
}

/// Takes servers out of rotation, or puts them back, as the breakers of a configuration say that comes
/// into force: the one before may have had others.
pub(super) fn settle_all(shared: &Shared) {
    for (index, backend) in shared.config.backends.present() {
        let Some(state) = shared.backends.get(index) else {
            continue;
        };
        for (server, _) in state.servers().present() {
            let own = backend.server_breakers.of.get(server);
            settle(shared, state, own.map_or(&[], |own| own), server);
        }
    }
}

fn settle(shared: &Shared, state: &Arc<BackendState>, own: &[usize], server: usize) {
    put_back(shared, state, own, server);
    for breaker in of(shared, own).filter(|breaker| is_open(breaker)) {
        state.set_admin(server, Admin::BROKEN);
        let left = breaker.view().left;
        // Opened by hand it has no time.
        if left > 0 {
            state.mend_at(shared.health.clock().now().saturating_add(left));
        }
    }
}

/// Puts a server back into rotation unless one of its breakers is open.
fn put_back(shared: &Shared, state: &Arc<BackendState>, own: &[usize], server: usize) {
    let is_out = |state: &ServerState| state.status().admin.has(Admin::BROKEN);
    if state.servers().get(server).is_some_and(is_out)
        && !of(shared, own).any(|breaker| is_open(breaker))
    {
        state.clear_admin(server, Admin::BROKEN, Operation::Running);
    }
}

/// Does to a server what became of its breaker.
pub(super) fn follow(shared: &Shared, breaker: &Breaker, change: Option<&Change>) {
    let spec = breaker.spec();
    let Some((backend, server)) = spec.server.filter(|_| !spec.shadow) else {
        return;
    };
    let own = (shared.config.backends.get(backend))
        .and_then(|backend| backend.server_breakers.of.get(server));
    let (Some(state), Some(own)) = (shared.backends.get(backend), own) else {
        return;
    };
    match change {
        Some(Change::Opened(time, _)) => {
            state.set_admin(server, Admin::BROKEN);
            // Opened by hand it has no time.
            if *time > 0 {
                state.mend_at(shared.health.clock().now().saturating_add(*time));
            }
        }
        Some(Change::Recovers(_) | Change::Closed) | None => put_back(shared, state, own, server),
    }
}

fn of<'a>(shared: &'a Shared, own: &'a [usize]) -> impl Iterator<Item = &'a Arc<Breaker>> {
    let all = &shared.protections.breakers;
    own.iter().filter_map(|&number| all.get(number))
}

fn is_open(breaker: &Breaker) -> bool {
    breaker.state() == BreakerState::Open && !breaker.spec().shadow
}
