//! One line to words.
//!
//! Quotes, escapes, comments and environment expansion exactly as HAProxy 3.4's
//! (manual 2.2 and 2.3): variables only inside weak quotes, `\$` only there too, a lone backslash
//! is itself, no line continuation, a carriage return ends the line even inside quotes. What
//! must hold: words are never longer together than [`MAX_STATEMENT_BYTES`] nor more than
//! [`MAX_WORDS`]. Deliberately absent: what a word means; lines are cut by the caller.

use super::ast::Word;
use super::environment::{Environment, is_name_byte};
use super::source::{FileId, Span};
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{map, opt};
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

/// Words on one line, as HAProxy's `MAX_LINE_ARGS`.
pub(super) const MAX_WORDS: usize = 64;
/// Bytes of one line's words after expansion.
pub(super) const MAX_STATEMENT_BYTES: usize = 256 * 1024;

/// What the words of a line depend on besides its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) environment: &'a Environment,
    /// `${.FILE}`.
    pub(super) file_name: &'a str,
    /// `${.LINE}`, from 1.
    pub(super) line: u32,
    /// `${.SECTION}`; not set before a file's first section.
    pub(super) section: Option<&'a [u8]>,
    /// Whether `#` starts a comment; it does not on the command line.
    pub(super) comments: bool,
}

/// Where a line lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) file: FileId,
    /// Offset of its first byte in the file.
    pub(super) start: u32,
    /// Without its line feed.
    pub(super) text: &'a [u8],
}

impl Line<'_> {
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let at = |offset: usize| {
            self.start
                .saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))
        };
        Span {
            file: self.file,
            start: at(start),
            end: at(end),
        }
    }
}

/// Why a line has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    Quote,
    Brace,
    VariableName,
    Hex,
    WordExpansion,
    Nul,
    TooManyWords,
    TooLong,
    /// Another alternative may still match; never leaves this module.
    NoMatch,
}

/// A fault and the bytes of the line it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Splits `line` into `words`, which is cleared first. The result is the offset at which reading
/// ended: the end of the line, its comment, or its first carriage return.
pub(super) fn split(
    line: Line<'_>,
    around: &Surroundings<'_>,
    words: &mut Vec<Word>,
) -> Result<usize, Fault> {
    words.clear();
    let mut splitter = Splitter {
        line,
        around,
        words,
        word: Vec::new(),
        open: false,
        start: None,
        bytes: 0,
        extra: None,
    };
    let rest = splitter.run(line.text)?;
    let end = splitter.offset(rest);
    match splitter.extra {
        None => Ok(end),
        Some(start) => Err(Fault {
            kind: FaultKind::TooManyWords,
            start,
            end,
        }),
    }
}

/// The words of a line as they are written, and its comment. `None` if the line cannot be read,
/// has text after a carriage return, or joins its words if the blanks between them change.
pub(super) fn written(text: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let mut words: Vec<&[u8]> = Vec::new();
    let mut input = text;
    loop {
        if input.first().copied().is_some_and(is_blank) {
            let blanks = input.iter().take_while(|&&byte| is_space(byte)).count();
            input = input.get(blanks..).unwrap_or_default();
        }
        match input.first() {
            None => return Some((words, b"")),
            Some(b'\r' | b'\n') => {
                let nothing = input.iter().all(|&byte| is_space(byte));
                return nothing.then_some((words, b""));
            }
            // A lone backslash would escape the blank that comes to stand after it.
            Some(_) if words.last().is_some_and(|word| ends_in_backslash(word)) => return None,
            Some(b'#') => return Some((words, input)),
            Some(_) => {
                let rest = written_word(input).ok()?;
                words.push(input.strip_suffix(rest).unwrap_or(input));
                input = rest;
            }
        }
    }
}

fn ends_in_backslash(word: &[u8]) -> bool {
    let backslashes = word.iter().rev().take_while(|&&byte| byte == b'\\');
    backslashes.count() % 2 == 1
}

/// What follows the word that starts here.
fn written_word(mut input: &[u8]) -> Result<&[u8], nom::Err<Broken<'_>>> {
    loop {
        let lexed = match input.first() {
            Some(b'"') => {
                input = written_weak(input)?;
                continue;
            }
            Some(b'\'') => map(strong_quoted, Piece::Text).parse(input),
            Some(b'\\') => escape(false, true, input),
            _ => unquoted_text(true, input),
        };
        match lexed {
            Ok((rest, _)) => input = rest,
            Err(nom::Err::Error(_)) => return Ok(input),
            Err(fault) => return Err(fault),
        }
    }
}

