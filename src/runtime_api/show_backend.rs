//! `show backend`: the names of the backends.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show backend",
    "",
    "lists the backends",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let backends = &call.control.config().backends;
    let backends = backends.present();
    let names = backends.map(|(_, backend)| format!("{}\n", backend.name));
    Answer::text(format!("# name\n{}", names.collect::<String>()))
}
