//! `set circuit-breaker`: opens or closes a circuit breaker by hand, or lets it decide again.

use super::answer::Answer;
use super::command::{Call, Command};
use super::show_circuit_breaker::UNKNOWN;
use crate::protect::BreakerMode;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set circuit-breaker",
    "<proxy>/<name> {open | close | auto}",
    "opens or closes a circuit breaker until 'auto' lets it decide again",
    AccessLevel::Admin,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let name = call.text(2);
    let mut breakers = call.control.protections().breakers.present();
    let Some((_, breaker)) = breakers.find(|(_, breaker)| *breaker.spec().name == *name) else {
        return Answer::error(UNKNOWN);
    };
    let wanted = call.bytes(3);
    let mut modes = BreakerMode::ALL.iter();
    match modes.find(|(name, _)| name.as_bytes() == wanted) {
        Some((_, mode)) => {
            call.control.set_breaker(breaker, *mode);
            Answer::Done
        }
        None => Answer::error("'set circuit-breaker' expects 'open', 'close' or 'auto'."),
    }
}
