//! `get weight`, `set weight`: a server's share.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers::{self, Named};
use crate::health::weight_of;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "get weight",
        "<backend>/<server>",
        "shows a server's weight",
        AccessLevel::User,
        get,
    ),
    Command::new(
        "set weight",
        "<backend>/<server> <weight>[%]",
        "sets a server's weight",
        AccessLevel::Admin,
        |call| match servers::server(call, 2) {
            Ok(named) => set(&named, &call.text(3)),
            Err(answer) => answer,
        },
    ),
];

fn get(call: &mut Call<'_>) -> Answer {
    match servers::any_server(call, 2) {
        Ok(named) => {
            let (user, initial) = (named.state.user_weight(), named.state.initial_weight());
            Answer::text(format!("{user} (initial {initial})\n"))
        }
        Err(answer) => answer,
    }
}

/// Sets a weight: a number, or a percentage of the one in the configuration.
pub(super) fn set(named: &Named<'_>, text: &str) -> Answer {
    match weight_of(text, named.state.initial_weight()) {
        Ok(weight) => {
            let initial = named.state.initial_weight();
            if weight != 0 && weight != initial && !named.pool.is_dynamic() {
                return Answer::error(
                    "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.",
                );
            }
            named.pool.set_weight(named.place.server, weight);
            Answer::Done
        }
        Err(why) => Answer::error(why.trim_end()),
    }
}
