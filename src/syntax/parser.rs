//! Lines to sections and statements.
//!
//! What must hold: an error costs its line and nothing else, so one run finds every error of
//! every file; each bound has its message. Deliberately absent: keywords, save the sections' and
//! the four that change the environment.

use super::ast::{Document, Section, SectionKind, Statement, Word};
use super::codes;
use super::condition::Facts;
use super::conditional::Conditionals;
use super::diagnostic::{Code, Diagnostic, Diagnostics};
use super::environment::{Environment, name_length};
use super::lexer::{Fault, FaultKind, Line, MAX_STATEMENT_BYTES, MAX_WORDS, Surroundings, split};
use super::source::{FileId, Sources, Span};
use super::suggest::{closest, closest_within};

/// Bytes of one file.
const MAX_FILE_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of one line as written; four times a statement, so that any printed one fits.
const MAX_LINE_BYTES: usize = 5 * MAX_STATEMENT_BYTES;
/// Statements of all files.
const MAX_STATEMENTS: usize = 1_000_000;
/// Bytes of the words of all files, which variables can make many more than were written.
const MAX_DOCUMENT_BYTES: usize = 256 * 1024 * 1024;
/// Errors reported before the rest is left unread.
const MAX_ERRORS: usize = 1_000;

/// Statements whose first word is one letter away from a section's.
const NEARLY_SECTIONS: [&str; 5] = ["default", "http-error", "mailer", "peer", "trace"];

/// Reads `files` one after the other as one configuration. Every file starts outside of any
/// section and ends its own `.if` blocks. `environment` sees each `setenv`, `presetenv`,
/// `resetenv` and `unsetenv` of a `global` section before the next line is read.
///
/// What is wrong goes to `diagnostics`, and the document holds everything that could be read.
pub fn parse(
    sources: &Sources,
    files: &[FileId],
    environment: &mut Environment,
    facts: &Facts,
    diagnostics: &mut Diagnostics,
) -> Document {
    environment.predefine(facts);
    let mut parser = Parser {
        sources,
        environment,
        facts,
        diagnostics,
        document: Document::default(),
        statements: 0,
        bytes: 0,
        errors: 0,
    };
    for &file in files {
        if parser.file(file).is_err() {
            break;
        }
    }
    parser.document
}

/// A bound was reached and reported: nothing more is read.
pub(super) struct Stop;

pub(super) type Flow = Result<(), Stop>;

pub(super) struct Parser<'a> {
    pub(super) sources: &'a Sources,
    pub(super) environment: &'a mut Environment,
    pub(super) facts: &'a Facts,
    diagnostics: &'a mut Diagnostics,
    document: Document,
    statements: usize,
    bytes: usize,
    errors: usize,
}

/// Where reading is in the current file.
struct Place<'a> {
    line: Line<'a>,
    /// From 1.
    number: u32,
    /// Offset of the first byte that is not blank.
    indent: usize,
}

/// What the lines of one file share.
#[derive(Default)]
pub(super) struct FileState {
    pub(super) conditionals: Conditionals,
    in_section: bool,
    /// Whether a statement of the current section starts in the first column.
    flush_left: bool,
    /// Reused from line to line.
    words: Vec<Word>,
}

