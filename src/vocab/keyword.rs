//! What is known of a word, and tables of words.
//!
//! A [`Vocabulary`] holds the words of one context: those that work, each with its build
//! function, and families of words that do not, each family with one reason. Look-up is by hash
//! and the lists are walkable.

use super::suggest::closest;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A set of section kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sections(u8);

impl Sections {
    /// `global`.
    pub const GLOBAL: Self = Self(1);
    /// `defaults`, named or not.
    pub const DEFAULTS: Self = Self(2 | 4);
    /// `defaults` without a name.
    pub const ANONYMOUS_DEFAULTS: Self = Self(2);
    /// `defaults` with a name.
    pub const NAMED_DEFAULTS: Self = Self(4);
    /// `frontend`, and `listen` as one.
    pub const FRONTEND: Self = Self(8);
    /// `backend`, and `listen` as one.
    pub const BACKEND: Self = Self(16);
    /// Both halves of `listen`.
    pub const LISTEN: Self = Self(8 | 16);
    /// `defaults` and the client side.
    pub const FRONT: Self = Self(2 | 4 | 8);
    /// `defaults` and the server side.
    pub const BACK: Self = Self(2 | 4 | 16);
    /// Every kind of proxy section.
    pub const PROXIES: Self = Self(2 | 4 | 8 | 16);

    /// `userlist`.
    pub const USERLIST: Self = Self(32);
    /// `http-errors`.
    pub const HTTP_ERRORS: Self = Self(64);

    /// Either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a section of kind `one` may use the word: any side in common is enough.
    pub const fn allows(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    /// Whether this is about `global`.
    pub const fn is_global(self) -> bool {
        self.0 & Self::GLOBAL.0 != 0
    }
}

/// What happens to a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does what HAProxy's does.
    Works,
    /// Accepted; there is nothing here that it could change.
    NoEffect,
    /// Refused, for now.
    NotYet,
    /// Refused: HAProxy 3.4 refuses it too.
    Removed,
}

/// A word that works.
#[derive(Debug)]
pub struct Keyword<B: 'static> {
    /// As users type it.
    pub name: &'static str,
    /// Its arguments as the manual writes them: `<value>`, `[optional]`, `{a | b}`.
    pub args: &'static str,
    /// Where it may stand.
    pub sections: Sections,
    /// One line for the reference manual.
    pub doc: &'static str,
    /// Reads the arguments into a draft.
    pub build: B,
}

/// Words that share one fate for one reason.
#[derive(Debug)]
pub struct Family {
    /// Their fate.
    pub status: Status,
    /// The reason, or what they belong to; for removed words what to write instead.
    pub why: &'static str,
    /// Where they may stand.
    pub sections: Sections,
    /// Words and, for option words, how many values follow each.
    pub words: &'static [(&'static str, u8)],
}

/// The words of one context.
#[derive(Debug)]
pub struct Vocabulary<B: 'static> {
    /// Lists of words that work.
    pub lists: &'static [&'static [Keyword<B>]],
    /// The others.
    pub families: &'static [Family],
    /// Filled at first use.
    pub index: OnceLock<HashMap<&'static str, Entry<B>>>,
}

/// What a look-up finds.
#[derive(Debug)]
pub enum Entry<B: 'static> {
    /// A word that works.
    Works(&'static Keyword<B>),
    /// One of a family, and how many values follow it.
    Other(&'static Family, u8),
}

impl<B> Clone for Entry<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Entry<B> {}

/// A row of the reference.
#[derive(Clone, Debug)]
pub struct KeywordInfo {
    /// The word with its context, such as `option httplog` or `bind tfo`.
    pub name: Cow<'static, str>,
    /// Its arguments, as in [`Keyword::args`]; empty for words that do not work.
    pub args: &'static str,
    /// Where it may stand.
    pub sections: Sections,
    /// What happens to it.
    pub status: Status,
    /// One line.
    pub doc: &'static str,
}

impl<B: 'static> Vocabulary<B> {
    /// A vocabulary of these lists and families.
    pub const fn new(lists: &'static [&'static [Keyword<B>]], families: &'static [Family]) -> Self {
        Self {
            lists,
            families,
            index: OnceLock::new(),
        }
    }

    /// Finds a word.
    pub fn find(&self, name: &str) -> Option<Entry<B>> {
        self.index
            .get_or_init(|| self.entries().collect())
            .get(name)
            .copied()
    }

    /// The known word most like an unknown one, among those not removed.
    pub fn suggest(&self, name: &str) -> Option<&'static str> {
        closest(
            name,
            self.entries()
                .filter(|(_, entry)| entry.status() != Status::Removed)
                .map(|(name, _)| name),
        )
    }

    /// Every word with the text that precedes it in a configuration.
    pub fn infos(&self, before: &'static str) -> impl Iterator<Item = KeywordInfo> {
        self.entries().map(move |(name, entry)| KeywordInfo {
            name: match before {
                "" => Cow::Borrowed(name),
                _ => Cow::Owned(format!("{before}{name}")),
            },
            args: entry.args(),
            sections: entry.sections(),
            status: entry.status(),
            doc: entry.doc(),
        })
    }

    fn entries(&self) -> impl Iterator<Item = (&'static str, Entry<B>)> + use<B> {
        let words = self
            .lists
            .iter()
            .flat_map(|list| list.iter())
            .map(|word| (word.name, Entry::Works(word)));
        let others = self.families.iter().flat_map(|family| {
            family
                .words
                .iter()
                .map(move |&(name, values)| (name, Entry::Other(family, values)))
        });
        words.chain(others)
    }
}

impl<B> Entry<B> {
    /// Where the word may stand.
    pub fn sections(&self) -> Sections {
        match self {
            Self::Works(word) => word.sections,
            Self::Other(family, _) => family.sections,
        }
    }

    /// How many values follow the word where words follow each other on one line.
    pub fn values(&self) -> usize {
        match self {
            Self::Works(word) => usize::from(!word.args.is_empty()),
            Self::Other(_, values) => usize::from(*values),
        }
    }

    fn args(&self) -> &'static str {
        match self {
            Self::Works(word) => word.args,
            Self::Other(..) => "",
        }
    }

    fn status(&self) -> Status {
        match self {
            Self::Works(_) => Status::Works,
            Self::Other(family, _) => family.status,
        }
    }

    fn doc(&self) -> &'static str {
        match self {
            Self::Works(word) => word.doc,
            Self::Other(family, _) => family.why,
        }
    }
}
