//! `del map`, `del acl`: removes an entry.

use super::answer::Answer;
use super::command::{Call, Command};
use super::patterns::{self, Kind};
use crate::settings::AccessLevel;
use crate::vocab::pattern::EditError;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "del map",
        "<map> {<key>|#<ref>}",
        "removes an entry from a map",
        AccessLevel::Admin,
        |call| run(call, Kind::Map),
    ),
    Command::new(
        "del acl",
        "<acl> {<pattern>|#<ref>}",
        "removes a pattern from an ACL",
        AccessLevel::Admin,
        |call| run(call, Kind::Acl),
    ),
];

fn run(call: &mut Call<'_>, kind: Kind) -> Answer {
    if !call.has(2) || !call.has(3) {
        let noun = kind.noun();
        return Answer::error(format!(
            "This command expects two parameters: {noun} identifier and key."
        ));
    }
    // As HAProxy, which says "map" of ACLs too.
    let Ok(list) = patterns::list(call, kind, 2) else {
        return Kind::Map.unknown();
    };
    let result = match patterns::entry(call.bytes(3)) {
        Some(Err(answer)) => return answer,
        Some(Ok(id)) => list.delete_entry(id),
        None => list.delete(call.bytes(3)),
    };
    match result {
        Err(EditError::NotFound) => Answer::error("Key not found."),
        other => patterns::outcome(other),
    }
}