fn written_weak(quote: &[u8]) -> Result<&[u8], nom::Err<Broken<'_>>> {
    let mut input = quote.get(1..).unwrap_or_default();
    while !input.starts_with(b"\"") {
        let lexed = match input.first() {
            Some(b'\\') => escape(true, true, input),
            Some(b'$') => variable(input),
            _ => weak_text(input),
        };
        (input, _) = lexed?;
    }
    Ok(input.get(1..).unwrap_or_default())
}

/// A fault as nom carries it: the input from the fault on.
#[derive(Clone, Copy, Debug)]
struct Broken<'a> {
    kind: FaultKind,
    at: &'a [u8],
}

impl<'a> ParseError<&'a [u8]> for Broken<'a> {
    fn from_error_kind(at: &'a [u8], _: ErrorKind) -> Self {
        Self {
            kind: FaultKind::NoMatch,
            at,
        }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Lexed<'a, T> = IResult<&'a [u8], T, Broken<'a>>;

fn fail<'a, T>(kind: FaultKind, at: &'a [u8]) -> Lexed<'a, T> {
    Err(nom::Err::Failure(Broken { kind, at }))
}

/// A piece of a word.
#[derive(Clone, Copy, Debug)]
enum Piece<'a> {
    Text(&'a [u8]),
    Byte(u8),
    Variable(Variable<'a>),
}

/// `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME[*]}`, `${NAME[*]-default}`.
#[derive(Clone, Copy, Debug)]
struct Variable<'a> {
    /// With its dot, for HAProxy's pseudo-variables.
    name: &'a [u8],
    /// Written `[*]`: blanks in the value separate words.
    split: bool,
    default: Option<&'a [u8]>,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

/// Space as C's `isspace` has it: what separates words inside a `[*]` variable.
fn is_space(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'\r' | b'\n')
}

fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn unquoted_text(comments: bool, input: &[u8]) -> Lexed<'_, Piece<'_>> {
    let plain = |byte: u8| {
        !matches!(byte, b'"' | b'\'' | b'\\') && !is_space(byte) && (byte != b'#' || !comments)
    };
    map(take_while1(plain), Piece::Text).parse(input)
}

fn weak_text(input: &[u8]) -> Lexed<'_, Piece<'_>> {
    let plain = |byte: u8| !matches!(byte, b'"' | b'\\' | b'$') && !ends_line(byte);
    map(take_while1(plain), Piece::Text).parse(input)
}

fn strong_quoted(input: &[u8]) -> Lexed<'_, &[u8]> {
    let (rest, _) = char('\'')(input)?;
    let (rest, text) = take_till(|byte| byte == b'\'' || ends_line(byte))(rest)?;
    match rest.strip_prefix(b"'") {
        Some(rest) => Ok((rest, text)),
        None => fail(FaultKind::Quote, input),
    }
}

/// A backslash and what it stands for. One that escapes nothing is itself.
fn escape(weak: bool, comments: bool, input: &[u8]) -> Lexed<'_, Piece<'_>> {
    let (rest, _) = char('\\')(input)?;
    let Some((&next, after)) = rest.split_first() else {
        return Ok((rest, Piece::Byte(b'\\')));
    };
    let byte = match next {
        b' ' | b'\\' | b'\'' | b'"' => next,
        b't' => b'\t',
        b'n' => b'\n',
        b'r' => b'\r',
        b'#' if comments => next,
        b'$' if weak => next,
        b'x' => return hex_digits(input, after),
        _ => return Ok((rest, Piece::Byte(b'\\'))),
    };
    Ok((after, Piece::Byte(byte)))
}

fn hex_digits<'a>(escape: &'a [u8], input: &'a [u8]) -> Lexed<'a, Piece<'a>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let value = match input {
        [high, low, ..] => digit(high)
            .zip(digit(low))
            .map(|(high, low)| high * 16 + low),
        _ => None,
    };
    match value.and_then(|value| u8::try_from(value).ok()) {
        None => fail(FaultKind::Hex, escape),
        Some(0) => fail(FaultKind::Nul, escape),
        Some(byte) => Ok((input.get(2..).unwrap_or_default(), Piece::Byte(byte))),
    }
}

