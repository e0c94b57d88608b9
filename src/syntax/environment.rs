//! The environment a configuration sees.
//!
//! A map of its own, seeded once by the caller: `setenv` in a configuration changes what later
//! lines see and never the process. Names and values hold no NUL, as in a process.
//! Deliberately absent: reading the process's environment (that is `cli`).

use super::ast::Word;
use super::condition::Facts;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Variables by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Environment {
    /// Takes over `(name, value)` pairs, usually those of the process.
    pub fn new<N: Into<Vec<u8>>, V: Into<Vec<u8>>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            environment.set(name, value);
        }
        environment
    }

    /// The value, `None` if the variable does not exist.
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&[u8]> {
        self.variables.get(name.as_ref()).map(Vec::as_slice)
    }

    /// Creates or replaces. A name or value with a NUL, which no process can hold, is dropped.
    pub fn set(&mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        let (name, value) = (name.into(), value.into());
        if !name.contains(&0) && !value.contains(&0) {
            self.variables.insert(name, value);
        }
    }

    /// Creates unless it exists.
    pub fn preset(&mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        let name = name.into();
        if !self.variables.contains_key(&name) {
            self.set(name, value);
        }
    }

    /// Removes.
    pub fn unset(&mut self, name: impl AsRef<[u8]>) {
        self.variables.remove(name.as_ref());
    }

    /// Names and values, sorted by name (`show env`).
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    /// Sets `HAPROXY_BRANCH` and, unless inherited, `HAPROXY_STARTUP_VERSION` (manual 2.3).
    /// [`parse`](super::parse()) calls it; the `HAPROXY_*_LOG_FMT` ones are the caller's.
    pub fn predefine(&mut self, facts: &Facts) {
        let mut parts = facts.version.split('.');
        let branch = [parts.next().unwrap_or(""), parts.next().unwrap_or("")].join(".");
        self.set("HAPROXY_BRANCH", branch);
        self.preset("HAPROXY_STARTUP_VERSION", facts.version);
    }

    /// Expands `$NAME` and `${NAME}` in a word that was not weakly quoted. Only addresses are
    /// read this way: `bind fd@${NAME}`. An unknown variable is empty; there is no default and
    /// no escape. A literal `$` that starts no name is lost, as in HAProxy.
    pub fn expand_address<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(first) = memchr::memchr(b'$', text) else {
            return Cow::Borrowed(text);
        };
        let (head, mut rest) = text.split_at(first);
        let mut expanded = head.to_vec();
        while let Some(after) = rest.strip_prefix(b"$") {
            let braced = after.strip_prefix(b"{");
            let name_on = braced.unwrap_or(after);
            let (name, tail) = name_on.split_at(name_length(name_on));
            expanded.extend_from_slice(self.get(name).unwrap_or_default());
            rest = match (braced, tail.strip_prefix(b"}")) {
                (Some(_), Some(closed)) => closed,
                _ => tail,
            };
            let (plain, next) = rest.split_at(memchr::memchr(b'$', rest).unwrap_or(rest.len()));
            expanded.extend_from_slice(plain);
            rest = next;
        }
        Cow::Owned(expanded)
    }

    /// The first variable of an address, as written, that does not exist and has no default there.
    pub fn missing_in(&self, written: &[u8]) -> Option<String> {
        let dollars = memchr::memchr_iter(b'$', written);
        dollars
            .filter_map(|at| {
                let (before, after) = written.split_at_checked(at)?;
                let after = after.strip_prefix(b"$")?;
                let name_on = after.strip_prefix(b"{").unwrap_or(after);
                let (name, rest) = name_on.split_at_checked(name_length(name_on))?;
                let is_plain = !before.ends_with(b"\\") && !rest.starts_with(b"-");
                let is_missing = is_plain && !name.is_empty() && self.get(name).is_none();
                is_missing.then(|| String::from_utf8_lossy(name).into_owned())
            })
            .next()
    }

    /// Carries out a statement of the `global` section, if it is one of the four words that
    /// change the environment.
    pub(super) fn apply(&mut self, words: &[Word]) -> Result<(), Refusal> {
        match words {
            [word, arguments @ ..] if *word == "setenv" || *word == "presetenv" => {
                let (name, value) = assignment(word, arguments)?;
                if *word == "setenv" {
                    self.set(name, value);
                } else {
                    self.preset(name, value);
                }
            }
            [word, arguments @ ..] if *word == "unsetenv" => {
                if arguments.is_empty() {
                    return Err(Refusal::new(0, "expects at least one variable name"));
                }
                for (at, argument) in arguments.iter().enumerate() {
                    self.unset(variable_name(at + 1, argument)?);
                }
            }
            [word, kept @ ..] if *word == "resetenv" => self
                .variables
                .retain(|name, _| kept.iter().any(|keep| *keep.bytes == **name)),
            _ => {}
        }
        Ok(())
    }
}

/// Why a statement about the environment was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Index of the word at fault.
    pub(super) word: usize,
    /// What to say after the keyword.
    pub(super) text: String,
}

impl Refusal {
    fn new(word: usize, text: impl Into<String>) -> Self {
        Self {
            word,
            text: text.into(),
        }
    }
}

