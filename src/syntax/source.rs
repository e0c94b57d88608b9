//! Source files and spans.

/// Index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in one source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest span covering both; `self` if they are in different files.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A place as people count: both from 1; columns count bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line number from 1.
    pub line: u32,
    /// Column from 1.
    pub column: u32,
}

/// All the texts of one configuration, in the order they were given.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Debug)]
struct SourceFile {
    name: String,
    text: Vec<u8>,
    /// Byte offset at which each line starts.
    lines: Vec<u32>,
}

impl Sources {
    /// Adds a file under the name shown to people.
    ///
    /// Offsets are 32 bits wide. [`parse`](super::parse()) refuses larger files long before.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Vec<u8>>) -> FileId {
        let text = text.into();
        let ends = memchr::memchr_iter(b'\n', &text);
        let starts = ends.map_while(|end| u32::try_from(end + 1).ok());
        let lines = std::iter::once(0).chain(starts).collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            name: name.into(),
            text,
            lines,
        });
        id
    }

    /// The name given to [`Sources::add`].
    pub fn name(&self, file: FileId) -> &str {
        self.file(file).map_or("", |f| &f.name)
    }

    /// The bytes of a file.
    pub fn text(&self, file: FileId) -> &[u8] {
        self.file(file).map_or(&[], |f| &f.text)
    }

    /// The bytes a span covers, as far as they exist.
    pub fn slice(&self, span: Span) -> &[u8] {
        let text = self.text(span.file);
        let end = (span.end as usize).min(text.len());
        text.get(span.start as usize..end).unwrap_or_default()
    }

    /// Where the span starts, as line and column. Past the end counts as the end.
    pub fn position(&self, span: Span) -> Position {
        let line = self.line_at(span);
        let start = self.clamped(span).saturating_sub(line.start);
        Position {
            line: line.number,
            column: u32::try_from(start).unwrap_or(u32::MAX).saturating_add(1),
        }
    }

    /// Like [`Sources::position`], with columns that count characters.
    pub fn character_position(&self, span: Span) -> Position {
        let line = self.line_at(span);
        let bytes = self.clamped(span).saturating_sub(line.start);
        let before = line.text.get(..bytes).unwrap_or(line.text);
        let column = String::from_utf8_lossy(before).chars().count();
        Position {
            line: line.number,
            column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
        }
    }

    /// The line in which the span starts.
    pub(super) fn line_at(&self, span: Span) -> SourceLine<'_> {
        let Some(file) = self.file(span.file) else {
            return SourceLine {
                number: 1,
                start: 0,
                text: b"",
            };
        };
        let at = self.clamped(span);
        let index = file
            .lines
            .partition_point(|&start| start as usize <= at)
            .saturating_sub(1);
        let offset = |index: usize| file.lines.get(index).map(|&start| start as usize);
        let start = offset(index).unwrap_or(0);
        let end = offset(index + 1).unwrap_or(file.text.len());
        let text = file.text.get(start..end).unwrap_or_default();
        SourceLine {
            number: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
            start,
            text: text.strip_suffix(b"\n").unwrap_or(text),
        }
    }

    fn clamped(&self, span: Span) -> usize {
        (span.start as usize).min(self.text(span.file).len())
    }

    fn file(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize)
    }
}

/// One line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SourceLine<'a> {
    /// From 1.
    pub(super) number: u32,
    /// Offset of its first byte in the file.
    pub(super) start: usize,
    /// Its bytes, without the line feed.
    pub(super) text: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, start: u32, expected: (u32, u32)) {
        let mut sources = Sources::default();
        let file = sources.add("a.cfg", text);
        let position = sources.position(Span {
            file,
            start,
            end: start,
        });
        assert_eq!(
            (position.line, position.column),
            expected,
            "{text:?} {start}"
        );
    }

    #[test]
    fn positions() {
        check("", 0, (1, 1));
        check("", 9, (1, 1));
        check("ab\ncd\n", 0, (1, 1));
        check("ab\ncd\n", 2, (1, 3));
        check("ab\ncd\n", 3, (2, 1));
        check("ab\ncd\n", 4, (2, 2));
        check("ab\ncd\n", 6, (3, 1));
        check("ab\ncd\n", u32::MAX, (3, 1));
        check("\n\n\n", 1, (2, 1));
    }

    #[test]
    fn unknown_files_are_empty() {
        let sources = Sources::default();
        let span = Span {
            file: FileId(7),
            start: 3,
            end: 1,
        };
        assert_eq!(sources.name(span.file), "");
        assert_eq!(sources.slice(span), b"");
        assert_eq!(sources.position(span), Position { line: 1, column: 1 });
    }
}