fn variable(input: &[u8]) -> Lexed<'_, Piece<'_>> {
    let (rest, _) = char('$')(input)?;
    let (rest, brace) = opt(char('{')).parse(rest)?;
    let (after_name, name) = variable_name(rest)?;
    let mut found = Variable {
        name,
        split: false,
        default: None,
    };
    if brace.is_none() {
        return Ok((after_name, Piece::Variable(found)));
    }
    let unclosed = input.get(1..).unwrap_or_default();
    let mut rest = after_name;
    if rest.starts_with(b"[") {
        (rest, _) = tag::<_, _, Broken<'_>>(&b"[*]"[..])(rest)
            .or_else(|_| fail(FaultKind::WordExpansion, rest))?;
        found.split = true;
    }
    if let Some(default) = rest.strip_prefix(b"-") {
        let (after, text) = take_till(|byte| byte == b'}')(default)?;
        found.default = Some(text);
        rest = after;
    }
    match rest.strip_prefix(b"}") {
        Some(rest) => Ok((rest, Piece::Variable(found))),
        None => fail(FaultKind::Brace, unclosed),
    }
}

/// A name, or one of the three pseudo-variables that start with a dot.
fn variable_name(input: &[u8]) -> Lexed<'_, &[u8]> {
    let dot = usize::from(input.starts_with(b"."));
    let first = input.first().copied().unwrap_or(0);
    if dot == 0 && !first.is_ascii_alphabetic() && first != b'_' {
        return fail(FaultKind::VariableName, input);
    }
    let (rest, _) = take_while(is_name_byte)(input.get(dot..).unwrap_or_default())?;
    let name = input.strip_suffix(rest).unwrap_or(input);
    if dot == 1 && !matches!(name, b".LINE" | b".FILE" | b".SECTION") {
        return fail(FaultKind::VariableName, input);
    }
    Ok((rest, name))
}

/// The line being split.
struct Splitter<'l, 'w, 's> {
    line: Line<'l>,
    around: &'s Surroundings<'s>,
    words: &'w mut Vec<Word>,
    /// The word being put together, and whether there is one: it may be empty.
    word: Vec<u8>,
    open: bool,
    /// Where the next word starts if something before its first byte belongs to it: a quote.
    start: Option<usize>,
    /// Bytes of all words so far.
    bytes: usize,
    /// Where the first word too many starts.
    extra: Option<usize>,
}

/// The bytes of the line a piece was written with.
type Written = std::ops::Range<usize>;

