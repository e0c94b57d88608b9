//! `reg`: a regular expression finds something in the value.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::{BadPattern, Pattern};
use crate::vocab::regex;
use crate::vocab::sample::{ROOM, Sample, Type};
use ::regex::bytes::Regex;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "reg",
    method: Method::Reg,
    takes: Some(Type::Str),
    doc: "A regular expression matches somewhere in the value. Look-around and \
          back-references are refused: they cannot be run in linear time.",
    examples: &[
        ("/a/12", &["^/a/[0-9]+$"], true),
        ("/a/x", &["^/a/[0-9]+$"], false),
        ("ABC", &["-i", "b"], true),
        ("ABC", &["b"], false),
    ],
    build,
};

#[derive(Debug)]
struct Reg(Vec<Regex>);

fn build(patterns: &[Pattern]) -> Result<Box<dyn Matcher>, BadPattern> {
    let compile = |(index, pattern): (usize, &Pattern)| {
        regex::compile(&pattern.text, pattern.ignore_case).map_err(|error| BadPattern {
            index,
            message: format!(
                "regex '{}' is invalid: {}",
                String::from_utf8_lossy(&pattern.text),
                error.message
            ),
            help: error.help,
        })
    };
    let list: Result<_, _> = patterns.iter().enumerate().map(compile).collect();
    Ok(Box::new(Reg(list?)))
}

impl Matcher for Reg {
    fn matches(&self, value: Sample<'_>) -> bool {
        let mut room = ROOM;
        let text = value.text(&mut room);
        self.0.iter().any(|regex| regex.is_match(text))
    }
}