impl Parser<'_> {
    fn file(&mut self, file: FileId) -> Flow {
        let text = self.sources.text(file);
        if text.len() > MAX_FILE_BYTES {
            return self.stop(
                Span {
                    file,
                    start: 0,
                    end: 0,
                },
                format!(
                    "file is too large: {} bytes, at most {MAX_FILE_BYTES} are read",
                    text.len()
                ),
            );
        }
        let mut state = FileState::default();
        let mut start = 0;
        let mut number = 0;
        while start < text.len() {
            let rest = text.get(start..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest);
            let line = Line {
                file,
                start: u32::try_from(start).unwrap_or(u32::MAX),
                text: rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(),
            };
            number += 1;
            self.line(line, number, &mut state)?;
            if end.is_none() {
                self.missing_line_feed(line)?;
            }
            start += line.text.len() + 1;
        }
        self.unterminated(&state)
    }

    fn missing_line_feed(&mut self, line: Line<'_>) -> Flow {
        let end = line.text.len();
        self.report(
            Diagnostic::error(
                codes::MISSING_LF,
                "missing LF on last line, file might have been truncated",
            )
            .at(line.span(end, end), "the file ends here")
            .help("end the last line with a line feed"),
        )
    }

    fn unterminated(&mut self, state: &FileState) -> Flow {
        for opened in state.conditionals.unterminated() {
            self.report(
                Diagnostic::error(codes::UNTERMINATED_IF, "non-terminated '.if' block")
                    .at(opened, "opened here")
                    .help("add '.endif' before the end of the file"),
            )?;
        }
        Ok(())
    }

    fn line(&mut self, line: Line<'_>, number: u32, state: &mut FileState) -> Flow {
        if line.text.len() > MAX_LINE_BYTES {
            return self.report(too_long(line, 0, 0));
        }
        if let Some(at) = memchr::memchr(0, line.text) {
            return self.report(
                Diagnostic::error(codes::NUL_BYTE, "stray NUL character")
                    .at(line.span(at, at + 1), "")
                    .help("a configuration is text; is this file one?"),
            );
        }
        let indent = line
            .text
            .iter()
            .position(|byte| !is_indent(*byte))
            .unwrap_or(line.text.len());
        let place = Place {
            line,
            number,
            indent,
        };
        let content = line.text.get(indent..).unwrap_or_default();
        if content.starts_with(b"[") {
            return self.scope(&place, content);
        }
        let mut words = std::mem::take(&mut state.words);
        let flow = self.content(&place, content, state, &mut words);
        state.words = words;
        flow
    }

    fn content(
        &mut self,
        place: &Place<'_>,
        content: &[u8],
        state: &mut FileState,
        words: &mut Vec<Word>,
    ) -> Flow {
        let line = Line {
            start: place.line.span(place.indent, place.indent).start,
            text: content,
            ..place.line
        };
        let section = self.document.sections.last().filter(|_| state.in_section);
        let around = Surroundings {
            environment: self.environment,
            file_name: self.sources.name(line.file),
            line: place.number,
            section: section
                .and_then(|section| section.words.get(1).or(section.words.first()))
                .map(|word| &*word.bytes),
            comments: true,
        };
        let end = match split(line, &around, words) {
            Ok(end) => end,
            Err(fault) => {
                let report = self.fault(line, fault);
                self.unreadable_section(line, state);
                return self.report(report);
            }
        };
        let Some(first) = words.first().filter(|word| !word.bytes.is_empty()) else {
            return Ok(());
        };
        if first.bytes.starts_with(b".") && self.block_directive(words, state)? {
            return Ok(());
        }
        if !state.conditionals.counts() {
            return Ok(());
        }
        self.text_after_return(line, end)?;
        if first.bytes.starts_with(b".") {
            return self.message_directive(words);
        }
        if let Some(empty) = words.iter().find(|word| word.bytes.is_empty()) {
            return self.report(self.empty_argument(empty));
        }
        self.statement(place, std::mem::take(words), state)
    }

    /// A line that cannot be read may open a section: what follows does not belong to the one
    /// before.
    fn unreadable_section(&mut self, line: Line<'_>, state: &mut FileState) {
        if !state.conditionals.counts() {
            return;
        }
        let mut start = 0;
        let mut words = Vec::new();
        for text in line.text.splitn(3, |&byte| is_indent(byte)).take(2) {
            words.push(Word {
                bytes: text
                    .iter()
                    .copied()
                    .filter(|byte| !b"\"'".contains(byte))
                    .collect(),
                span: line.span(start, start + text.len()),
            });
            start += text.len() + 1;
        }
        if words
            .first()
            .is_some_and(|word| SectionKind::from_keyword(&word.bytes).is_some())
        {
            self.open_section(SectionKind::Unknown, words, state);
        }
    }

    /// HAProxy's scopes name parts of SPOE files; elsewhere the line is read and without effect.
    fn scope(&mut self, place: &Place<'_>, content: &[u8]) -> Flow {
        let name = content.get(1..).unwrap_or_default();
        let closing = memchr::memchr(b']', name);
        let wrong = match closing {
            None | Some(0) => Some((0, "empty scope name is forbidden")),
            Some(length) => {
                let forbidden =
                    |byte: &u8| !byte.is_ascii_alphanumeric() && !b".:_-".contains(byte);
                let after = name.get(length + 1..).unwrap_or_default();
                let junk = after.iter().position(|byte| !is_indent(*byte));
                if let Some(at) = name.iter().take(length).position(forbidden) {
                    Some((at + 1, "this character is not permitted in a scope name"))
                } else {
                    junk.filter(|&at| after.get(at) != Some(&b'#')).map(|at| {
                        (
                            at + length + 2,
                            "this character is not permitted after scope declaration",
                        )
                    })
                }
            }
        };
        let Some((at, text)) = wrong else {
            return Ok(());
        };
        let start = place.indent + at;
        self.report(
            Diagnostic::error(codes::SCOPE, text)
                .at(place.line.span(start, start + 1), "")
                .help("a scope is one name in brackets, alone on its line; quote a word that starts with '['"),
        )
    }

    fn text_after_return(&mut self, line: Line<'_>, end: usize) -> Flow {
        let after = line.text.get(end..).unwrap_or_default();
        if !after.starts_with(b"\r") || after.iter().all(|&byte| is_indent(byte)) {
            return Ok(());
        }
        self.report(
            Diagnostic::warning(
                codes::TEXT_AFTER_CR,
                "text after a carriage return is ignored",
            )
            .at(line.span(end, line.text.len()), "nobody reads this")
            .help("end lines with LF or CRLF"),
        )
    }

    fn empty_argument(&self, word: &Word) -> Diagnostic {
        let message = "argument is empty and marks the end of the argument list";
        let diagnostic = Diagnostic::error(codes::EMPTY_ARGUMENT, message);
        let written = self.sources.slice(word.span);
        let Some(name) = variable_in(written) else {
            return diagnostic
                .at(word.span, "")
                .help("remove it, or everything after it would be ignored");
        };
        let name = String::from_utf8_lossy(name);
        if self.environment.get(name.as_bytes()).is_some() {
            return diagnostic
                .at(word.span, format!("'{name}' is set to nothing"))
                .help(format!(
                    "write \"${{{name}[*]}}\" where no word is wanted then"
                ));
        }
        let names: Vec<_> = self
            .environment
            .iter()
            .map(|(name, _)| String::from_utf8_lossy(name))
            .collect();
        let near = closest(&name, names.iter().map(AsRef::as_ref));
        diagnostic
            .at(word.span, format!("'{name}' is not set"))
            .help(match near {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("set it, or give a default as in \"${{{name}-value}}\""),
            })
    }

    fn statement(&mut self, place: &Place<'_>, words: Vec<Word>, state: &mut FileState) -> Flow {
        let Some(first) = words.first() else {
            return Ok(());
        };
        self.statements += 1;
        self.bytes += words.iter().map(|word| word.bytes.len()).sum::<usize>();
        if self.statements > MAX_STATEMENTS || self.bytes > MAX_DOCUMENT_BYTES {
            return self.stop(
                first.span,
                format!(
                    "configuration is too large: at most {MAX_STATEMENTS} statements and \
                     {MAX_DOCUMENT_BYTES} bytes are read"
                ),
            );
        }
        if let Some(kind) = SectionKind::from_keyword(&first.bytes) {
            self.open_section(kind, words, state);
            return Ok(());
        }
        if let Some(diagnostic) = unknown_section(place, &words, state) {
            self.open_section(SectionKind::Unknown, words, state);
            return self.report(diagnostic);
        }
        state.flush_left |= place.indent == 0;
        let Some(section) = self.document.sections.last_mut() else {
            return Ok(());
        };
        let refused = match section.kind {
            SectionKind::Global => self.environment.apply(&words).err(),
            _ => None,
        };
        section.statements.push(Statement { words });
        match refused {
            Some(refusal) => self.refused(refusal),
            None => Ok(()),
        }
    }

    fn open_section(&mut self, kind: SectionKind, words: Vec<Word>, state: &mut FileState) {
        state.in_section = true;
        state.flush_left = false;
        self.document.sections.push(Section {
            kind,
            words,
            statements: Vec::new(),
        });
    }

    /// Reports about the last statement read.
    fn refused(&mut self, refusal: super::environment::Refusal) -> Flow {
        let statement = self
            .document
            .sections
            .last()
            .and_then(|s| s.statements.last());
        let words = statement.map(|s| s.words.as_slice()).unwrap_or_default();
        let Some(keyword) = words.first() else {
            return Ok(());
        };
        let at = words.get(refusal.word).unwrap_or(keyword).span;
        let diagnostic = Diagnostic::error(
            codes::ENVIRONMENT,
            format!("'{}' {}", keyword.text(), refusal.text),
        );
        self.report(diagnostic.at(at, ""))
    }

    fn fault(&self, line: Line<'_>, fault: Fault) -> Diagnostic {
        let span = line.span(fault.start, fault.end);
        let error = |code: Code, message: &str| Diagnostic::error(code, message);
        match fault.kind {
            FaultKind::Quote | FaultKind::NoMatch => {
                error(codes::UNMATCHED_QUOTE, "unmatched quote")
                    .at(span, "opened here, not closed on this line")
                    .help("close it, or write a backslash before a quote that is part of the word")
            }
            FaultKind::Brace => error(
                codes::UNMATCHED_BRACE,
                "unmatched brace in environment variable name",
            )
            .at(span, "opened here")
            .help("a variable is \"${NAME}\", \"${NAME-default}\" or \"${NAME[*]}\""),
            FaultKind::VariableName => error(
                codes::VARIABLE_NAME,
                "forbidden first char in environment variable name",
            )
            .at(span, "")
            .help("write '\\$' for a dollar inside double quotes, or use single quotes"),
            FaultKind::Hex => error(
                codes::HEX_ESCAPE,
                "truncated or invalid hexadecimal sequence",
            )
            .at(span, "")
            .help("write two hexadecimal digits, or '\\\\x' for the two characters"),
            FaultKind::WordExpansion => error(
                codes::WORD_EXPANSION,
                "truncated or invalid word expansion sequence",
            )
            .at(span, "")
            .help("write \"${NAME[*]}\""),
            FaultKind::Nul => error(codes::NUL_BYTE, "a word can't hold a NUL character")
                .at(span, "everything after it would be lost"),
            FaultKind::TooManyWords => Diagnostic::error(
                codes::TOO_MANY_WORDS,
                format!("too many words, at most {MAX_WORDS} fit on a line"),
            )
            .at(span, "from here on")
            .help("write the statement several times with fewer arguments each"),
            FaultKind::TooLong => too_long(line, fault.start, fault.end),
        }
    }

    fn stop(&mut self, span: Span, message: String) -> Flow {
        self.diagnostics
            .push(Diagnostic::error(codes::TOO_LARGE, message).at(span, "the rest is not read"));
        Err(Stop)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Flow {
        if self.errors >= MAX_ERRORS {
            let last = diagnostic.labels.into_iter().take(1);
            let mut end = Diagnostic::error(
                codes::TOO_MANY_ERRORS,
                format!("too many errors ({MAX_ERRORS}), stopping now"),
            );
            end.labels.extend(last);
            self.diagnostics.push(end);
            return Err(Stop);
        }
        // Warnings and messages count too: their number must be bounded as well.
        self.errors += 1;
        self.diagnostics.push(diagnostic);
        Ok(())
    }
}

