//! Matching methods: how conditions compare a value with patterns. One method is one file plus
//! one line of [`ALL`].
//!
//! What must hold: matching allocates nothing, and gives the same answer for few and for many
//! patterns, loaded at once or added one by one.

use super::pattern::{BadPattern, EntryId, PatternRef, Records, Spec, Values, View};
use super::sample::{Sample, Type};

mod beg;
mod bin;
mod bool;
mod dir;
mod dom;
mod end;
mod found;
mod int;
mod ip;
mod len;
mod meth;
mod ranges;
mod reg;
mod str;
mod sub;
mod text;
mod version;

/// Every matching method.
pub const ALL: &[&Keyword] = &[
    &beg::KEYWORD,
    &bin::KEYWORD,
    &bool::KEYWORD,
    &dir::KEYWORD,
    &dom::KEYWORD,
    &end::KEYWORD,
    &found::KEYWORD,
    &int::KEYWORD,
    &ip::KEYWORD,
    &len::KEYWORD,
    &reg::KEYWORD,
    &str::KEYWORD,
    &sub::KEYWORD,
];

/// Methods that have no `-m` word: how certain fetches are compared without one.
const UNNAMED: &[&Keyword] = &[&meth::KEYWORD, &version::KEYWORD];

pub(super) use version::number as version_number;

/// The names of the matching methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each is the `-m` word of the same name, manual section 7.1"
)]
pub enum Method {
    Beg,
    Bin,
    Bool,
    Dir,
    Dom,
    End,
    Found,
    Int,
    Ip,
    Len,
    Meth,
    Reg,
    Str,
    Sub,
    Version,
}

impl Method {
    /// The method of that `-m` word.
    pub fn find(name: &[u8]) -> Option<Self> {
        let named = |keyword: &&&Keyword| keyword.name.as_bytes() == name;
        ALL.iter().find(named).map(|keyword| keyword.method)
    }

    /// The method an ACL word's suffix stands for, as in `path_beg`.
    pub fn of_suffix(suffix: &str) -> Option<Self> {
        use Method::{Beg, Dir, Dom, End, Len, Reg, Sub};
        let method = Self::find(suffix.as_bytes())?;
        matches!(method, Beg | Dir | Dom | End | Len | Reg | Sub).then_some(method)
    }

    /// The method that fits values of a type without `-m`.
    pub fn of_type(gives: Type) -> Option<Self> {
        match gives {
            Type::Bool => Some(Self::Bool),
            Type::Sint => Some(Self::Int),
            Type::Addr | Type::Ipv4 => Some(Self::Ip),
            Type::Str => Some(Self::Str),
            Type::Meth => Some(Self::Meth),
            Type::Bin | Type::Any => None,
        }
    }

    /// Its `-m` word.
    pub fn name(self) -> &'static str {
        self.keyword().map_or("", |keyword| keyword.name)
    }

    /// Whether values of that type can be compared this way.
    pub fn fits(self, gives: Type) -> bool {
        self.takes().is_none_or(|takes| gives.becomes(takes))
    }

    /// The type its values are cast to; `None` takes any.
    pub fn takes(self) -> Option<Type> {
        self.keyword()?.takes
    }

    /// Whether it compares with integers, and so takes `ge 5` and the like.
    pub fn takes_operators(self) -> bool {
        matches!(self, Self::Int | Self::Len | Self::Version)
    }

    /// Whether it looks at no patterns at all.
    pub fn needs_no_patterns(self) -> bool {
        matches!(self, Self::Found | Self::Bool)
    }

    /// An index without patterns.
    pub(super) fn index(self, spec: Spec) -> Box<dyn Index> {
        match self.keyword() {
            Some(keyword) => (keyword.build)(spec),
            None => Box::new(Truth),
        }
    }

    fn keyword(self) -> Option<&'static Keyword> {
        let all = ALL.iter().chain(UNNAMED);
        all.copied().find(|keyword| keyword.method == self)
    }
}

/// One matching method of the language.
#[derive(Debug)]
pub struct Keyword {
    /// Its `-m` word.
    pub name: &'static str,
    /// What it is.
    pub method: Method,
    /// The type its values are cast to; `None` takes any.
    pub takes: Option<Type>,
    /// One or two sentences for the reference manual.
    pub doc: &'static str,
    /// Cases that are run as tests: a text, patterns, whether they match it.
    pub examples: &'static [Example],
    /// Makes an index of that kind.
    pub build: fn(Spec) -> Box<dyn Index>,
}

