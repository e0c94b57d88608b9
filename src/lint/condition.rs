//! Conditions as lints see them: terms, and the tests behind each.

use super::model::Proxy;
use super::sample::{Sample, of_word, text};
use crate::syntax::Word;

/// A condition: `if` or `unless`, and alternatives of terms that must all hold.
#[derive(Debug)]
pub(super) struct Condition<'a> {
    pub(super) unless: bool,
    pub(super) alternatives: Vec<Vec<Term<'a>>>,
}

/// One ACL of a condition: it holds when one of its tests does.
#[derive(Clone, Debug)]
pub(super) struct Term<'a> {
    pub(super) negated: bool,
    /// The name, or the opening brace.
    pub(super) word: &'a Word,
    /// Empty for predefined ACLs and names that nothing defines.
    pub(super) tests: Vec<Test<'a>>,
}

/// An expression and what it is compared with.
#[derive(Clone, Debug)]
pub(super) struct Test<'a> {
    pub(super) sample: Sample<'a>,
    /// The matching method, from `-m` or from the name's suffix.
    pub(super) method: Option<&'a str>,
    pub(super) ignore_case: bool,
    /// Whether patterns come from a file.
    pub(super) from_file: bool,
    pub(super) patterns: &'a [Word],
}

/// The condition of a statement.
pub(super) fn of_statement<'a>(words: &'a [Word], proxy: &Proxy<'a>) -> Option<Condition<'a>> {
    let at = words
        .iter()
        .position(|word| *word == "if" || *word == "unless")?;
    let (sense, mut rest) = words.get(at..)?.split_first()?;
    let mut alternatives = vec![Vec::new()];
    let mut negated = false;
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        if *word == "or" || *word == "||" {
            alternatives.push(Vec::new());
            continue;
        }
        let bangs = word.bytes.iter().take_while(|&&byte| byte == b'!').count();
        negated ^= bangs % 2 == 1;
        let tests = match word.bytes.get(bangs..).unwrap_or_default() {
            b"" => continue,
            b"{" => {
                let end = rest.iter().position(|word| *word == "}")?;
                let block = rest.get(..end).unwrap_or_default();
                rest = rest.get(end + 1..).unwrap_or_default();
                test(block).into_iter().collect()
            }
            name => match proxy.acls.get(name) {
                Some(lines) => lines.iter().filter_map(|words| test(words)).collect(),
                None => Vec::new(),
            },
        };
        if let Some(terms) = alternatives.last_mut() {
            terms.push(Term {
                negated: std::mem::take(&mut negated),
                word,
                tests,
            });
        }
    }
    Some(Condition {
        unless: *sense == "unless",
        alternatives,
    })
}

/// The test of an `acl` line after its name, or of a block.
pub(super) fn test(words: &[Word]) -> Option<Test<'_>> {
    let (first, mut rest) = words.split_first()?;
    let sample = of_word(first)?;
    let suffix = sample.fetch.name.rsplit_once('_').map(|(_, suffix)| suffix);
    let mut found = Test {
        method: suffix.filter(|s| ["beg", "dir", "dom", "end", "len", "reg", "sub"].contains(s)),
        sample,
        ignore_case: false,
        from_file: false,
        patterns: &[],
    };
    while let Some((flag, after)) = rest.split_first() {
        let value = after.first();
        let taken = match &*flag.bytes {
            b"-i" => {
                found.ignore_case = true;
                0
            }
            b"-m" => {
                found.method = value.map(text);
                1
            }
            b"-f" => {
                found.from_file = true;
                1
            }
            b"-u" => 1,
            b"-n" | b"-M" => 0,
            b"--" => {
                rest = after;
                break;
            }
            _ => break,
        };
        rest = after.get(taken..).unwrap_or_default();
    }
    found.patterns = rest;
    Some(found)
}
