//! What is known of a word, and tables of words.
//!
//! A [`Vocabulary`] holds the words of one context: those that work, each with its build
//! function, and families of words that do not, each family with one reason. Look-up is by hash
//! and the lists are walkable.

use super::line::Line;
use super::reference::{Class, KeywordInfo};
use super::suggest::closest;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A set of section kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sections(u16);

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
    /// `cache`.
    pub const CACHE: Self = Self(256);
    /// `log-profile`.
    pub const LOG_PROFILE: Self = Self(128);
    /// `peers`.
    pub const PEERS: Self = Self(1 << 12);
    /// `healthcheck`.
    pub const HEALTHCHECK: Self = Self(512);
    /// `ring`.
    pub const RING: Self = Self(1024);
    /// `log-forward`.
    pub const LOG_FORWARD: Self = Self(2048);

    /// Either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a section of kind `one` may use the word: any side in common is enough.
    pub const fn allows(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    /// The sections, for the reference.
    pub fn names(self, class: Class) -> &'static str {
        let (defaults, named) = (self.0 & 2 != 0, self.0 & 4 != 0);
        let (front, back) = (self.allows(Self::FRONTEND), self.allows(Self::BACKEND));
        match (class, defaults, named, front, back) {
            (Class::Bind, ..) => "bind, stats socket",
            (Class::Server, ..) => "server, default-server",
            (_, false, false, false, false) => "global",
            (_, true, _, true, true) => "defaults, frontend, listen, backend",
            (_, true, _, true, false) => "defaults, frontend, listen",
            (_, true, _, false, _) => "defaults, listen, backend",
            (_, false, true, true, true) => "named defaults, frontend, listen, backend",
            (_, false, true, true, false) => "named defaults, frontend, listen",
            (_, false, true, false, _) => "named defaults, listen, backend",
            (_, false, false, true, true) => "frontend, listen, backend",
            (_, false, false, true, false) => "frontend, listen",
            (_, false, false, false, true) => "listen, backend",
        }
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

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Works, Self::NoEffect, Self::NotYet, Self::Removed];

    /// Its name on the command line and in `keywords.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::NoEffect => "no-effect",
            Self::NotYet => "not-yet",
            Self::Removed => "removed",
        }
    }

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Works => "Works",
            Self::NoEffect => "No effect here",
            Self::NotYet => "Not supported yet",
            Self::Removed => "Removed",
        }
    }
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

    /// Finds what a statement begins with: a word, or one together with its first argument, such as
    /// `timeout client`.
    pub fn find_statement(&self, line: &Line<'_, '_>) -> Option<Entry<B>> {
        let name = line.name();
        self.find(&name).or_else(|| {
            let first = line.text(1)?;
            self.find(&format!("{name} {first}"))
        })
    }

    /// The known word most like an unknown one, among those not removed.
    pub fn suggest(&self, name: &str) -> Option<&'static str> {
        closest(name, self.kept().map(|(name, _)| name))
    }

    /// The same for a section: of equally good words, one that may stand there. `others` come
    /// last.
    pub fn suggest_in(
        &self,
        name: &str,
        section: Sections,
        others: impl Iterator<Item = &'static str>,
    ) -> Option<&'static str> {
        let part = |here: bool| {
            self.kept()
                .filter(move |(_, entry)| entry.sections().allows(section) == here)
                .map(|(name, _)| name)
        };
        closest(name, part(true).chain(part(false)).chain(others))
    }

    fn kept(&self) -> impl Iterator<Item = (&'static str, Entry<B>)> + use<B> {
        self.entries()
            .filter(|(_, entry)| entry.status() != Status::Removed)
    }

    /// Every word, for the reference, as words of that class.
    pub fn infos(&self, class: Class) -> impl Iterator<Item = KeywordInfo> + use<B> {
        self.entries().map(move |(name, entry)| {
            let info = match entry {
                Entry::Works(word) => KeywordInfo::working(class, name, word.args, word.doc),
                Entry::Other(family, _) => {
                    KeywordInfo::other(class, name, family.status, family.why)
                }
            };
            info.allowed_in(entry.sections().names(class))
        })
    }

    /// Every word that works.
    pub fn working(&self) -> impl Iterator<Item = &'static Keyword<B>> + use<B> {
        self.lists.iter().flat_map(|list| list.iter())
    }

    fn entries(&self) -> impl Iterator<Item = (&'static str, Entry<B>)> + use<B> {
        let words = self.working().map(|word| (word.name, Entry::Works(word)));
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

    fn status(&self) -> Status {
        match self {
            Self::Works(_) => Status::Works,
            Self::Other(family, _) => family.status,
        }
    }
}
