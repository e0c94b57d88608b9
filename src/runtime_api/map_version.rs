//! `prepare map|acl`, `commit map|acl`: replaces a whole list at once.

use super::answer::Answer;
use super::command::{Call, Command};
use super::patterns::{self, Kind};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "prepare map",
        "<map>",
        "starts a new version of a map",
        AccessLevel::Admin,
        |call| prepare(call, Kind::Map),
    ),
    Command::new(
        "prepare acl",
        "<acl>",
        "starts a new version of an ACL",
        AccessLevel::Admin,
        |call| prepare(call, Kind::Acl),
    ),
    Command::new(
        "commit map",
        "@<ver> <map>",
        "puts a version of a map in force",
        AccessLevel::Admin,
        |call| commit(call, Kind::Map),
    ),
    Command::new(
        "commit acl",
        "@<ver> <acl>",
        "puts a version of an ACL in force",
        AccessLevel::Admin,
        |call| commit(call, Kind::Acl),
    ),
];

fn prepare(call: &mut Call<'_>, kind: Kind) -> Answer {
    match patterns::list(call, kind, 2) {
        Ok(list) => Answer::info(format!("New version created: {}", list.prepare())),
        Err(answer) => answer,
    }
}

fn commit(call: &mut Call<'_>, kind: Kind) -> Answer {
    let (Some(version), at) = patterns::version(call) else {
        return Answer::error("Missing version number.");
    };
    if !call.has(at) {
        return kind.missing();
    }
    match patterns::list(call, kind, at) {
        Ok(list) => patterns::outcome(list.commit(version)),
        Err(answer) => answer,
    }
}