fn assignment<'a>(word: &Word, arguments: &'a [Word]) -> Result<(&'a [u8], &'a [u8]), Refusal> {
    match arguments {
        [] => Err(Refusal::new(0, "expects environment variable name")),
        [name] => Err(Refusal::new(
            1,
            format!("expects environment variable value for '{}'", name.text()),
        )),
        [name, value] => Ok((variable_name(1, name)?, &value.bytes)),
        [_, _, extra, ..] => Err(Refusal::new(
            3,
            format!(
                "cannot handle unexpected argument '{}'; write one '{}' per variable",
                extra.text(),
                word.text()
            ),
        )),
    }
}

fn variable_name(at: usize, word: &Word) -> Result<&[u8], Refusal> {
    if word.bytes.is_empty() || word.bytes.contains(&b'=') {
        return Err(Refusal::new(
            at,
            format!("failed on variable '{}': a name has no '='", word.text()),
        ));
    }
    Ok(&word.bytes)
}

/// How many leading bytes can be part of a variable's name.
pub(super) fn name_length(text: &[u8]) -> usize {
    text.iter()
        .position(|&byte| !is_name_byte(byte))
        .unwrap_or(text.len())
}

/// Letters, digits and the underscore, ASCII only.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{FileId, Span};

    fn words(line: &str) -> Vec<Word> {
        let span = Span {
            file: FileId(0),
            start: 0,
            end: 0,
        };
        let word = |text: &str| Word {
            bytes: text.as_bytes().into(),
            span,
        };
        line.split(' ').map(word).collect()
    }

    fn check_apply(line: &str, expected: &[(&str, &str)]) {
        let mut env = Environment::new([("A", "1"), ("B", "2")]);
        env.apply(&words(line)).expect("accepted");
        assert_eq!(
            env,
            Environment::new(expected.iter().copied()),
            "after {line}"
        );
    }

    #[test]
    fn statements_change_the_map() {
        check_apply("setenv A 3", &[("A", "3"), ("B", "2")]);
        check_apply("setenv C 3", &[("A", "1"), ("B", "2"), ("C", "3")]);
        check_apply("presetenv A 3", &[("A", "1"), ("B", "2")]);
        check_apply("presetenv C 3", &[("A", "1"), ("B", "2"), ("C", "3")]);
        check_apply("unsetenv A", &[("B", "2")]);
        check_apply("unsetenv A B C", &[]);
        check_apply("resetenv", &[]);
        check_apply("resetenv B X", &[("B", "2")]);
        check_apply("maxconn 3", &[("A", "1"), ("B", "2")]);
    }

    #[test]
    fn variables_that_are_missing() {
        let env = Environment::new([("A", "1"), ("EMPTY", "")]);
        let check = |written: &str, expected: Option<&str>| {
            let seen = env.missing_in(written.as_bytes());
            assert_eq!(seen.as_deref(), expected, "{written}");
        };
        check("127.0.0.1:80", None);
        check("\"${A}:${B}\"", Some("B"));
        check("$A:$B", Some("B"));
        check("\"${EMPTY}:80\"", None);
        check("\"${B-1}:80\"", None);
        check("\"\\${B}:80\"", None);
        check("\"${B[*]}:80\"", Some("B"));
        check("$", None);
        check("${", None);
    }

    fn check_refused(line: &str, word: usize, text: &str) {
        let mut env = Environment::default();
        let refusal = env.apply(&words(line)).expect_err(line);
        assert_eq!((refusal.word, refusal.text.as_str()), (word, text));
        assert_eq!(env, Environment::default());
    }

    #[test]
    fn wrong_arguments_change_nothing() {
        check_refused("setenv", 0, "expects environment variable name");
        check_refused("setenv A", 1, "expects environment variable value for 'A'");
        check_refused(
            "presetenv A b c",
            3,
            "cannot handle unexpected argument 'c'; write one 'presetenv' per variable",
        );
        check_refused("unsetenv", 0, "expects at least one variable name");
        check_refused(
            "setenv A=B c",
            1,
            "failed on variable 'A=B': a name has no '='",
        );
    }

    fn check_address(text: &str, expected: &str) {
        let env = Environment::new([("FD", "7"), ("IP", "127.0.0.1")]);
        let expanded = env.expand_address(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&expanded), expected, "{text}");
    }

    #[test]
    fn addresses_expand_without_quotes() {
        check_address("fd@3", "fd@3");
        check_address("fd@${FD}", "fd@7");
        check_address("$IP:80", "127.0.0.1:80");
        check_address("${IP}:${FD}", "127.0.0.1:7");
        check_address("$IP$FD", "127.0.0.17");
        check_address("a${NONE}b", "ab");
        check_address("${FD-9}", "7-9}");
        check_address("x$", "x");
        check_address("${", "");
        check_address("$FD}", "7}");
    }

    #[test]
    fn nul_is_dropped_and_predefined_follow_the_version() {
        let mut env = Environment::new([("A", "x\0y"), ("B\0", "z")]);
        assert_eq!(env, Environment::default());
        env.predefine(&Facts::default());
        assert_eq!(env.get("HAPROXY_BRANCH"), Some(&b"3.4"[..]));
        assert_eq!(env.get("HAPROXY_STARTUP_VERSION"), Some(&b"3.4.0"[..]));
    }
}
