//! The directives: blocks that depend on a condition, and messages (manual 2.4).
//!
//! What must hold: a wrong directive costs itself; the lines around it are read as if it were
//! not there, and none of the lines of a block whose condition can't be read counts.

use super::ast::Word;
use super::codes;
use super::condition::{self, evaluate, join};
use super::conditional::{MAX_NESTED, Misplaced};
use super::diagnostic::{Diagnostic, Severity};
use super::parser::{FileState, Flow, Parser, Stop};
use super::source::Span;
use super::suggest::closest;

impl Parser<'_> {
    /// Carries out `.if`, `.elif`, `.else` and `.endif`; false for any other word.
    pub(super) fn block_directive(
        &mut self,
        words: &[Word],
        state: &mut FileState,
    ) -> Result<bool, Stop> {
        let Some((directive, arguments)) = words.split_first() else {
            return Ok(false);
        };
        let blocks = &mut state.conditionals;
        match &*directive.bytes {
            b".if" => {
                if blocks.full() {
                    if blocks.open_beyond() {
                        self.too_many_nested(directive)?;
                    }
                } else {
                    let value = match blocks.counts() {
                        true => self.condition(directive, arguments)?,
                        false => None,
                    };
                    blocks.open(value, directive.span);
                }
            }
            b".elif" => match blocks.next() {
                Err(misplaced) => self.misplaced(directive, misplaced)?,
                Ok(false) => {}
                Ok(true) => {
                    let value = self.condition(directive, arguments)?;
                    blocks.decide(value);
                }
            },
            b".else" | b".endif" => {
                if let Some(extra) = arguments.iter().find(|word| !word.bytes.is_empty()) {
                    self.unexpected_argument(directive, extra, "nothing follows it")?;
                }
                let moved = match &*directive.bytes {
                    b".else" => blocks.otherwise(),
                    _ => blocks.close(),
                };
                if let Err(misplaced) = moved {
                    self.misplaced(directive, misplaced)?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The value of the words after `.if` or `.elif`, `None` if they are reported instead.
    fn condition(&mut self, directive: &Word, arguments: &[Word]) -> Result<Option<bool>, Stop> {
        let joined = join(arguments.iter().map(|word| &*word.bytes));
        let error = match evaluate(&joined, self.environment, self.facts) {
            Ok(value) => return Ok(Some(value)),
            Err(error) => error,
        };
        let span = self.condition_span(arguments, error.offset);
        let rest = joined.get(error.offset..).unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = rest.iter().take_while(|byte| is_name(byte)).count();
        let name = String::from_utf8_lossy(rest.get(..length).unwrap_or_default());
        self.report(
            Diagnostic::error(
                codes::CONDITION,
                format!("{} in '{}'", error.message, directive.text()),
            )
            .at(span.unwrap_or(directive.span), "")
            .near(&name, condition::predicates()),
        )?;
        Ok(None)
    }

    /// The place of a byte of the joined words: exact where the word is written as it is.
    fn condition_span(&self, arguments: &[Word], offset: usize) -> Option<Span> {
        let mut start = 0;
        for word in arguments {
            let end = start + word.bytes.len();
            if offset <= end {
                let verbatim = self.sources.slice(word.span) == &*word.bytes;
                let into = u32::try_from(offset - start).unwrap_or(0);
                return Some(match verbatim && offset < end {
                    true => Span {
                        start: word.span.start + into,
                        end: word.span.start + into + 1,
                        ..word.span
                    },
                    false => word.span,
                });
            }
            start = end + 1;
        }
        arguments.last().map(|word| word.span)
    }

    fn too_many_nested(&mut self, directive: &Word) -> Flow {
        self.report(
            Diagnostic::error(
                codes::TOO_MANY_NESTED,
                format!("too many nested '.if', max is {MAX_NESTED}"),
            )
            .at(directive.span, "this block is skipped"),
        )
    }

    fn misplaced(&mut self, directive: &Word, misplaced: Misplaced) -> Flow {
        let name = directive.text();
        self.report(match misplaced {
            Misplaced::Lone => Diagnostic::error(
                codes::LONE_DIRECTIVE,
                format!("lone '{name}' with no matching '.if'"),
            )
            .at(directive.span, ""),
            Misplaced::AfterElse(opened) => Diagnostic::error(
                codes::AFTER_ELSE,
                format!("'{name}' after '.else' is not permitted"),
            )
            .at(directive.span, "")
            .at(opened, "the block starts here"),
        })
    }

    fn unexpected_argument(&mut self, directive: &Word, extra: &Word, help: &str) -> Flow {
        self.report(
            Diagnostic::error(
                codes::DIRECTIVE_ARGUMENT,
                format!(
                    "unexpected argument '{}' for '{}'",
                    extra.text(),
                    directive.text()
                ),
            )
            .at(extra.span, "")
            .help(help),
        )
    }

    pub(super) fn message_directive(&mut self, words: &[Word]) -> Flow {
        let Some((directive, arguments)) = words.split_first() else {
            return Ok(());
        };
        let (severity, code) = match &*directive.bytes {
            b".alert" => (Severity::Error, codes::ALERT),
            b".warning" => (Severity::Warning, codes::WARNING),
            b".notice" => (Severity::Notice, codes::NOTICE),
            b".diag" => (Severity::Note, codes::DIAG),
            _ => return self.unknown_directive(directive),
        };
        if let Some(extra) = arguments.get(1).filter(|word| !word.bytes.is_empty()) {
            let help = "use quotes if the message should contain spaces";
            return self.unexpected_argument(directive, extra, help);
        }
        let message = arguments.first().map(Word::text).unwrap_or_default();
        self.report(Diagnostic::new(severity, code, format!("'{message}'")).at(directive.span, ""))
    }

    fn unknown_directive(&mut self, directive: &Word) -> Flow {
        const DIRECTIVES: [&str; 8] = [
            ".if", ".elif", ".else", ".endif", ".notice", ".warning", ".alert", ".diag",
        ];
        let name = directive.text();
        let help = match closest(&name, DIRECTIVES.into_iter()) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("the directives are {}", DIRECTIVES.join(" ")),
        };
        self.report(
            Diagnostic::error(
                codes::UNKNOWN_DIRECTIVE,
                format!("unknown directive '{name}'"),
            )
            .at(directive.span, "")
            .help(help),
        )
    }
}
