//! Canonical layout: what `tidegate fmt` does to a text.
//!
//! Sections start in the first column, statements are indented by four blanks and by four more in
//! each `.if` block, one blank stands between words and before a trailing comment, one empty line
//! before a section. What must hold: the words of every line stay as they are, quotes and escapes
//! included, so that the document read is the same; doing it twice changes nothing. Lines that
//! cannot be read are left alone. Deliberately absent: wrapping, sorting, and files.

use super::ast::SectionKind;
use super::environment::Environment;
use super::lexer::{self, Line, Surroundings};
use super::parser::{is_indent, nearly_section};
use super::source::FileId;

const INDENT: &[u8] = b"    ";
/// Longer lines are left alone; indenting one could take it over the parser's limit.
const LONGEST: usize = 1 << 20;

/// The text in canonical layout.
pub fn fmt(text: &[u8]) -> Vec<u8> {
    let items = items(text);
    // Where a word depends on the number of its line, lines must keep theirs.
    let numbered = memchr::memmem::find(text, b".LINE").is_some();
    let mut writer = Writer {
        out: Vec::with_capacity(text.len() + text.len() / 8),
        keeps_lines: numbered,
        in_section: false,
        blocks: Vec::new(),
        blank: false,
        after: After::Nothing,
    };
    let mut rest = items.as_slice();
    while !rest.is_empty() {
        let notes = rest.iter().take_while(|item| item.is_note()).count();
        let (run, tail) = rest.split_at(notes);
        match tail.split_first() {
            Some((code, tail)) => {
                writer.notes(run, Some(code));
                writer.code(code);
                rest = tail;
            }
            None => {
                writer.notes(run, None);
                break;
            }
        }
    }
    writer.out
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Blank,
    Comment,
    /// Left as it is.
    Verbatim,
    /// `[name]` alone on its line.
    Scope,
    Section,
    /// `.if`; whether its block holds a section, and so stands outside of them.
    Opens(bool),
    /// `.elif` and `.else` of such a block.
    Turns(bool),
    /// `.endif` of such a block.
    Closes(bool),
    Statement,
    /// A statement that is read differently in the first column.
    Flush,
}

/// One line.
struct Item<'t> {
    role: Role,
    /// Whether it starts with a blank.
    indented: bool,
    /// As written, with everything.
    raw: &'t [u8],
    words: Vec<&'t [u8]>,
    comment: &'t [u8],
}

impl Item<'_> {
    fn is_note(&self) -> bool {
        matches!(self.role, Role::Blank | Role::Comment)
    }

    /// Whether it stands outside of every section.
    fn is_top(&self) -> bool {
        matches!(
            self.role,
            Role::Section | Role::Opens(true) | Role::Turns(true) | Role::Closes(true)
        )
    }
}

fn items(text: &[u8]) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    let environment = Environment::default();
    let mut open: Vec<usize> = Vec::new();
    let mut branches: Vec<(usize, usize)> = Vec::new();
    let (mut in_section, mut flush_left) = (false, false);
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    for raw in body.split(|&byte| byte == b'\n') {
        let mut item = item(raw, &environment, flush_left);
        let at = items.len();
        match item.role {
            Role::Section => {
                (in_section, flush_left) = (true, false);
                for &block in &open {
                    if let Some(block) = items.get_mut(block) {
                        block.role = Role::Opens(true);
                    }
                }
            }
            Role::Statement => flush_left |= in_section && !item.indented,
            Role::Opens(_) => open.push(at),
            Role::Turns(_) | Role::Closes(_) => match open.last() {
                None => item.role = Role::Statement,
                Some(&block) => {
                    branches.push((at, block));
                    if matches!(item.role, Role::Closes(_)) {
                        open.pop();
                    }
                }
            },
            _ => {}
        }
        items.push(item);
    }
    for (branch, block) in branches {
        let holds = items
            .get(block)
            .is_some_and(|block| block.role == Role::Opens(true));
        if let Some(item) = items.get_mut(branch) {
            item.role = match item.role {
                Role::Closes(_) => Role::Closes(holds),
                _ => Role::Turns(holds),
            };
        }
    }
    items
}

/// Reads one line. Blocks that hold sections are found out later.
fn item<'t>(raw: &'t [u8], environment: &Environment, flush_left: bool) -> Item<'t> {
    let start = raw.iter().position(|&byte| !is_indent(byte));
    let content = raw.get(start.unwrap_or(raw.len())..).unwrap_or_default();
    let mut item = Item {
        role: Role::Verbatim,
        indented: start != Some(0),
        raw,
        words: Vec::new(),
        comment: b"",
    };
    if raw.len() > LONGEST || memchr::memchr(0, raw).is_some() {
        return item;
    }
    if content.starts_with(b"[") {
        item.role = Role::Scope;
        item.words.push(content);
        return item;
    }
    let Some((words, comment)) = lexer::written(content) else {
        return item;
    };
    item.role = match words.first() {
        None if comment.is_empty() => Role::Blank,
        None => Role::Comment,
        Some(first) => role(first, words.len(), item.indented || flush_left, environment),
    };
    (item.words, item.comment) = (words, comment);
    item
}

