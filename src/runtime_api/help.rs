//! `help`, and what an unknown command is answered.

use super::answer::Answer;
use super::command::{Command, Session, shown};
use crate::settings::AccessLevel;
use crate::syntax::closest;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "help",
    "[<command>]",
    "lists the commands that begin so, or all",
    AccessLevel::User,
    |call| {
        list(
            HEADING.to_owned(),
            call.words.get(1..).unwrap_or_default(),
            call.session,
        )
    },
)];

const HEADING: &str = "The following commands are valid at this level:\n";
/// Listed at the end, whatever was asked for.
const ALWAYS: [&str; 3] = ["help", "prompt", "quit"];
/// Most commands proposed for a mistyped one.
const MOST: usize = 5;

/// Tells that there is no such command, and which there are.
pub(super) fn unknown(words: &[Vec<u8>], session: &Session) -> Answer {
    let name = words.first().map_or(String::new(), |word| shown(word));
    let heading = format!(
        "Unknown command: '{name}', but maybe one of the following ones is a better match:\n"
    );
    list(heading, words, session)
}

/// Lists the commands nearest to some words: those that begin with as many of them as any does, and
/// of these, if a word is left that looks like a mistake, those it looks like.
fn list(mut text: String, words: &[Vec<u8>], session: &Session) -> Answer {
    let visible = || super::commands().filter(|command| command.is_visible(session));
    let length = visible().map(|command| common(command, words)).max();
    let length = length.unwrap_or(0);
    let beginning = || {
        visible().filter(move |command| {
            !ALWAYS.contains(&command.name) && common(command, words) == length
        })
    };
    let rest = words.get(length..).unwrap_or_default();
    let is_near = |command: &&Command| !rest.is_empty() && is_near(command, length, rest);
    let mut listed: Vec<_> = beginning().filter(is_near).take(MOST).collect();
    if listed.is_empty() {
        listed = beginning().collect();
    }
    listed.sort_unstable_by_key(|command| command.name);
    let always = ALWAYS
        .iter()
        .filter_map(|name| visible().find(|c| c.name == *name));
    for command in listed.into_iter().chain(always) {
        let syntax = format!("{} {}", command.name, command.args);
        let _ = writeln!(text, "  {:40}: {}", syntax.trim_end(), command.doc);
    }
    Answer::info(text)
}

/// How many of the first words are the same.
fn common(command: &Command, words: &[Vec<u8>]) -> usize {
    let own = command.name.split(' ');
    own.zip(words)
        .take_while(|(own, word)| own.as_bytes() == word.as_slice())
        .count()
}

/// Whether the words of a command after the first `skip` look like those typed there.
fn is_near(command: &Command, skip: usize, typed: &[Vec<u8>]) -> bool {
    let own: Vec<&str> = command.name.split(' ').skip(skip).collect();
    let typed: Vec<String> = typed
        .iter()
        .take(own.len())
        .map(|word| shown(word))
        .collect();
    !own.is_empty() && closest(&typed.join(" "), std::iter::once(own.join(" ").as_str())).is_some()
}
