//! Bytes to command lines: where one ends, its commands, their words, and the payload after it.
//!
//! A line ends at a line feed, a command at `;`; a backslash takes the meaning from the byte after
//! it. A line whose last word is `<<`, or `<<` and up to 64 bytes, is followed by a payload, which
//! ends at an empty line, or at a line of just those bytes (management guide, section 9.3). Pure:
//! the same bytes give the same lines however they were split. Everything is bounded.

/// Most words of a command.
pub(crate) const MAX_WORDS: usize = 64;
/// Longest line that ends a payload.
const MAX_END: usize = 64;

/// A line that is complete.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its commands, empty ones among them: at least one.
    pub(crate) commands: Vec<Vec<u8>>,
    /// For the last of them. An empty payload is none.
    pub(crate) payload: Option<Vec<u8>>,
}

/// Why what came is not read further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooBig {
    Line,
    Payload,
}

impl TooBig {
    /// What the client is told.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Line => {
                "The command line is too big for the buffer size. Please change 'tune.bufsize' in the configuration to use a bigger command."
            }
            Self::Payload => {
                "The payload is too big. Please change 'tune.cli.max-payload-size' in the configuration to use a bigger payload."
            }
        }
    }
}

/// What of a line has come so far.
#[derive(Debug)]
pub(crate) struct LineReader {
    max_line: usize,
    max_payload: usize,
    /// Bytes of the line so far, line end included.
    length: usize,
    command: Vec<u8>,
    line: Line,
    escaped: bool,
    /// The payload being read.
    payload: Option<Payload>,
}

#[derive(Debug)]
struct Payload {
    end: Vec<u8>,
    bytes: Vec<u8>,
    /// Where its last line begins.
    last_line: usize,
}

impl LineReader {
    /// For lines shorter than `max_line` bytes and payloads of at most `max_payload`.
    pub(crate) fn new(max_line: usize, max_payload: usize) -> Self {
        Self {
            max_line,
            max_payload,
            length: 0,
            command: Vec::new(),
            line: Line::default(),
            escaped: false,
            payload: None,
        }
    }

    /// Whether a payload is awaited.
    pub(crate) fn wants_payload(&self) -> bool {
        self.payload.is_some()
    }

    /// Reads bytes up to the end of a line; says how many, and the line once it is complete.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<(usize, Option<Line>), TooBig> {
        for (at, &byte) in bytes.iter().enumerate() {
            let is_complete = match self.payload {
                Some(_) => self.payload_byte(byte)?,
                None => self.line_byte(byte)?,
            };
            if is_complete {
                self.length = 0;
                return Ok((at + 1, Some(std::mem::take(&mut self.line))));
            }
        }
        Ok((bytes.len(), None))
    }

    /// Takes one byte of the line; `true` when it and its payload are complete.
    fn line_byte(&mut self, byte: u8) -> Result<bool, TooBig> {
        self.length += 1;
        if self.length >= self.max_line {
            return Err(TooBig::Line);
        }
        let escaped = std::mem::replace(&mut self.escaped, false);
        match byte {
            b'\n' | b';' if !escaped => {}
            _ => {
                self.escaped = byte == b'\\' && !escaped;
                self.command.push(byte);
                return Ok(false);
            }
        }
        let mut command = std::mem::take(&mut self.command);
        if byte == b';' {
            self.line.commands.push(command);
            return Ok(false);
        }
        let has_return = command.last() == Some(&b'\r');
        if has_return {
            command.pop();
        }
        self.payload = split_payload(&mut command).map(|end| Payload {
            end,
            bytes: Vec::new(),
            last_line: 0,
        });
        self.line.commands.push(command);
        if has_return && self.payload.is_none() {
            // As HAProxy, to which both bytes end a command.
            self.line.commands.push(Vec::new());
        }
        Ok(self.payload.is_none())
    }

    fn payload_byte(&mut self, byte: u8) -> Result<bool, TooBig> {
        let Some(payload) = &mut self.payload else {
            return Ok(false);
        };
        if payload.bytes.len() >= self.max_payload {
            return Err(TooBig::Payload);
        }
        payload.bytes.push(byte);
        if byte != b'\n' {
            return Ok(false);
        }
        let line = payload.bytes.get(payload.last_line..).unwrap_or_default();
        if line.strip_suffix(b"\n") != Some(&payload.end) {
            payload.last_line = payload.bytes.len();
            return Ok(false);
        }
        // The line end before the last line is not part of it either.
        payload.bytes.truncate(payload.last_line.saturating_sub(1));
        let bytes = self.payload.take().map(|payload| payload.bytes);
        self.line.payload = bytes.filter(|bytes| !bytes.is_empty());
        Ok(true)
    }
}

/// Takes the last word off a command if it starts a payload, and says how the payload ends.
fn split_payload(command: &mut Vec<u8>) -> Option<Vec<u8>> {
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = command.iter().rposition(blank).map_or(0, |at| at + 1);
    let end = command.get(start..)?.strip_prefix(b"<<")?;
    if end.len() > MAX_END {
        return None;
    }
    let end = end.to_vec();
    command.truncate(start);
    Some(end)
}

