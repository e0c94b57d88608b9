//! `clear map`, `clear acl`: removes all entries of a list, or of a version being prepared.

use super::answer::Answer;
use super::command::{Call, Command};
use super::patterns::{self, Kind};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "clear map",
        "[@<ver>] <map>",
        "removes all entries of a map",
        AccessLevel::Admin,
        |call| run(call, Kind::Map),
    ),
    Command::new(
        "clear acl",
        "[@<ver>] <acl>",
        "removes all patterns of an ACL",
        AccessLevel::Admin,
        |call| run(call, Kind::Acl),
    ),
];

fn run(call: &mut Call<'_>, kind: Kind) -> Answer {
    let (version, at) = patterns::version(call);
    if !call.has(at) {
        return kind.missing();
    }
    let list = match patterns::list(call, kind, at) {
        Ok(list) => list,
        Err(answer) => return answer,
    };
    match version.filter(|version| *version != list.versions().0) {
        None => list.clear(),
        Some(version) => list.drop_prepared(version),
    }
    Answer::Done
}
