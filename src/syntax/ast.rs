//! The tree a configuration parses to: sections of statements of words.

use super::source::Span;

/// One word after quotes, escapes and environment expansion.
///
/// Bytes, because `\xHH` can spell any byte. Compare with `word == "text"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word's value.
    pub bytes: Box<[u8]>,
    /// Where it was written, quotes included.
    pub span: Span,
}

impl Word {
    /// The value as text; invalid UTF-8 is shown with replacement characters.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        *self.bytes == *other.as_bytes()
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        *self.bytes == *other.as_bytes()
    }
}

/// One line of a section: a keyword and its arguments. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The keyword and its arguments.
    pub words: Vec<Word>,
}

/// The kinds of section HAProxy 3.4 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the section keyword of the same name")]
pub enum SectionKind {
    Acme,
    Backend,
    Cache,
    CrtStore,
    Defaults,
    FcgiApp,
    Frontend,
    Global,
    Healthcheck,
    HttpErrors,
    Listen,
    LogForward,
    LogProfile,
    Mailers,
    NamespaceList,
    Peers,
    Resolvers,
    Ring,
    Traces,
    Userlist,
    /// A line that looks like a section but is none; reported once, its statements are skipped.
    Unknown,
}

impl SectionKind {
    /// Every kind but [`SectionKind::Unknown`], with its keyword.
    pub const ALL: [(&'static str, Self); 20] = [
        ("acme", Self::Acme),
        ("backend", Self::Backend),
        ("cache", Self::Cache),
        ("crt-store", Self::CrtStore),
        ("defaults", Self::Defaults),
        ("fcgi-app", Self::FcgiApp),
        ("frontend", Self::Frontend),
        ("global", Self::Global),
        ("healthcheck", Self::Healthcheck),
        ("http-errors", Self::HttpErrors),
        ("listen", Self::Listen),
        ("log-forward", Self::LogForward),
        ("log-profile", Self::LogProfile),
        ("mailers", Self::Mailers),
        ("namespace_list", Self::NamespaceList),
        ("peers", Self::Peers),
        ("resolvers", Self::Resolvers),
        ("ring", Self::Ring),
        ("traces", Self::Traces),
        ("userlist", Self::Userlist),
    ];

    /// The kind a line's first word opens.
    pub fn from_keyword(word: &[u8]) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(keyword, _)| keyword.as_bytes() == word)
            .map(|&(_, kind)| kind)
    }

    /// The word that opens such a section; empty for [`SectionKind::Unknown`].
    pub fn keyword(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|&&(_, kind)| kind == self)
            .map_or("", |&(keyword, _)| keyword)
    }
}

/// One section: its opening line and the statements under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// The opening line: the section keyword, then its name and options.
    pub words: Vec<Word>,
    /// The lines under it, in order.
    pub statements: Vec<Statement>,
}

/// A whole configuration: every section of every file, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The sections in the order they were read.
    pub sections: Vec<Section>,
}