pub(super) fn is_indent(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}

fn too_long(line: Line<'_>, start: usize, end: usize) -> Diagnostic {
    let message = format!(
        "line is too long: at most {MAX_LINE_BYTES} bytes as written and {MAX_STATEMENT_BYTES} \
         with its variables expanded are read"
    );
    Diagnostic::error(codes::LINE_TOO_LONG, message).at(line.span(start, end), "")
}

/// The first variable's name in a word as written.
fn variable_in(written: &[u8]) -> Option<&[u8]> {
    let dollar = memchr::memchr(b'$', written)?;
    let after = written.get(dollar + 1..)?;
    let name = after.strip_prefix(b"{").unwrap_or(after);
    name.get(..name_length(name))
        .filter(|name| !name.is_empty())
}

/// What to say if a statement is no statement of the current section: it stands before the
/// first section of its file, or it is written like a section and its word is nearly one.
fn unknown_section(place: &Place<'_>, words: &[Word], state: &FileState) -> Option<Diagnostic> {
    let first = words.first()?;
    let removed = *first == "program" && words.len() == 2;
    let section_like = place.indent == 0 && !state.flush_left;
    if state.in_section && !removed && !section_like {
        return None;
    }
    let word = first.text();
    let near = nearly_section(&word);
    if state.in_section && !removed && near.is_none() {
        return None;
    }
    let diagnostic = if state.in_section {
        Diagnostic::error(codes::UNKNOWN_SECTION, format!("unknown section '{word}'"))
            .at(first.span, "the lines under it are not read")
    } else {
        Diagnostic::error(
            codes::OUT_OF_SECTION,
            format!("unknown keyword '{word}' out of section"),
        )
        .at(
            first.span,
            "no section is open here; lines up to the first section are not read",
        )
    };
    Some(match near {
        _ if removed => {
            diagnostic.help("HAProxy 3.3 removed 'program'; let the service manager run it")
        }
        Some(near) => diagnostic.help(format!("did you mean '{near}'?")),
        None => diagnostic.help("start with a section such as 'global', 'defaults' or 'frontend'"),
    })
}

/// The section keyword that a word is nearly.
pub(super) fn nearly_section(word: &str) -> Option<&'static str> {
    if NEARLY_SECTIONS.contains(&word) {
        return None;
    }
    let limit = if word.len() < 6 { 1 } else { 2 };
    closest_within(
        word,
        limit,
        SectionKind::ALL.iter().map(|&(keyword, _)| keyword),
    )
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
