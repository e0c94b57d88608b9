//! Log-format strings: text, `%aliases` and `%[expressions]`.

use super::context::Context;
use super::scope::Scope;
use crate::compile::config::Mode;
use crate::syntax::Word;

/// What a format makes, which decides how unsafe bytes are written and what it can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatUse {
    /// A log line: blanks merge, unsafe bytes become `#XX`.
    Log,
    /// A value in an HTTP message; the scope's phase says which. Unsafe bytes become `%XX`.
    HttpValue,
    /// Any other text, such as a backend's name: verbatim.
    Text,
}

/// A compiled format.
#[derive(Clone, Debug)]
pub struct Format {}

impl Format {
    /// Parses one word. `None` after an error, which is reported.
    pub fn parse(_word: &Word, _scope: &mut Scope<'_>, _purpose: FormatUse) -> Option<Self> {
        None
    }

    /// Appends the text for this stream.
    pub fn render(&self, _cx: &Context<'_>, _out: &mut Vec<u8>) {}

    /// Whether it prints the request line or URI, so that one must be kept.
    pub fn wants_request_line(&self) -> bool {
        false
    }
}

/// `option httplog`.
pub fn httplog() -> Format {
    Format {}
}

/// `option httplog clf`.
pub fn httplog_clf() -> Format {
    Format {}
}

/// `option tcplog`.
pub fn tcplog() -> Format {
    Format {}
}

/// The line of a proxy without any `log-format`, written when the connection was accepted.
pub fn default_line(_mode: Mode) -> Format {
    Format {}
}
