//! Which findings are shown, and how bad they are: `--allow`, `--deny`, `--deny-warnings`, and
//! comments `# tidegate:allow(CODE[,CODE…])`.
//!
//! A comment is about its own line, or about the next statement when it stands alone. Errors
//! cannot be allowed.

use super::{find, nearest};
use crate::lint::{NOTHING_ALLOWED, UNKNOWN_ALLOWED};
use crate::syntax::{Code, Diagnostic, Diagnostics, FileId, Severity, Sources, Span};
use std::collections::HashMap;

/// What a comment begins with after `#` and blanks.
const MARK: &[u8] = b"tidegate:allow(";

/// What the command line says about findings.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Not shown, unless they are errors.
    pub allow: Vec<Code>,
    /// Errors.
    pub deny: Vec<Code>,
    /// Every warning and lint is an error.
    pub deny_warnings: bool,
    /// Whether lints have run, so that a comment can be told to be superfluous.
    pub linted: bool,
}

/// One code of a comment.
struct Permit {
    code: Code,
    place: Span,
    used: bool,
}

/// Applies comments, then the command line.
pub fn apply(diags: &mut Diagnostics, sources: &Sources, files: &[FileId], policy: &Policy) {
    let mut permits = Permits::default();
    for &file in files {
        permits.read(file, sources, diags);
    }
    diags.retain(|found| {
        found.severity == Severity::Error
            || !permits.covers(found, sources) && !policy.allow.contains(&found.code)
    });
    if policy.linted {
        permits.report_unused(diags);
        diags.retain(|found| {
            found.severity == Severity::Error || !policy.allow.contains(&found.code)
        });
    }
    diags.each_mut(|found| {
        let counts = matches!(found.severity, Severity::Warning | Severity::Lint);
        if policy.deny.contains(&found.code) || policy.deny_warnings && counts {
            found.severity = Severity::Error;
        }
    });
}

/// The permits of all comments by file and line.
#[derive(Default)]
struct Permits {
    by_line: HashMap<(FileId, u32), Vec<Permit>>,
}

impl Permits {
    fn read(&mut self, file: FileId, sources: &Sources, diags: &mut Diagnostics) {
        let text = sources.text(file);
        for at in memchr::memmem::find_iter(text, MARK) {
            let line_start = memchr::memrchr(b'\n', text.get(..at).unwrap_or_default())
                .map_or(0, |line_feed| line_feed + 1);
            let before = text
                .get(line_start..at)
                .unwrap_or_default()
                .trim_ascii_end();
            let Some(statement) = before.strip_suffix(b"#") else {
                continue;
            };
            let start = at + MARK.len();
            let list = text.get(start..).unwrap_or_default();
            let end = memchr::memchr2(b')', b'\n', list).unwrap_or(list.len());
            let list = list.get(..end).unwrap_or_default();
            let line_end = memchr::memchr(b'\n', text.get(at..).unwrap_or_default())
                .map_or(text.len(), |length| at + length + 1);
            let about = match statement.trim_ascii().is_empty() {
                true => next_statement(text, line_end),
                false => line_start,
            };
            let line = sources.position(span(file, about, about)).line;
            self.add(file, line, start, list, diags);
        }
    }

    fn add(
        &mut self,
        file: FileId,
        line: u32,
        mut start: usize,
        list: &[u8],
        diags: &mut Diagnostics,
    ) {
        for item in list.split(|&byte| byte == b',') {
            let place = span(file, start, start + item.len());
            start += item.len() + 1;
            let name = String::from_utf8_lossy(item.trim_ascii());
            match find(&name) {
                Some(page) => self.by_line.entry((file, line)).or_default().push(Permit {
                    code: page.code,
                    place,
                    used: false,
                }),
                None => diags.push(unknown(&name).at(place, "")),
            }
        }
    }

