//! `operator` and `user`: gives up rights for the rest of the connection.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "operator",
        "",
        "lowers the level of this connection to operator",
        AccessLevel::Operator,
        |call| lower(call, AccessLevel::Operator),
    ),
    Command::new(
        "user",
        "",
        "lowers the level of this connection to user",
        AccessLevel::User,
        |call| lower(call, AccessLevel::User),
    ),
];

fn lower(call: &mut Call<'_>, level: AccessLevel) -> Answer {
    call.session.no_line_end = call.bytes(1) == b"-";
    call.session.level = level;
    call.session.expert = false;
    call.session.experimental = false;
    Answer::Done
}
