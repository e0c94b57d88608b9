//! Findings as text for people.
//!
//! What must hold: any span and any bytes render, without a panic and in bounded space: spans
//! past the end or over several lines are cut to one line, long lines to the part around the
//! span, invalid UTF-8 and control characters are replaced. Deliberately absent: which findings
//! to show, and where; callers filter and print.

use super::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
use super::source::{FileId, SourceLine, Sources, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write;
use std::ops::Range;

/// Bytes of a line shown before and after the place a finding is about.
const CONTEXT_BYTES: usize = 160;
/// How far into a line its beginning is kept, so that columns count from there.
const WHOLE_BYTES: usize = 2_000;

/// The way rustc shows them: the message with its code, `file:line:column` where the column
/// counts characters, the line with the label under the exact bytes, the help. Takes `&Diagnostics` or any selection of its items.
pub fn human<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    sources: &Sources,
    color: bool,
) -> String {
    let renderer = match color {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&[group(diagnostic, sources)]));
        out.push('\n');
    }
    out
}

/// One line each: `file:line:column: error[TG0100]: message`.
pub fn short<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    sources: &Sources,
) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(label) = diagnostic.labels.first() {
            let position = sources.position(label.span);
            let name = printable(sources.name(label.span.file));
            write!(out, "{name}:{}:{}: ", position.line, position.column)
                .expect("a string takes everything");
        }
        writeln!(
            out,
            "{}[{}]: {}",
            diagnostic.severity.name(),
            diagnostic.code.0,
            printable(&diagnostic.message)
        )
        .expect("a string takes everything");
    }
    out
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn level(severity: Severity) -> Level<'static> {
    let level = match severity {
        Severity::Note | Severity::Notice => Level::NOTE,
        Severity::Lint | Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    level.with_name(severity.name())
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let mut group = Group::with_title(
        level(diagnostic.severity)
            .primary_title(printable(&diagnostic.message))
            .id(diagnostic.code.0),
    );
    for shown in lines(&diagnostic.labels, sources) {
        let excerpt = Excerpt::new(shown.line, shown.span);
        let annotations = shown.labels.iter().map(|&(kind, label)| {
            kind.span(excerpt.range(shown.line, label.span))
                .label((!label.text.is_empty()).then(|| printable(&label.text)))
        });
        let name = printable(sources.name(shown.span.file));
        let snippet = Snippet::source(excerpt.text.clone())
            .line_start(shown.line.number as usize)
            .annotations(annotations);
        group = if excerpt.shown.start == 0 {
            group.element(snippet.path(name))
        } else {
            let position = sources.position(shown.span);
            let origin = Origin::path(name)
                .line(position.line as usize)
                .char_column(position.column as usize);
            group.element(origin).element(snippet)
        };
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(printable(help))),
        None => group,
    }
}

/// A line and the labels on it.
struct Shown<'a> {
    line: SourceLine<'a>,
    /// The first label's.
    span: Span,
    labels: Vec<(AnnotationKind, &'a Label)>,
}

fn lines<'a>(labels: &'a [Label], sources: &'a Sources) -> Vec<Shown<'a>> {
    let mut all: Vec<Shown<'a>> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let kind = match index {
            0 => AnnotationKind::Primary,
            _ => AnnotationKind::Context,
        };
        let line = sources.line_at(label.span);
        let key = |file: FileId, line: &SourceLine<'_>| (file, line.number);
        let same = |shown: &&mut Shown<'a>| {
            key(shown.span.file, &shown.line) == key(label.span.file, &line)
        };
        match all.iter_mut().find(same) {
            Some(shown) => shown.labels.push((kind, label)),
            None => all.push(Shown {
                line,
                span: label.span,
                labels: vec![(kind, label)],
            }),
        }
    }
    all
}

/// The part of a line that is shown, as text.
struct Excerpt {
    text: String,
    /// Which bytes of the line it shows.
    shown: Range<usize>,
    /// For each shown byte of the line and for their end, the offset in `text`.
    offsets: Vec<usize>,
}

