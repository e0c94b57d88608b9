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
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Vec<u8>>) -> FileId {
        let text = text.into();
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', &text).map(|at| at as u32 + 1));
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile {
            name: name.into(),
            text,
            lines,
        });
        id
    }

    /// The name given to [`Sources::add`].
    pub fn name(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |f| &f.name)
    }

    /// The bytes of a file.
    pub fn text(&self, file: FileId) -> &[u8] {
        self.files.get(file.0 as usize).map_or(&[], |f| &f.text)
    }

    /// Where the span starts, as line and column.
    pub fn position(&self, span: Span) -> Position {
        let Some(file) = self.files.get(span.file.0 as usize) else {
            return Position { line: 1, column: 1 };
        };
        let line = file
            .lines
            .partition_point(|&start| start <= span.start)
            .max(1);
        let start = file.lines.get(line - 1).copied().unwrap_or(0);
        Position {
            line: line as u32,
            column: span.start - start + 1,
        }
    }
}
