//! Commands without a socket: what is called, and what it answers.

use super::command::{Session, execute};
use super::*;
use crate::clock::Clock;
use crate::compile::config::Config;
use crate::net::Wheel;
use crate::proxy::Control;
use crate::settings::{AccessLevel, SeverityOutput};
use std::collections::HashSet;

/// Calls a command in a fresh session of that level.
fn ask(level: AccessLevel, command: &str) -> String {
    let control = Control::idle(Config::default(), Clock::manual(1_000));
    let mut session = Session::new(level, SeverityOutput::None, 0);
    match execute(
        command.as_bytes(),
        None,
        &control,
        &Wheel::new(1_000),
        &mut session,
    ) {
        Answer::Done => String::new(),
        Answer::Message(_, text) => text.into_owned(),
        Answer::Pieces(mut next) => {
            let mut out = Vec::new();
            while next(&mut out) {}
            String::from_utf8(out).unwrap()
        }
        Answer::Feed(_) | Answer::Later(_) => panic!("it comes later"),
    }
}

#[test]
fn names_are_unique_and_explained() {
    let mut seen = HashSet::new();
    for command in commands() {
        assert!(seen.insert(command.name), "twice: {}", command.name);
        assert!(
            !command.doc.is_empty() && !command.doc.ends_with('.'),
            "{}",
            command.name
        );
        assert!(command.name.split(' ').all(|word| !word.is_empty()));
    }
}

#[test]
fn who_may_not_is_told() {
    use AccessLevel::{Admin, Operator, User};
    let check = |level, command, expected: &str| assert_eq!(ask(level, command), expected);
    check(User, "show env", "Permission denied");
    check(Operator, "expert-mode", "Permission denied");
    check(Admin, "expert-mode", "expert-mode is OFF");
    check(Admin, "", "");
}

#[test]
fn what_is_repeated_is_shown_without_control_characters() {
    let check = |command, expected: &str| {
        let answer = ask(AccessLevel::User, command);
        assert!(answer.starts_with(expected), "{answer}");
    };
    check("echo a\u{1b}[31m \u{e9}", "a\\u{1b}[31m \u{e9}");
    check("\u{7}", "Unknown command: '\\u{7}', but maybe");
}

#[test]
fn unknown_commands_and_help() {
    let listed = |command: &str| {
        let answer = ask(AccessLevel::User, command);
        let names = answer
            .lines()
            .skip(1)
            .map(|line| line.split(':').next().unwrap().trim());
        let names: Vec<_> = names.map(str::to_owned).collect();
        let (last, others) = names.split_at(names.len() - 3);
        assert_eq!(
            others,
            [
                "help [<command>]",
                "prompt [help | n | i | p | timed]*",
                "quit"
            ]
        );
        last.to_vec()
    };
    assert_eq!(listed("sohw version"), ["show version"]);
    assert_eq!(listed("show verison"), ["show version"]);
    assert_eq!(
        listed("help show cli"),
        ["show cli level", "show cli sockets"]
    );
    assert!(listed("help").len() > 5);
    assert!(listed("xyzzy plugh").len() > 5);
}