    /// Whether a comment allows this; remembers that it did.
    fn covers(&mut self, found: &Diagnostic, sources: &Sources) -> bool {
        let Some(label) = found.labels.first().filter(|_| !self.by_line.is_empty()) else {
            return false;
        };
        let line = sources.position(label.span).line;
        let permits = self.by_line.get_mut(&(label.span.file, line));
        let permit = permits.and_then(|all| all.iter_mut().find(|p| p.code == found.code));
        permit.is_some_and(|permit| {
            permit.used = true;
            true
        })
    }

    fn report_unused(self, diags: &mut Diagnostics) {
        let mut unused: Vec<Permit> = self
            .by_line
            .into_values()
            .flatten()
            .filter(|permit| !permit.used)
            .collect();
        unused.sort_by_key(|permit| (permit.place.file, permit.place.start));
        for permit in unused {
            let message = format!("nothing here is a {}", permit.code.0);
            diags.push(
                Diagnostic::lint(NOTHING_ALLOWED, message)
                    .at(permit.place, "")
                    .help("remove it from the comment"),
            );
        }
    }
}

fn unknown(name: &str) -> Diagnostic {
    let found = Diagnostic::lint(UNKNOWN_ALLOWED, format!("unknown code '{name}'"));
    match nearest(name) {
        Some(near) => found.help(format!("did you mean '{near}'?")),
        None => found.help("'tidegate explain-code' lists the codes"),
    }
}

/// The start of the first line from `at` on that is neither blank nor a comment.
fn next_statement(text: &[u8], mut at: usize) -> usize {
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |length| length + 1);
        let line = rest.get(..length).unwrap_or_default().trim_ascii();
        if !line.is_empty() && !line.starts_with(b"#") {
            break;
        }
        at += length;
    }
    at
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        file,
        start: offset(start),
        end: offset(end),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::findings;
    use super::*;

    #[track_caller]
    fn check(text: &str, policy: &Policy, expected: &[&str]) {
        let text = format!("global\n{text}");
        assert_eq!(findings(&text, policy), expected, "{text}");
    }

    fn linted() -> Policy {
        Policy {
            linted: true,
            ..Policy::default()
        }
    }

    #[test]
    fn comments_silence_their_line_or_the_next() {
        let check = |text, expected: &[&str]| check(text, &linted(), expected);
        check(" master-worker\n", &["2 warning TG0220"]);
        check(" master-worker # tidegate:allow(TG0220)\n", &[]);
        check(" master-worker #   tidegate:allow(tg0220) why\n", &[]);
        check(
            " # tidegate:allow(TG0220)\n\n # more\n master-worker\n",
            &[],
        );
        check(
            " # tidegate:allow(TG0218, TG0220)\n master-worker\n",
            &["2 lint TG0891"],
        );
        check(
            " # tidegate:allow(TG0220)\n log-tag a\n master-worker\n",
            &["4 warning TG0220", "2 lint TG0891"],
        );
        check(
            " master-worker # tidegate:allow(TG0299)\n",
            &["2 warning TG0220", "2 lint TG0890"],
        );
        check(
            " nbthread 0 # tidegate:allow(TG0205)\n",
            &["2 error TG0205", "2 lint TG0891"],
        );
        check(" log-tag 'tidegate:allow(TG0220)'\n", &[]);
        check(
            " # tidegate:allow(\n master-worker\n",
            &["3 warning TG0220", "2 lint TG0890"],
        );
    }

    #[test]
    fn the_command_line_decides_about_the_rest() {
        let codes = |code| vec![find(code).unwrap().code];
        let text = " master-worker\n";
        let mut policy = linted();
        policy.allow = codes("TG0220");
        check(text, &policy, &[]);
        policy.deny = codes("TG0220");
        check(text, &policy, &[]);
        policy.allow.clear();
        check(text, &policy, &["2 error TG0220"]);
        policy.deny.clear();
        policy.deny_warnings = true;
        check(text, &policy, &["2 error TG0220"]);
        check(
            " nbthread 0\n",
            &Policy {
                allow: codes("TG0205"),
                ..linted()
            },
            &["2 error TG0205"],
        );
    }
}
