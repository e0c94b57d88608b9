//! `add map`, `add acl`: adds patterns, from the line or, for maps, from a payload.

use super::answer::Answer;
use super::command::{Call, Command, shown};
use super::patterns::{self, Kind};
use crate::settings::AccessLevel;
use crate::vocab::pattern::{EditError, PatternRef};

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "add map",
        "[@<ver>] <map> {<key> <value> | <<}",
        "adds an entry to a map, or those of the payload",
        AccessLevel::Admin,
        add_map,
    ),
    Command::new(
        "add acl",
        "[@<ver>] <acl> <pattern>",
        "adds a pattern to an ACL",
        AccessLevel::Admin,
        add_acl,
    ),
];

fn add_map(call: &mut Call<'_>) -> Answer {
    let (version, at) = patterns::version(call);
    let payload = call.payload.take();
    let is_complete = call.has(at) && (payload.is_some() || call.has(at + 1) && call.has(at + 2));
    if !is_complete {
        return Answer::error(
            "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload",
        );
    }
    let list = match target(call, Kind::Map, at, version) {
        Ok(list) => list,
        Err(answer) => return answer,
    };
    let Some(payload) = payload else {
        return patterns::outcome(add(&list, version, call.bytes(at + 1), call.bytes(at + 2)));
    };
    for line in payload.split(|byte| *byte == b'\n') {
        let Some((key, value)) = pair(line) else {
            return Answer::error(format!("Missing value for key '{}'.", shown(line)));
        };
        if let Err(error) = add(&list, version, key, value) {
            return patterns::outcome(Err(error));
        }
    }
    Answer::Done
}

fn add_acl(call: &mut Call<'_>) -> Answer {
    let (version, at) = patterns::version(call);
    if !call.has(at) || !call.has(at + 1) {
        return Answer::error("'add acl' expects two parameters: ACL identifier and pattern.");
    }
    let list = match target(call, Kind::Acl, at, version) {
        Ok(list) => list,
        Err(answer) => return answer,
    };
    if list.has_values() {
        return Answer::error(
            "This ACL is shared with a map containing samples. You must use the command 'add map' to add values.",
        );
    }
    patterns::outcome(add(&list, version, call.bytes(at + 1), b""))
}

/// The list to be changed, if the version asked for has been prepared.
fn target(
    call: &Call<'_>,
    kind: Kind,
    at: usize,
    version: Option<u32>,
) -> Result<std::sync::Arc<PatternRef>, Answer> {
    let list = patterns::any_list(call, at).ok_or_else(|| kind.unknown())?;
    match version {
        Some(version) if version > list.versions().1 => {
            let word = kind.noun().to_lowercase();
            Err(Answer::error(format!(
                "Version number in the future, please use 'prepare {word}' before."
            )))
        }
        _ => Ok(list),
    }
}

fn add(list: &PatternRef, version: Option<u32>, key: &[u8], value: &[u8]) -> Result<(), EditError> {
    match version.filter(|version| *version != list.versions().0) {
        None => list.add(key, value),
        Some(version) => list.add_prepared(version, key, value),
    }
}

/// A key up to the first blank, and the value after the blanks.
fn pair(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let (key, rest) = line.split_at(line.iter().position(is_blank)?);
    let value = rest
        .iter()
        .position(|byte| !is_blank(byte))
        .unwrap_or(rest.len());
    Some((key, rest.get(value..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        let check = |line: &str, expected: Option<(&str, &str)>| {
            let expected = expected.map(|(key, value)| (key.as_bytes(), value.as_bytes()));
            assert_eq!(pair(line.as_bytes()), expected, "{line}");
        };
        check("k v", Some(("k", "v")));
        check("k \t v w ", Some(("k", "v w ")));
        check("k ", Some(("k", "")));
        check(" v", Some(("", "v")));
        check("k", None);
        check("", None);
    }
}
