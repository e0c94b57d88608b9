//! Matching methods: how conditions compare a value with patterns. One method is one file plus
//! one line of [`ALL`].
//!
//! What must hold: patterns are read once, when the configuration is; matching allocates
//! nothing, and gives the same answer for few and for many patterns.

use super::pattern::{BadPattern, Pattern};
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
mod reg;
mod str;
mod sub;

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
    Reg,
    Str,
    Sub,
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
            Type::Addr => Some(Self::Ip),
            Type::Str | Type::Meth => Some(Self::Str),
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
        matches!(self, Self::Int | Self::Len)
    }

    /// Whether it looks at no patterns at all.
    pub fn needs_no_patterns(self) -> bool {
        matches!(self, Self::Found | Self::Bool)
    }

    /// Reads the patterns.
    pub(super) fn build(self, patterns: &[Pattern]) -> Result<Box<dyn Matcher>, BadPattern> {
        match self.keyword() {
            Some(keyword) => (keyword.build)(patterns),
            None => Err(BadPattern::new(0, "unknown matching method")),
        }
    }

    fn keyword(self) -> Option<&'static Keyword> {
        ALL.iter().find(|keyword| keyword.method == self).copied()
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
    /// Reads patterns.
    pub build: Build,
}

/// Reads patterns.
pub type Build = fn(&[Pattern]) -> Result<Box<dyn Matcher>, BadPattern>;

/// A value as text, patterns as words (`-i` among them), and whether one matches.
pub type Example = (&'static str, &'static [&'static str], bool);

/// Patterns ready to be compared with.
pub trait Matcher: std::fmt::Debug + Send + Sync {
    /// Whether one of them matches.
    fn matches(&self, value: Sample<'_>) -> bool;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::arguments::tests::word;

    #[test]
    fn examples_hold_and_names_are_unique() {
        for (index, keyword) in ALL.iter().enumerate() {
            assert!(
                !keyword.doc.is_empty() && !keyword.examples.is_empty(),
                "{}",
                keyword.name
            );
            assert_eq!(Method::find(keyword.name.as_bytes()), Some(keyword.method));
            assert!(
                ALL.iter()
                    .skip(index + 1)
                    .all(|other| other.name != keyword.name)
            );
            for &(value, texts, expected) in keyword.examples {
                let ignore_case = texts.contains(&"-i");
                let patterns: Vec<_> = texts
                    .iter()
                    .filter(|text| **text != "-i")
                    .map(|text| Pattern {
                        text: text.as_bytes().into(),
                        ignore_case,
                        span: word("x").span,
                        origin: None,
                    })
                    .collect();
                let matcher = keyword.method.build(&patterns).expect(keyword.name);
                let mut room = crate::vocab::sample::ROOM;
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