impl<'l> Splitter<'l, '_, '_> {
    /// Reads the whole line; returns what follows its last word.
    fn run(&mut self, mut input: &'l [u8]) -> Result<&'l [u8], Fault> {
        loop {
            if input.first().copied().is_some_and(is_blank) {
                // A carriage return ends the line only where no blank stands before it.
                (input, _) = self.known(take_while(is_space)(input))?;
            }
            match input.first() {
                None | Some(b'\r' | b'\n') => return Ok(input),
                Some(b'#') if self.around.comments => return Ok(input),
                Some(_) => input = self.token(input)?,
            }
        }
    }

    /// Reads up to the next separator: usually one word, none or several with `[*]`.
    fn token(&mut self, mut input: &'l [u8]) -> Result<&'l [u8], Fault> {
        self.start = Some(self.offset(input));
        let comments = self.around.comments;
        loop {
            let lexed = match input.first() {
                Some(b'"') => {
                    input = self.weak_quoted(input)?;
                    continue;
                }
                Some(b'\'') => map(strong_quoted, Piece::Text).parse(input),
                Some(b'\\') => escape(false, comments, input),
                _ => unquoted_text(comments, input),
            };
            if let Err(nom::Err::Error(_)) = lexed {
                self.close(self.offset(input));
                return Ok(input);
            }
            input = self.take(input, lexed)?.0;
        }
    }

    fn weak_quoted(&mut self, quote: &'l [u8]) -> Result<&'l [u8], Fault> {
        let (mut input, _) = self.known(char('"')(quote))?;
        let mut touched = false;
        while !input.starts_with(b"\"") {
            let lexed = match input.first() {
                Some(b'\\') => escape(true, self.around.comments, input),
                Some(b'$') => variable(input),
                _ => weak_text(input).or_else(|_| fail(FaultKind::Quote, quote)),
            };
            let (rest, shows) = self.take(input, lexed)?;
            touched |= shows;
            input = rest;
        }
        // `""` is an empty word; `"${NAME[*]}"` with nothing to expand to is none.
        self.open |= !touched;
        Ok(input.get(1..).unwrap_or_default())
    }

    /// Adds a piece. False if quotes holding nothing else still make an empty word.
    fn take(
        &mut self,
        input: &'l [u8],
        lexed: Lexed<'l, Piece<'l>>,
    ) -> Result<(&'l [u8], bool), Fault> {
        let (rest, piece) = self.known(lexed)?;
        let written = self.offset(input)..self.offset(rest);
        let shows = match piece {
            Piece::Text(text) => self.emit(text, written).map(|()| true),
            Piece::Byte(byte) => self.emit(&[byte], written).map(|()| true),
            Piece::Variable(variable) => self.expand(variable, written),
        };
        Ok((rest, shows?))
    }

    fn expand(&mut self, variable: Variable<'l>, written: Written) -> Result<bool, Fault> {
        let line_number;
        let value = match variable.name {
            b".LINE" => {
                line_number = self.around.line.to_string();
                Some(line_number.as_bytes())
            }
            b".FILE" => Some(self.around.file_name.as_bytes()),
            b".SECTION" => self.around.section,
            name => self.around.environment.get(name),
        };
        match value.or(variable.default) {
            Some(value) if variable.split => self.expand_words(value, written)?,
            Some(b"") => return Ok(false),
            Some(value) => self.emit(value, written)?,
            None => self.open |= !variable.split,
        }
        Ok(true)
    }

    /// Blanks in the value end the word being put together, even one begun before the variable.
    fn expand_words(&mut self, value: &[u8], written: Written) -> Result<(), Fault> {
        for (index, text) in value.split(|&byte| is_space(byte)).enumerate() {
            if index > 0 {
                self.close(written.end);
            }
            if !text.is_empty() {
                self.emit(text, written.clone())?;
            }
        }
        Ok(())
    }

    fn emit(&mut self, text: &[u8], written: Written) -> Result<(), Fault> {
        self.open = true;
        self.start.get_or_insert(written.start);
        self.bytes += text.len();
        if self.bytes > MAX_STATEMENT_BYTES {
            return Err(Fault {
                kind: FaultKind::TooLong,
                start: written.start,
                end: written.end,
            });
        }
        self.word.extend_from_slice(text);
        Ok(())
    }

    /// Ends the word being put together, if there is one.
    fn close(&mut self, end: usize) {
        if !self.open {
            return;
        }
        let start = self.start.take().unwrap_or(end);
        if self.words.len() < MAX_WORDS {
            self.words.push(Word {
                bytes: self.word.as_slice().into(),
                span: self.line.span(start, end),
            });
        } else {
            self.extra.get_or_insert(start);
        }
        self.word.clear();
        self.open = false;
    }

    fn offset(&self, rest: &[u8]) -> usize {
        self.line.text.len() - rest.len()
    }

    /// A result of nom's with its fault placed in the line.
    fn known<T>(&self, lexed: Lexed<'l, T>) -> Result<(&'l [u8], T), Fault> {
        lexed.map_err(|error| match error {
            nom::Err::Error(broken) | nom::Err::Failure(broken) => self.fault(broken),
            nom::Err::Incomplete(_) => self.fault(Broken {
                kind: FaultKind::NoMatch,
                at: b"",
            }),
        })
    }

    fn fault(&self, broken: Broken<'_>) -> Fault {
        let start = self.offset(broken.at);
        let length = match broken.kind {
            FaultKind::Quote | FaultKind::Brace => broken.at.len(),
            FaultKind::Hex | FaultKind::Nul => 4,
            FaultKind::WordExpansion => 3,
            _ => 1,
        };
        Fault {
            kind: broken.kind,
            start,
            end: start.saturating_add(length).min(self.line.text.len()),
        }
    }
}

#[cfg(test)]
#[path = "lexer_tests.rs"]
mod tests;