impl Excerpt {
    fn new(line: SourceLine<'_>, span: Span) -> Self {
        let at = (span.start as usize)
            .saturating_sub(line.start)
            .min(line.text.len());
        let start = match at {
            0..=WHOLE_BYTES => 0,
            _ => at - CONTEXT_BYTES,
        };
        let shown = start..at.saturating_add(CONTEXT_BYTES).min(line.text.len());
        let bytes = line.text.get(shown.clone()).unwrap_or_default();
        let mut text = String::with_capacity(bytes.len());
        let mut offsets = Vec::with_capacity(bytes.len() + 1);
        for chunk in bytes.utf8_chunks() {
            for letter in chunk.valid().chars() {
                offsets.extend(std::iter::repeat_n(text.len(), letter.len_utf8()));
                text.push(visible(letter));
            }
            for _ in chunk.invalid() {
                offsets.push(text.len());
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        offsets.push(text.len());
        Self {
            text,
            shown,
            offsets,
        }
    }

    /// Where the span lies in the text; at least one character wide where there is one.
    fn range(&self, line: SourceLine<'_>, span: Span) -> Range<usize> {
        let inside = |offset: u32| {
            (offset as usize)
                .saturating_sub(line.start)
                .clamp(self.shown.start, self.shown.end)
                - self.shown.start
        };
        let (start, end) = (inside(span.start), inside(span.end.max(span.start)));
        let offset = |at: usize| self.offsets.get(at).copied().unwrap_or(self.text.len());
        offset(start)..offset(end).max(offset(start))
    }
}

/// Tabs stay, other control characters get a picture of one column.
fn visible(letter: char) -> char {
    match letter {
        '\t' => letter,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or(' '),
        _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
        _ => letter,
    }
}

/// Text from a configuration that can't move the cursor.
fn printable(text: &str) -> String {
    let visible = |letter| match letter {
        '\t' => ' ',
        _ => visible(letter),
    };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Code;
    use proptest::prelude::*;

    const CODE: Code = Code("TG0100");
    const TEXT: &str = "global\n    maxcon 10 # é\n\nfrontend\tx\n";

    fn sources(text: impl Into<Vec<u8>>) -> (Sources, FileId) {
        let mut sources = Sources::default();
        let file = sources.add("dir/a.cfg", text);
        (sources, file)
    }

    fn span(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }

    fn check_human(text: impl Into<Vec<u8>>, make: impl Fn(FileId) -> Diagnostic, expected: &str) {
        let (sources, file) = sources(text);
        let rendered = human(&[make(file)], &sources, false);
        let expected = expected.trim_start_matches('\n');
        assert_eq!(rendered, expected, "\n{rendered}");
    }

    #[test]
    fn one_place() {
        check_human(
            TEXT,
            |file| {
                Diagnostic::error(CODE, "unknown keyword 'maxcon' in 'global' section")
                    .at(span(file, 11, 17), "not a keyword")
                    .help("did you mean 'maxconn'?")
            },
            "
error[TG0100]: unknown keyword 'maxcon' in 'global' section
 --> dir/a.cfg:2:5
  |
2 |     maxcon 10 # é
  |     ^^^^^^ not a keyword
  |
  = help: did you mean 'maxconn'?
",
        );
    }

    #[test]
    fn several_places() {
        check_human(
            "é global global\nx\n",
            |file| {
                Diagnostic::warning(CODE, "twice")
                    .at(span(file, 10, 16), "again")
                    .at(span(file, 3, 9), "first")
                    .at(span(file, 17, 90), "")
            },
            "
warning[TG0100]: twice
 --> dir/a.cfg:1:10
  |
1 | é global global
  |   ------ ^^^^^^ again
  |   |
  |   first
  |
 ::: dir/a.cfg:2:1
  |
2 | x
  | -
",
        );
    }

    #[test]
    fn hostile_bytes() {
        check_human(
            b"a\xff\x1b[0m \xc3 b\r\n".to_vec(),
            |file| Diagnostic::error(CODE, "\u{1b}[31m").at(span(file, 8, 9), ""),
            "
error[TG0100]: ␛[31m
 --> dir/a.cfg:1:9
  |
1 | a\u{fffd}␛[0m \u{fffd} b␍
  |         ^
",
        );
    }

    #[test]
    fn short_form() {
        let (sources, file) = sources(TEXT);
        let list = [
            Diagnostic::error(CODE, "first\nline").at(span(file, 11, 17), "x"),
            Diagnostic::warning(CODE, "no place"),
            Diagnostic::new(Severity::Notice, CODE, "n").at(span(file, 9999, 3), ""),
        ];
        assert_eq!(
            short(&list, &sources),
            "dir/a.cfg:2:5: error[TG0100]: first␊line\n\
             warning[TG0100]: no place\n\
             dir/a.cfg:5:1: notice[TG0100]: n\n"
        );
    }

    #[test]
    fn color_adds_escapes_only() {
        let (sources, file) = sources(TEXT);
        let list = [Diagnostic::error(CODE, "m").at(span(file, 0, 6), "l")];
        assert!(human(&list, &sources, true).contains("\u{1b}["));
        assert!(!human(&list, &sources, false).contains('\u{1b}'));
    }

    proptest! {
        #[test]
        fn anything_renders(
            text in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b' ')], 0..600),
            spans in prop::collection::vec((0u32..700, 0u32..700, 0u32..3), 0..4),
            message in ".*",
            color in any::<bool>(),
        ) {
            let (sources, _) = sources(text);
            let mut diagnostic = Diagnostic::error(CODE, message.clone()).help(message.clone());
            for (start, end, file) in spans {
                diagnostic = diagnostic.at(span(FileId(file), start, end), message.clone());
            }
            human(&[diagnostic.clone()], &sources, color);
            short(&[diagnostic], &sources);
        }
    }

    #[test]
    fn far_spans_and_long_lines_render() {
        let (sources, file) = sources("x".repeat(3_000_000));
        let found = Diagnostic::error(CODE, "m").at(span(file, 2_500_000, 2_500_001), "l");
        let rendered = human(&[found], &sources, false);
        assert!(
            rendered.contains(" --> dir/a.cfg:1:2500001\n"),
            "{rendered}"
        );
        for (start, end) in [
            (0, 0),
            (u32::MAX, u32::MAX),
            (2_999_999, 5),
            (1_500_000, u32::MAX),
        ] {
            let found = Diagnostic::error(CODE, "m").at(span(file, start, end), "l");
            assert!(human(&[found], &sources, false).len() < 3_000);
        }
    }
}
