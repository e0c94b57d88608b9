//! What the commands about maps and ACLs have in common: which list they name, and which version.

use super::answer::Answer;
use super::command::Call;
use crate::vocab::pattern::{EditError, EntryId, PatternRef};
use std::sync::Arc;

/// Whether a command is about maps or about ACLs. A list may be both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Map,
    Acl,
}

impl Kind {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Acl => "ACL",
        }
    }

    pub(super) fn owns(self, list: &PatternRef) -> bool {
        match self {
            Self::Map => list.in_maps(),
            Self::Acl => list.in_acls(),
        }
    }

    pub(super) fn unknown(self) -> Answer {
        let noun = self.noun();
        Answer::error(format!(
            "Unknown {noun} identifier. Please use #<id> or <file>."
        ))
    }

    pub(super) fn missing(self) -> Answer {
        Answer::error(format!("Missing {} identifier.", self.noun()))
    }
}

/// The list that the word at `index` names: `#` and its id, or its file.
pub(super) fn any_list(call: &Call<'_>, index: usize) -> Option<Arc<PatternRef>> {
    let name = call.text(index);
    let mut lists = call.control.config().patterns.iter();
    let found = match name.strip_prefix('#') {
        Some(id) => {
            let id: u32 = id.parse().ok()?;
            lists.find(|list| list.id() == Some(id))
        }
        None => lists.find(|list| list.name() == Some(&name)),
    };
    found.cloned()
}

/// The same, if it is of that kind; otherwise what the client is told.
pub(super) fn list(call: &Call<'_>, kind: Kind, index: usize) -> Result<Arc<PatternRef>, Answer> {
    let found = any_list(call, index).filter(|list| kind.owns(list));
    found.ok_or_else(|| kind.unknown())
}

/// The version before the list, `@<number>`, and where the list is then named.
pub(super) fn version(call: &Call<'_>) -> (Option<u32>, usize) {
    match call.bytes(2).strip_prefix(b"@") {
        Some(number) => {
            let digits = number.iter().take_while(|byte| byte.is_ascii_digit());
            let value = digits.fold(0u32, |value, digit| {
                value.wrapping_mul(10).wrapping_add(u32::from(digit - b'0'))
            });
            (Some(value), 3)
        }
        None => (None, 2),
    }
}

/// The entry that a word names by its address, `#0x<hexadecimal>`; `None` if it is no such word.
pub(super) fn entry(word: &[u8]) -> Option<Result<EntryId, Answer>> {
    let digits = word.strip_prefix(b"#0x")?;
    let text = std::str::from_utf8(digits).unwrap_or("-");
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(match is_number {
        // What is larger than any is nobody's.
        true => Ok(EntryId::of_number(
            u32::from_str_radix(text, 16).unwrap_or(u32::MAX),
        )),
        false => Err(Answer::error(
            "Malformed identifier. Please use #<id> or <file>.",
        )),
    })
}

/// Nothing, or why a list was not changed.
pub(super) fn outcome(result: Result<(), EditError>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(error @ EditError::NoVersion) => Answer::error(error.to_string()),
        Err(error) => Answer::error(format!("{error}.")),
    }
}
