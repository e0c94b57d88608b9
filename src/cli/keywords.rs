//! `tidegate keywords`: the whole vocabulary, or part of it.

use super::console;
use crate::vocab::reference::generated;
use crate::vocab::{Class, KeywordInfo, Status, keywords};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};
use std::fmt::Write;
use std::process::ExitCode;

/// The subcommand.
pub(super) fn command() -> Command {
    let statuses = PossibleValuesParser::new(Status::ALL.map(Status::name));
    let classes = PossibleValuesParser::new(Class::all().map(Class::name));
    Command::new("keywords")
        .about("List every word of the language and what becomes of it")
        .arg(
            Arg::new("status")
                .long("status")
                .value_name("STATUS")
                .help("Only words of this status")
                .value_parser(statuses),
        )
        .arg(
            Arg::new("class")
                .long("class")
                .value_name("CLASS")
                .help("Only words of this class, such as 'fetch'")
                .hide_possible_values(true)
                .value_parser(classes),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .help("One line a word, an array of objects, or docs/COMPATIBILITY.md")
                .default_value("text")
                .value_parser(PossibleValuesParser::new(["text", "json", "markdown"])),
        )
}

/// Prints what was asked for.
pub(super) fn run(matches: &ArgMatches) -> ExitCode {
    let asked = |name| matches.get_one::<String>(name).map(String::as_str);
    let (status, class) = (asked("status"), asked("class"));
    let words: Vec<KeywordInfo> = keywords()
        .into_iter()
        .filter(|word| status.is_none_or(|status| word.status.name() == status))
        .filter(|word| class.is_none_or(|class| word.class.name() == class))
        .collect();
    console::print(&match asked("format") {
        Some("json") => generated::json(&words),
        Some("markdown") => generated::compatibility(&words),
        _ => text(&words),
    });
    ExitCode::SUCCESS
}

/// Status, class, word, and what it does or why not, in columns.
fn text(words: &[KeywordInfo]) -> String {
    let width = words.iter().map(|word| word.full_name().len()).max();
    let width = width.unwrap_or(0).min(40);
    words.iter().fold(String::new(), |mut text, word| {
        let _ = writeln!(
            text,
            "{:9}  {:22}  {:width$}  {}{}",
            word.status.name(),
            word.class.name(),
            word.full_name(),
            word.reason,
            word.doc
        );
        text
    })
}
