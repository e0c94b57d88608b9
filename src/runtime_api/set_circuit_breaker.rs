//! `set circuit-breaker`: opens or closes a circuit breaker by hand, or lets it decide again.
//!
//! With `scope server` there is one for each server: `<proxy>/<name>` means all of them.

use super::answer::Answer;
use super::command::{Call, Command};
use super::show_circuit_breaker::{is_of, unknown};
use crate::protect::{Breaker, BreakerMode};
use crate::settings::AccessLevel;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set circuit-breaker",
    "<proxy>/<name>[/<server>] {open | close | auto}",
    "opens or closes a circuit breaker until 'auto' lets it decide again",
    AccessLevel::Admin,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let name = call.text(2);
    let all = call.control.protections().breakers.present();
    let is_wanted = |breaker: &Arc<Breaker>| {
        let known = &*breaker.spec().name;
        name.contains('/') && is_of(known, &name)
    };
    let breakers: Vec<_> = all.map(|(_, b)| b).filter(|b| is_wanted(b)).collect();
    if breakers.is_empty() {
        return unknown(call);
    }
    let wanted = call.bytes(3);
    let mut modes = BreakerMode::ALL.iter();
    match modes.find(|(name, _)| name.as_bytes() == wanted) {
        Some((_, mode)) => {
            for breaker in breakers {
                call.control.set_breaker(breaker, *mode);
            }
            Answer::Done
        }
        None => Answer::error("'set circuit-breaker' expects 'open', 'close' or 'auto'."),
    }
}