fn role(first: &[u8], words: usize, indented: bool, environment: &Environment) -> Role {
    let mut value = Vec::new();
    let line = Line {
        file: FileId(0),
        start: 0,
        text: first,
    };
    let around = Surroundings {
        environment,
        file_name: "",
        line: 0,
        section: None,
        comments: true,
    };
    let read = lexer::split(line, &around, &mut value);
    let word = value.first().filter(|_| read.is_ok());
    let bytes = word.map(|word| &*word.bytes).unwrap_or_default();
    match bytes {
        b".if" => Role::Opens(false),
        b".elif" | b".else" => Role::Turns(false),
        b".endif" => Role::Closes(false),
        b"program" if words == 2 => Role::Section,
        _ if SectionKind::from_keyword(bytes).is_some() => Role::Section,
        // What a variable stands for is not known here.
        _ if !indented && first.contains(&b'$') && first.contains(&b'"') => Role::Flush,
        _ if !indented && nearly_section(&String::from_utf8_lossy(bytes)).is_some() => Role::Flush,
        _ => Role::Statement,
    }
}

/// What was written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Nothing,
    Section,
    /// The start of a branch outside of every section.
    Branch,
    Other,
}

struct Writer {
    out: Vec<u8>,
    keeps_lines: bool,
    in_section: bool,
    /// The open blocks: whether each holds a section.
    blocks: Vec<bool>,
    /// An empty line is due.
    blank: bool,
    after: After,
}

impl Writer {
    /// The depth of a statement here.
    fn depth(&self) -> usize {
        let inner = self.blocks.iter().filter(|holds| !**holds).count();
        usize::from(self.in_section) + inner
    }

    /// Comments and empty lines, and the code they precede.
    fn notes(&mut self, run: &[Item<'_>], code: Option<&Item<'_>>) {
        let top = code.is_none_or(Item::is_top);
        let depth = self.depth();
        let depth_of = |note: &Item<'_>| match top && !note.indented {
            true => 0,
            false => depth,
        };
        // The comments right above a section belong to it: the empty line comes before them.
        let is_section = code.is_some_and(|code| code.role == Role::Section);
        let attached = match is_section && self.after != After::Branch {
            false => None,
            true => {
                let own = |note: &&Item<'_>| note.role == Role::Comment && depth_of(note) == 0;
                Some(run.len() - run.iter().rev().take_while(own).count())
            }
        };
        for (index, note) in run.iter().enumerate() {
            if attached == Some(index) {
                self.separate();
            }
            match note.role {
                Role::Blank if self.keeps_lines => self.out.push(b'\n'),
                Role::Blank => self.blank = true,
                _ => {
                    self.start(depth_of(note));
                    self.out.extend_from_slice(trim_end(note.comment));
                    self.out.push(b'\n');
                    self.after = After::Other;
                }
            }
        }
        if attached == Some(run.len()) {
            self.separate();
        }
    }

    /// Makes an empty line due, even right below a section's first line.
    fn separate(&mut self) {
        self.blank = true;
        if self.after == After::Section {
            self.after = After::Other;
        }
    }

    fn code(&mut self, item: &Item<'_>) {
        match item.role {
            Role::Verbatim => {
                self.line_before();
                self.out.extend_from_slice(item.raw);
                self.out.push(b'\n');
            }
            Role::Section => {
                self.line(0, item);
                self.in_section = true;
                self.after = After::Section;
                return;
            }
            Role::Scope | Role::Flush => self.line(0, item),
            Role::Opens(holds) => {
                self.line(if holds { 0 } else { self.depth() }, item);
                self.blocks.push(holds);
            }
            Role::Turns(holds) => {
                self.blocks.pop();
                self.line(if holds { 0 } else { self.depth() }, item);
                self.blocks.push(holds);
            }
            Role::Closes(holds) => {
                self.blocks.pop();
                self.line(if holds { 0 } else { self.depth() }, item);
            }
            Role::Blank | Role::Comment | Role::Statement => {
                self.line(self.depth(), item);
            }
        }
        self.after = match item.role {
            Role::Opens(true) | Role::Turns(true) => After::Branch,
            _ => After::Other,
        };
    }

    fn line(&mut self, depth: usize, item: &Item<'_>) {
        self.start(depth);
        let comment = trim_end(item.comment);
        let parts = item.words.iter().copied().map(trim_end_of_scope(item.role));
        let parts = parts.chain((!comment.is_empty()).then_some(comment));
        for (index, part) in parts.enumerate() {
            if index > 0 {
                self.out.push(b' ');
            }
            self.out.extend_from_slice(part);
        }
        self.out.push(b'\n');
    }

    /// The empty line that is due, and the indentation.
    fn start(&mut self, depth: usize) {
        self.line_before();
        (0..depth).for_each(|_| self.out.extend_from_slice(INDENT));
    }

    fn line_before(&mut self) {
        let due = self.blank && !matches!(self.after, After::Nothing | After::Section);
        if due && !self.keeps_lines {
            self.out.push(b'\n');
        }
        self.blank = false;
    }
}

/// A scope is the rest of its line, other words end where they end.
fn trim_end_of_scope(role: Role) -> fn(&[u8]) -> &[u8] {
    match role {
        Role::Scope => trim_end,
        _ => |word| word,
    }
}

fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&byte| !is_indent(byte));
    text.get(..end.map_or(0, |end| end + 1)).unwrap_or_default()
}

#[cfg(test)]
#[path = "fmt_tests.rs"]
mod tests;
