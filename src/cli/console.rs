//! Messages to the person or script that started us, in HAProxy's shape:
//! `[ALERT]    (1234) : text` on stderr.

use crate::observe::log::level;
use std::io::{self, IsTerminal, Write};

/// Where messages go, or that they go nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Console {
    /// `-q`.
    pub(super) quiet: bool,
}

impl Console {
    /// Why we can't go on.
    pub(super) fn alert(self, text: &str) {
        self.line("[ALERT]   ", text);
    }

    /// What may surprise.
    pub(super) fn warning(self, text: &str) {
        self.line("[WARNING] ", text);
    }

    /// What is worth knowing.
    pub(super) fn notice(self, text: &str) {
        self.line("[NOTICE]  ", text);
    }

    /// What a running proxy says, by its syslog level. Several lines are one message, shown as
    /// they are.
    pub(super) fn told(self, level: u8, text: &str) {
        match level {
            _ if text.contains('\n') => self.err(&format!("{text}\n")),
            0..level::WARNING => self.alert(text),
            level::WARNING => self.warning(text),
            _ => self.notice(text),
        }
    }

    fn line(self, label: &str, text: &str) {
        self.err(&format!("{label} ({}) : {text}\n", std::process::id()));
    }

    /// Text as it is, on stderr. A closed stderr is no reason to stop.
    pub(super) fn err(self, text: &str) {
        if !self.quiet {
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }

    /// Text as it is, on stdout, unless quiet.
    pub(super) fn out(self, text: &str) {
        if !self.quiet {
            print(text);
        }
    }
}

/// Whether text for this stream is coloured: it is a terminal and `NO_COLOR` is not set
/// (no-color.org).
pub(super) fn colored(stream: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !unwanted
}

/// What went wrong, without the number that std adds.
pub(super) fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((cause, _)) => cause.to_owned(),
        None => text,
    }
}

/// Text that was asked for, on stdout.
pub(super) fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}
