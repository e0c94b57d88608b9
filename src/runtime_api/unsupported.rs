//! Commands that HAProxy has and this program does not: each is answered with the reason, rather than
//! that nobody knows it.
//!
//! A family is given by the words its commands begin with. Deliberately absent: commands that exist
//! (`ALL`), and those of another program that nobody has.

use super::answer::Answer;
use super::command::{Restriction, Session};

const NO_TLS: &str = "there is no TLS yet";
const NO_DEBUGGER: &str = "no command reaches into the memory of the process";

/// The family that HAProxy hides from who is no expert.
const FOR_EXPERTS: &str = "debug dev";

/// The first words of commands, and why there are none.
const FAMILIES: &[(&str, &str)] = &[
    ("abort ssl", NO_TLS),
    ("acme", NO_TLS),
    ("add ssl", NO_TLS),
    ("commit ssl", NO_TLS),
    ("debug counters", NO_DEBUGGER),
    (FOR_EXPERTS, NO_DEBUGGER),
    ("del ssl", NO_TLS),
    ("dump ssl", NO_TLS),
    ("hard-reload", "only the master's socket has it (-S)"),
    ("httpclient", "nothing is fetched for operators"),
    ("mcli-debug-mode", "only the master's socket has it (-S)"),
    ("new ssl", NO_TLS),
    ("set ssl", NO_TLS),
    ("show proc", "only the master's socket has it (-S)"),
    ("show quic", "there is no QUIC"),
    ("show ssl", NO_TLS),
    ("show tls-keys", NO_TLS),
    ("update ssl", NO_TLS),
];

/// The family that words begin with, and why it is absent.
fn family(words: &[&[u8]]) -> Option<(&'static str, &'static str)> {
    let begins = |name: &str| {
        let mut own = name.split(' ').zip(words);
        name.split(' ').count() <= words.len() && own.all(|(own, word)| own.as_bytes() == *word)
    };
    FAMILIES.iter().copied().find(|(name, _)| begins(name))
}

/// Why HAProxy's command of this name is absent, if we know.
pub(crate) fn why(name: &str) -> Option<&'static str> {
    let words: Vec<&[u8]> = name.split(' ').map(str::as_bytes).collect();
    family(&words).map(|(_, why)| why)
}

/// What somebody is told who calls one.
pub(super) fn answer(words: &[Vec<u8>], session: &Session) -> Option<Answer> {
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    let (name, why) = family(&words)?;
    if name == FOR_EXPERTS && !session.expert {
        return Some(Answer::error(Restriction::Expert.refusal()));
    }
    Some(Answer::error(format!("'{name}' is not supported: {why}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_absent_and_in_order() {
        let names: Vec<_> = FAMILIES.iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted());
        for name in names {
            let is_there = super::super::commands().any(|command| command.name == name);
            assert!(!is_there, "{name}");
        }
    }

    #[test]
    fn all_words_count() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(why(name), expected, "{name}");
        check("set ssl cert", Some(NO_TLS));
        check("set ssl", Some(NO_TLS));
        check("set", None);
        check("set sslx", None);
        check("debug dev panic", Some(NO_DEBUGGER));
        check("show map", None);
    }
}