/// The words of a command, without the backslashes that kept them together; `None` if there are
/// more than [`MAX_WORDS`].
pub(crate) fn words(command: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut is_open = false;
    let mut escaped = false;
    for &byte in command {
        if !escaped && (byte == b' ' || byte == b'\t') {
            is_open = false;
            continue;
        }
        if !is_open {
            if words.len() == MAX_WORDS {
                return None;
            }
            words.push(Vec::new());
            is_open = true;
        }
        escaped = byte == b'\\' && !escaped;
        if !escaped && let Some(word) = words.last_mut() {
            word.push(byte);
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as text: commands between `|`, a payload after `=`.
    fn lines(input: &[u8]) -> Result<Vec<String>, TooBig> {
        let whole = read(input, input.len().max(1));
        assert_eq!(read(input, 1), whole, "byte by byte");
        whole
    }

    fn read(input: &[u8], step: usize) -> Result<Vec<String>, TooBig> {
        let mut reader = LineReader::new(64, 32);
        let mut found = Vec::new();
        for mut piece in input.chunks(step) {
            while !piece.is_empty() {
                let (used, line) = reader.read(piece)?;
                piece = &piece[used..];
                found.extend(line.map(show));
            }
        }
        Ok(found)
    }

    fn show(line: Line) -> String {
        let commands: Vec<_> = line
            .commands
            .iter()
            .map(|c| c.escape_ascii().to_string())
            .collect();
        let mut text = commands.join("|");
        if let Some(payload) = line.payload {
            text.push_str(&format!("={}", payload.escape_ascii()));
        }
        text
    }

    #[test]
    fn lines_and_commands() {
        let check = |input: &[u8], expected: &[&str]| {
            assert_eq!(lines(input).unwrap(), expected, "{}", input.escape_ascii());
        };
        check(b"", &[]);
        check(b"show info", &[]);
        check(b"\n", &[""]);
        check(b"show info\r\n", &["show info|"]);
        check(b"x <<\r\ny\n\n", &["x =y"]);
        check(b"a;b\nc\n", &["a|b", "c"]);
        check(b"a;\n", &["a|"]);
        check(b"a\\;b\\\nc\n", &["a\\\\;b\\\\\\nc"]);
        check(b"a\\\\;b\n", &["a\\\\\\\\|b"]);
        check(b"\0\xff;\n", &["\\x00\\xff|"]);
    }

    #[test]
    fn payloads() {
        let check = |input: &[u8], expected: &[&str]| {
            assert_eq!(lines(input).unwrap(), expected, "{}", input.escape_ascii());
        };
        check(
            b"add map x <<\na b\nc d\n\nq\n",
            &["add map x =a b\\nc d", "q"],
        );
        check(b"x;y <<END\n\na\nEND\n", &["x|y =\\na"]);
        check(b"y <<\n\n", &["y "]);
        check(b"y <<\na\r\n\r\n\n", &["y =a\\r\\n\\r"]);
        check(b"<<\na\n\n", &["=a"]);
        check(b"y <<a b\n", &["y <<a b"]);
        check(b"y <<\na; b\\\n\n", &["y =a; b\\\\"]);
        check(b"y <<\nnever ends\n", &[]);
    }

    #[test]
    fn bounds() {
        assert_eq!(lines(&[b'x'; 64]), Err(TooBig::Line));
        assert_eq!(lines(&[b'x'; 62]), Ok(Vec::new()));
        assert_eq!(lines(&[b';'; 64]), Err(TooBig::Line));
        let payload = |size| [b"x <<\n".as_slice(), &vec![b'y'; size]].concat();
        assert_eq!(lines(&payload(33)), Err(TooBig::Payload));
        assert_eq!(lines(&payload(32)), Ok(Vec::new()));
        let end = |size| [b"x <<".as_slice(), &vec![b'e'; size], b"\n"].concat();
        let found = |size| read(&end(size), 1);
        assert_eq!(found(59), Err(TooBig::Line));
        assert_eq!(found(58), Ok(Vec::new()), "awaits its payload");
    }

    #[test]
    fn words_of_a_command() {
        let check = |command: &str, expected: &[&str]| {
            let words = words(command.as_bytes()).unwrap();
            let words: Vec<_> = words.iter().map(|w| String::from_utf8_lossy(w)).collect();
            assert_eq!(words, expected, "{command}");
        };
        check("", &[]);
        check(" \t show  env\tX ", &["show", "env", "X"]);
        check(r"a\ b c\\d \;", &["a b", r"c\d", ";"]);
        check(r"a\", &["a"]);
        check("a b", &["a", "b"]);
        assert_eq!(words(&b"x ".repeat(MAX_WORDS)).unwrap().len(), MAX_WORDS);
        assert_eq!(words(&b"x ".repeat(MAX_WORDS + 1)), None);
    }
}
