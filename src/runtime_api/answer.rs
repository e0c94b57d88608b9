//! What a command answers.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::watch;

/// How severe a message is: a syslog level, shown if `severity-output` says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of syslog levels")]
pub enum Severity {
    Error,
    Warning,
    Notice,
    Info,
}

impl Severity {
    /// The syslog level as a number.
    pub fn number(self) -> u8 {
        match self {
            Self::Error => 3,
            Self::Warning => 4,
            Self::Notice => 5,
            Self::Info => 6,
        }
    }

    /// The syslog level's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "err",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Info => "info",
        }
    }
}

/// Appends the next piece of a long answer; `false` once there is nothing more.
pub type Pieces = Box<dyn FnMut(&mut Vec<u8>) -> bool>;

/// Text that goes on.
pub struct Feed {
    /// Makes what there is now.
    pub next: Pieces,
    /// Changes when there is more.
    pub news: watch::Receiver<u64>,
}

/// What a command answers. An empty line follows in any case.
pub enum Answer {
    /// Nothing: it is done.
    Done,
    /// One message.
    Message(Severity, Cow<'static, str>),
    /// Text as it is, made piece by piece (some kilobytes each) as the client reads it.
    Pieces(Pieces),
    /// The same, and more of it as that comes, until the client says something.
    Feed(Feed),
    /// What comes later.
    Later(Pin<Box<dyn Future<Output = Answer>>>),
}

impl Answer {
    /// A message of that severity; its final line end may be left out.
    pub fn message(severity: Severity, text: impl Into<Cow<'static, str>>) -> Self {
        Self::Message(severity, text.into())
    }

    /// What was wanted.
    pub fn info(text: impl Into<Cow<'static, str>>) -> Self {
        Self::message(Severity::Info, text)
    }

    /// Why it was not done.
    pub fn error(text: impl Into<Cow<'static, str>>) -> Self {
        Self::message(Severity::Error, text)
    }

    /// That there is no such thing, and what there is; `show` lists all of it.
    pub fn no_such<'n>(thing: &str, show: &str, names: impl Iterator<Item = &'n str>) -> Self {
        const MOST_NAMED: usize = 10;
        let names: Vec<_> = names.take(MOST_NAMED + 1).collect();
        let shown = names.get(..MOST_NAMED).unwrap_or(&names).join(", ");
        Self::error(match names.len() {
            0 => format!("No such {thing}: there is none."),
            1..=MOST_NAMED => format!("No such {thing}; there is {shown}."),
            _ => format!("No such {thing}; there is {shown}, and more: '{show}'."),
        })
    }

    /// Text that is as good as made.
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        let mut text = Some(text.into());
        Self::pieces(move |out| {
            out.append(&mut text.take().unwrap_or_default());
            false
        })
    }

    /// Text made piece by piece.
    pub fn pieces(next: impl FnMut(&mut Vec<u8>) -> bool + 'static) -> Self {
        Self::Pieces(Box::new(next))
    }

    /// A line, or more, for each of many things.
    pub fn each<I>(items: I, mut show: impl FnMut(I::Item, &mut Vec<u8>) + 'static) -> Self
    where
        I: IntoIterator,
        I::IntoIter: 'static,
    {
        let mut items = items.into_iter();
        Self::pieces(move |out| match items.next() {
            Some(item) => {
                show(item, out);
                true
            }
            None => false,
        })
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("Done"),
            Self::Message(severity, text) => write!(f, "{severity:?} {text:?}"),
            Self::Pieces(_) => f.write_str("Pieces"),
            Self::Feed(_) => f.write_str("Feed"),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}
