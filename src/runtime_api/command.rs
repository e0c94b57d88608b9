//! A command, the call of one, and the session calls belong to.

use super::anon::Anon;
use super::answer::Answer;
use super::line;
use crate::clock::Millis;
use crate::net::Wheel;
use crate::proxy::Control;
use crate::settings::{AccessLevel, SeverityOutput};
use std::borrow::Cow;
use std::fmt::Write;

/// One command.
#[derive(Debug)]
pub struct Command {
    /// Its words, with a blank between them: `show env`.
    pub name: &'static str,
    /// What follows them: `[<name>]`.
    pub args: &'static str,
    /// What it does, in a few words.
    pub doc: &'static str,
    /// Who may call it.
    pub level: AccessLevel,
    /// Whether it is hidden unless asked for.
    pub restriction: Restriction,
    /// Does it.
    pub run: fn(&mut Call<'_>) -> Answer,
}

/// Which sessions see a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restriction {
    /// All.
    #[default]
    None,
    /// Those in `expert-mode`.
    Expert,
    /// Those in `experimental-mode`.
    Experimental,
}

impl Restriction {
    /// What a session that does not see a command is told.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::Expert => "This command is restricted to expert mode only.",
            _ => "This command is restricted to experimental mode only.",
        }
    }
}

impl Command {
    /// A command that every session sees.
    pub const fn new(
        name: &'static str,
        args: &'static str,
        doc: &'static str,
        level: AccessLevel,
        run: fn(&mut Call<'_>) -> Answer,
    ) -> Self {
        Self {
            name,
            args,
            doc,
            level,
            restriction: Restriction::None,
            run,
        }
    }

    /// How many of the first words are this command's; `None` if they are not all there.
    pub(super) fn words_in(&self, words: &[Vec<u8>]) -> Option<usize> {
        let own = self.name.split(' ');
        let count = own.clone().count();
        let same = own.zip(words).filter(|(own, word)| own.as_bytes() == *word);
        (same.count() == count).then_some(count)
    }

    /// Whether a session sees it.
    pub(super) fn is_visible(&self, session: &Session) -> bool {
        match self.restriction {
            Restriction::None => true,
            Restriction::Expert => session.expert,
            Restriction::Experimental => session.experimental,
        }
    }

    /// Why a session may not call it.
    fn refusal(&self, session: &Session) -> Option<&'static str> {
        if !self.is_visible(session) {
            return Some(self.restriction.refusal());
        }
        (session.level < self.level).then_some(PERMISSION_DENIED)
    }
}

/// What who may not call a command is told.
pub(super) const PERMISSION_DENIED: &str = "Permission denied";

/// What holds for a connection between its commands.
#[derive(Clone, Debug)]
pub struct Session {
    /// What it may do.
    pub level: AccessLevel,
    /// `expose-fd listeners`: it may ask for the listening sockets.
    pub exposes_listeners: bool,
    /// `expert-mode on`.
    pub expert: bool,
    /// `experimental-mode on`.
    pub experimental: bool,
    /// `set severity-output`.
    pub severity: SeverityOutput,
    /// `set anon`.
    pub anon: Anon,
    /// Whether more than one line is answered.
    pub interactive: bool,
    /// Whether a prompt asks for the next.
    pub prompt: bool,
    /// Whether the prompt tells the time.
    pub timed: bool,
    /// How long the client may be silent.
    pub timeout: Millis,
    /// The connection ends after this command.
    pub quits: bool,
    /// No empty line after this command.
    pub no_line_end: bool,
}

impl Session {
    /// One that has just begun.
    pub fn new(level: AccessLevel, severity: SeverityOutput, timeout: Millis) -> Self {
        Self {
            level,
            exposes_listeners: false,
            expert: false,
            experimental: false,
            severity,
            anon: Anon::default(),
            interactive: false,
            prompt: false,
            timed: false,
            timeout,
            quits: false,
            no_line_end: false,
        }
    }
}

/// A command being called.
pub struct Call<'a> {
    /// All words, those of the command's name first.
    pub words: Vec<Vec<u8>>,
    /// The payload after the line.
    pub payload: Option<Vec<u8>>,
    /// The process.
    pub control: &'a Control,
    /// The timers of the thread.
    pub wheel: &'a Wheel,
    /// The session.
    pub session: &'a mut Session,
}

impl Call<'_> {
    /// The word at `index`, counted from the command's first; empty if there is none.
    pub fn bytes(&self, index: usize) -> &[u8] {
        self.words.get(index).map_or(&[], Vec::as_slice)
    }

    /// The same as text.
    pub fn text(&self, index: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(index))
    }

    /// Whether there is a word at `index`.
    pub fn has(&self, index: usize) -> bool {
        !self.bytes(index).is_empty()
    }

    /// The word as a message repeats it.
    pub fn shown(&self, index: usize) -> String {
        shown(self.bytes(index))
    }
}

/// Bytes as a message repeats them: control characters, and what is not UTF-8, in hexadecimal.
pub fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c.is_control() {
                true => text.extend(c.escape_default()),
                false => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Lines as a message repeats them.
pub(super) fn shown_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| shown(line.as_bytes())).collect();
    lines.join("\n")
}

/// Calls the command a line asks for.
pub(super) fn execute(
    command: &[u8],
    payload: Option<Vec<u8>>,
    control: &Control,
    wheel: &Wheel,
    session: &mut Session,
) -> Answer {
    let Some(words) = line::words(command) else {
        let most = line::MAX_WORDS;
        return Answer::error(format!(
            "Too many arguments. Commands must have at most {most} arguments."
        ));
    };
    if words.first().is_none_or(Vec::is_empty) {
        return Answer::Done;
    }
    let Some(command) = find(&words) else {
        let absent = super::unsupported::answer(&words, session);
        return absent.unwrap_or_else(|| super::help::unknown(&words, session));
    };
    if let Some(refusal) = command.refusal(session) {
        return Answer::error(refusal);
    }
    (command.run)(&mut Call {
        words,
        payload,
        control,
        wheel,
        session,
    })
}

/// The command with the most of these words.
fn find(words: &[Vec<u8>]) -> Option<&'static Command> {
    let matching =
        super::commands().filter_map(|command| Some((command.words_in(words)?, command)));
    let longest = matching.max_by_key(|(count, _)| *count);
    longest.map(|(_, command)| command)
}
