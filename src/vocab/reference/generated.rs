//! The files made from the vocabulary: compatibility table, manual, `keywords.json`, dictionary.
//!
//! A test compares them with what is committed; `UPDATE=1 cargo test --test generated` writes
//! them. Deliberately absent: reading and writing files.

use super::{Class, KeywordInfo, keywords, manual};
use crate::vocab::keyword::Status;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What every generated Markdown file says first.
pub(super) const NOTICE: &str =
    "<!-- Generated from the vocabulary: UPDATE=1 cargo test --test generated -->\n\n";

/// Every generated file: its path in the repository and its content.
pub fn files() -> Vec<(String, String)> {
    let words = keywords();
    let mut files = manual::pages(&words);
    files.push(("docs/COMPATIBILITY.md".to_owned(), compatibility(&words)));
    files.push(("grammar/keywords.json".to_owned(), json(&words)));
    files.push(("fuzz/keywords.dict".to_owned(), dictionary(&words)));
    files
}

/// An array with one word a line.
pub fn json(words: &[KeywordInfo]) -> String {
    let object = |word: &KeywordInfo| {
        let mut object = serde_json::json!({
            "class": word.class.name(),
            "name": word.name,
            "status": word.status.name(),
        });
        let members = [
            ("args", &*word.args),
            ("allowed", word.allowed),
            ("reason", word.reason),
            ("doc", word.doc),
            ("same_as", word.same_as),
        ];
        for (member, text) in members.into_iter().filter(|(_, text)| !text.is_empty()) {
            if let Some(map) = object.as_object_mut() {
                map.insert(member.to_owned(), text.into());
            }
        }
        if let Some(map) = object.as_object_mut().filter(|_| !word.examples.is_empty()) {
            map.insert("examples".to_owned(), word.examples.as_slice().into());
        }
        object.to_string()
    };
    let lines: Vec<String> = words.iter().map(object).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// A libFuzzer dictionary of every distinct word.
fn dictionary(words: &[KeywordInfo]) -> String {
    let parts: BTreeSet<&str> = words
        .iter()
        .filter(|word| word.class != Class::Command)
        .flat_map(|word| word.class.prefix().split(' ').chain(word.name.split(' ')))
        .filter(|part| part.len() > 1)
        .collect();
    parts.iter().fold(String::new(), |mut text, part| {
        let _ = writeln!(
            text,
            "\"{}\"",
            part.replace('\\', "\\\\").replace('"', "\\\"")
        );
        text
    })
}

/// The table of what works and what does not, and why.
pub fn compatibility(words: &[KeywordInfo]) -> String {
    let mut text = format!(
        "{NOTICE}# Compatibility with HAProxy 3.4\n\n\
         Every word that HAProxy 3.4 knows is one of\n\n\
         - **works**: it does what HAProxy's does;\n\
         - **no effect here**: accepted, and there is nothing it could change, for the reason given; \
         `tidegate check -v` lists those a configuration uses;\n\
         - **not supported yet**: an error that says so; `tidegate check --allow-unsupported` makes it a \
         warning;\n\
         - **removed**: HAProxy 3.4 refuses it too; the reason says what to write instead.\n\n\
         `tidegate keywords` prints the same list, `docs/manual/` explains the words that work.\n\n\
         | class | works | no effect | not yet | removed |\n|---|--:|--:|--:|--:|\n"
    );
    for class in Class::all() {
        let count = |status| of(words, class, status).count();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            class.title(),
            count(Status::Works),
            count(Status::NoEffect),
            count(Status::NotYet),
            count(Status::Removed)
        );
    }
    for class in Class::all() {
        let _ = write!(text, "\n## {}\n", class.title());
        let works: Vec<String> = of(words, class, Status::Works)
            .map(|word| format!("`{}`", word.name))
            .collect();
        if !works.is_empty() {
            let _ = write!(text, "\n**Works:** {}\n", works.join(" "));
        }
        for status in [Status::NoEffect, Status::NotYet, Status::Removed] {
            by_reason(&mut text, words, class, status);
        }
    }
    text
}

fn by_reason(text: &mut String, words: &[KeywordInfo], class: Class, status: Status) {
    let reasons: BTreeSet<&str> = of(words, class, status).map(|word| word.reason).collect();
    if reasons.is_empty() {
        return;
    }
    let _ = write!(text, "\n**{}:**\n\n", status.title());
    for reason in reasons {
        let names: Vec<String> = of(words, class, status)
            .filter(|word| word.reason == reason)
            .map(|word| format!("`{}`", word.name))
            .collect();
        let _ = writeln!(text, "- {reason}: {}", names.join(" "));
    }
}

fn of(words: &[KeywordInfo], class: Class, status: Status) -> impl Iterator<Item = &KeywordInfo> {
    words
        .iter()
        .filter(move |word| word.class == class && word.status == status)
}