/// A value as text, patterns as words (`-i` among them), and whether one matches.
pub type Example = (&'static str, &'static [&'static str], bool);

/// The patterns of a list as one method finds them.
pub trait Index: std::fmt::Debug + Send + Sync {
    /// Takes a pattern in.
    ///
    /// # Errors
    /// When the method cannot read it; the index is as before.
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern>;

    /// Takes a pattern out.
    fn remove(&mut self, id: EntryId, records: &Records);

    /// Called after one or many changes: what is costly is done here.
    fn settle(&mut self, _: &Records) {}

    /// The pattern that matches; of several, the one HAProxy takes.
    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId>;

    /// Whether one matches.
    fn matches(&self, value: Sample<'_>, records: &Records) -> bool {
        self.find(value, records).is_some()
    }

    /// Expands `template` with the groups that a regular expression matches in `text`.
    fn expand(&self, _id: EntryId, _template: &[u8], _text: &[u8], _out: &mut Vec<u8>) -> bool {
        false
    }

    /// Another one with the same patterns.
    fn duplicate(&self) -> Box<dyn Index>;
}

/// For methods that look at no patterns: the value is not zero, or is there.
#[derive(Clone, Debug)]
struct Truth;

impl Index for Truth {
    fn insert(&mut self, _: EntryId, _: &Records) -> Result<(), BadPattern> {
        Ok(())
    }

    fn remove(&mut self, _: EntryId, _: &Records) {}

    fn find(&self, _: Sample<'_>, _: &Records) -> Option<EntryId> {
        None
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(Self)
    }
}

/// A method with its patterns, as conditions use it.
#[derive(Debug)]
pub(super) struct Matcher {
    method: Method,
    lists: Vec<View>,
}

impl Matcher {
    pub(super) fn new(method: Method, lists: Vec<View>) -> Self {
        Self { method, lists }
    }

    /// A matcher of one pattern that nothing changes.
    pub(super) fn of_one(
        method: Method,
        pattern: &[u8],
        ignore_case: bool,
    ) -> Result<Self, BadPattern> {
        let list = PatternRef::of_one(pattern);
        let view = list.view(Spec {
            method,
            ignore_case,
            full_addresses: false,
            values: Values::Text,
        });
        let view = view.map_err(|(_, bad)| bad)?;
        list.settle();
        Ok(Self::new(method, vec![view]))
    }

    /// Whether a value matches; it is already of the type the method takes.
    pub(super) fn matches(&self, value: Sample<'_>) -> bool {
        match self.method {
            Method::Found => true,
            Method::Bool => value.int().is_some_and(|value| value != 0),
            _ => self.lists.iter().any(|list| list.matches(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::pattern::testing;
    use crate::vocab::sample::ROOM;

    #[test]
    fn examples_hold_and_names_are_unique() {
        for (index, keyword) in ALL.iter().chain(UNNAMED).enumerate() {
            assert!(
                !keyword.doc.is_empty() && !keyword.examples.is_empty(),
                "{}",
                keyword.name
            );
            let named = Method::find(keyword.name.as_bytes());
            assert_eq!(named, (index < ALL.len()).then_some(keyword.method));
            assert!(
                ALL.iter()
                    .skip(index + 1)
                    .all(|other| other.name != keyword.name)
            );
            for &(value, texts, expected) in keyword.examples {
                let ignore_case = texts.contains(&"-i");
                let patterns = texts.iter().filter(|text| **text != "-i").copied();
                let list = testing::list(&patterns.collect::<Vec<_>>());
                let view = list.view(testing::spec(keyword.method, ignore_case));
                let matcher = Matcher::new(keyword.method, vec![view.expect(keyword.name)]);
                let mut room = ROOM;
                let sample = Sample::Str(value.as_bytes());
                let sample = match keyword.takes {
                    Some(takes) => sample.cast(takes, &mut room),
                    None => Some(sample),
                };
                let got = sample.is_some_and(|sample| matcher.matches(sample));
                assert_eq!(got, expected, "{} {value:?} {texts:?}", keyword.name);
            }
        }
    }
}
