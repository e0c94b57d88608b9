//! Every word HAProxy 3.4 knows, walkable from one place: [`keywords`].
//!
//! Words that do something are read from the registries of the modules that do it; the others,
//! and classes without a registry, are tables here. What must hold: each word is there once per
//! class and has one of four statuses; the counts written down in the tests are those of HAProxy.
//! From the list come `tidegate keywords`, the reference manual, `docs/COMPATIBILITY.md`,
//! `grammar/keywords.json` and the fuzz dictionary ([`generated`]).

mod class;
mod commands;
mod examples;
pub mod generated;
mod manual;
mod rules;
mod sections;
mod why;

pub use class::Class;
pub use why::not_applied;

use super::arguments::Arg;
use super::keyword::Status;
use super::{
    action, bind_option, condition, converter, fetch, known, log_alias, matcher, section,
    server_option,
};
use std::borrow::Cow;

/// One word of the language.
#[derive(Clone, Debug)]
pub struct KeywordInfo {
    /// What kind of word it is.
    pub class: Class,
    /// The word as users type it, without what precedes it (`option`, `timeout`…).
    pub name: &'static str,
    /// What follows it, as the manual writes it: `<value>`, `[optional]`, `{a | b}`. Empty for
    /// words that take nothing or do not work.
    pub args: Cow<'static, str>,
    /// Where it may stand, or when what it reads is there.
    pub allowed: &'static str,
    /// What happens to it.
    pub status: Status,
    /// Why it does not work; empty for words that do.
    pub reason: &'static str,
    /// What it does; empty for words that do not work.
    pub doc: &'static str,
    /// The word this one is another spelling of; empty for words of their own.
    pub same_as: &'static str,
    /// Expressions and what they give, or lines.
    pub examples: Vec<String>,
}

impl KeywordInfo {
    /// A word that works.
    pub fn working(
        class: Class,
        name: &'static str,
        args: impl Into<Cow<'static, str>>,
        doc: &'static str,
    ) -> Self {
        Self {
            class,
            name,
            args: args.into(),
            allowed: class.allowed(),
            status: Status::Works,
            reason: "",
            doc,
            same_as: "",
            examples: examples::of(class, name)
                .map(str::to_owned)
                .into_iter()
                .collect(),
        }
    }

    /// A word that does not, and why.
    pub fn other(class: Class, name: &'static str, status: Status, reason: &'static str) -> Self {
        Self {
            status,
            reason,
            ..Self::working(class, name, "", "")
        }
    }

    /// The same word allowed only there.
    #[must_use]
    pub fn allowed_in(self, allowed: &'static str) -> Self {
        Self { allowed, ..self }
    }

    /// Another spelling of `name`, unless it is that spelling.
    #[must_use]
    pub fn alias_of(self, name: &'static str) -> Self {
        let same_as = if name == self.name { "" } else { name };
        Self { same_as, ..self }
    }

    /// The same word with examples.
    #[must_use]
    pub fn examples(self, examples: impl Iterator<Item = String>) -> Self {
        Self {
            examples: examples.collect(),
            ..self
        }
    }

    /// The word as it stands in a configuration: `option httplog`, `timeout client`.
    pub fn full_name(&self) -> String {
        match self.class.prefix() {
            "" => self.name.to_owned(),
            prefix => format!("{prefix} {}", self.name),
        }
    }

    /// The word and what follows it.
    pub fn syntax(&self) -> String {
        let joint = match self.args.starts_with('(') || self.args.starts_with("[(") {
            true => "",
            false => " ",
        };
        match &*self.args {
            "" => self.full_name(),
            args => format!("{}{joint}{args}", self.full_name()),
        }
    }
}

/// Words of one class without a registry of their own.
struct Words {
    class: Class,
    status: Status,
    /// The reason, or what they do if they work.
    why: &'static str,
    words: &'static [&'static str],
}

const fn not_yet(class: Class, why: &'static str, words: &'static [&'static str]) -> Words {
    Words {
        class,
        status: Status::NotYet,
        why,
        words,
    }
}

/// A word that works and has no registry: its name, what follows it, what it does.
struct Row {
    class: Class,
    name: &'static str,
    args: &'static str,
    doc: &'static str,
}

const fn row(class: Class, name: &'static str, args: &'static str, doc: &'static str) -> Row {
    Row {
        class,
        name,
        args,
        doc,
    }
}

/// Every word of the language, in the order of [`Class::all`], each class in alphabetical order.
pub fn keywords() -> Vec<KeywordInfo> {
    let mut words: Vec<KeywordInfo> = section::global::VOCABULARY
        .infos(Class::Global)
        .chain(section::proxy::VOCABULARY.infos(Class::Proxy))
        .chain(section::proxy::option::VOCABULARY.infos(Class::Option))
        .chain(section::proxy::timeout::infos())
        .chain(section::proxy::balance_words())
        .chain(section::proxy::retry_words())
        .chain(bind_option::VOCABULARY.infos(Class::Bind))
        .chain(server_option::VOCABULARY.infos(Class::Server))
        .chain(section::cache::VOCABULARY.infos(Class::Cache))
        .chain(section::peers::VOCABULARY.infos(Class::Peers))
        .chain(section::ring::VOCABULARY.infos(Class::Ring))
        .chain(section::log_forward::VOCABULARY.infos(Class::LogForward))
        .chain(section::healthcheck::VOCABULARY.infos(Class::Healthcheck))
        .chain(section::userlist::VOCABULARY.infos(Class::Userlist))
        .chain(fetches())
        .chain(acl_words())
        .chain(converters())
        .chain(matchers())
        .chain(predefined())
        .chain(aliases())
        .chain(rules::actions())
        .chain(tables())
        .chain(commands::commands())
        .collect();
    for word in &mut words {
        if let Some(why) = not_applied(word.class, word.name) {
            *word = KeywordInfo::other(word.class, word.name, Status::NoEffect, why)
                .allowed_in(word.allowed);
        }
    }
    words.sort_by(|a, b| (a.class, a.name).cmp(&(b.class, b.name)));
    words
}

fn tables() -> impl Iterator<Item = KeywordInfo> {
    let rows = [sections::WORKING, rules::WORKING, commands::WORKING];
    let words = [sections::OTHERS, rules::OTHERS, commands::OTHERS];
    let rows = rows.into_iter().flatten();
    let words = words.into_iter().flatten();
    rows.map(|row| KeywordInfo::working(row.class, row.name, row.args, row.doc))
        .chain(words.flat_map(|group| {
            let info = |&name| KeywordInfo::other(group.class, name, group.status, group.why);
            group.words.iter().map(info)
        }))
}

/// What is left of a list of names when those that work are taken away, each with its reason.
fn not_working(
    class: Class,
    names: &'static [&'static str],
    works: impl Fn(&'static str) -> bool,
    why: why::Why,
) -> impl Iterator<Item = KeywordInfo> {
    let left = names.iter().filter(move |name| !works(name));
    left.map(move |name| KeywordInfo::other(class, name, Status::NotYet, why(name)))
}

fn fetches() -> impl Iterator<Item = KeywordInfo> {
    let works = |keyword: &'static fetch::Keyword, name| {
        let examples = keyword.examples.iter().map(|example| {
            let head = example.head.escape_default().to_string();
            let value = given(example.gives);
            match head.as_str() {
                "" => format!("{} → {value}", example.expression),
                head => format!("{} → {value}, of `{head}`", example.expression),
            }
        });
        KeywordInfo::working(Class::Fetch, name, list(keyword.args), keyword.doc)
            .allowed_in(keyword.needs.name())
            .alias_of(keyword.name())
            .examples(examples)
    };
    let working = fetch::working()
        .flat_map(move |keyword| keyword.names.iter().map(move |name| works(keyword, name)));
    let without_value = fetch::WITHOUT_VALUE
        .iter()
        .flat_map(|keyword| keyword.names.iter().map(move |name| (keyword, name)))
        .map(|(keyword, name)| {
            KeywordInfo::other(Class::Fetch, name, Status::NoEffect, keyword.doc)
        });
    let found = |name: &str| fetch::find(name.as_bytes()).is_some();
    let working = working.chain(without_value);
    working.chain(not_working(Class::Fetch, known::FETCHES, found, why::fetch))
}

fn acl_words() -> impl Iterator<Item = KeywordInfo> {
    known::ACL_WORDS
        .iter()
        .map(|&name| match fetch::find_acl_word(name.as_bytes()) {
            Some((keyword, method)) => KeywordInfo::working(
                Class::AclWord,
                name,
                list(keyword.args),
                "A fetch with a matching method, in conditions.",
            )
            .allowed_in(keyword.needs.name())
            .examples([format!("{} -m {}", keyword.name(), method.name())].into_iter()),
            None => KeywordInfo::other(Class::AclWord, name, Status::NotYet, why::fetch(name)),
        })
}

fn converters() -> impl Iterator<Item = KeywordInfo> {
    let works = |keyword: &'static converter::Keyword, name| {
        let examples = keyword.examples.iter();
        let examples =
            examples.map(|(expression, gives)| format!("{expression} → {}", given(*gives)));
        KeywordInfo::working(Class::Converter, name, list(keyword.args), keyword.doc)
            .alias_of(keyword.name())
            .examples(examples)
    };
    let working = converter::all()
        .flat_map(move |keyword| keyword.names.iter().map(move |name| works(keyword, name)));
    let found = |name: &str| converter::find(name.as_bytes()).is_some();
    working.chain(not_working(
        Class::Converter,
        known::CONVERTERS,
        found,
        why::converter,
    ))
}

fn matchers() -> impl Iterator<Item = KeywordInfo> {
    matcher::ALL.iter().map(|keyword| {
        let examples = keyword.examples.iter().map(|(value, patterns, matches)| {
            let verb = if *matches {
                "matches"
            } else {
                "does not match"
            };
            format!("{value} {verb} -m {} {}", keyword.name, patterns.join(" "))
        });
        KeywordInfo::working(Class::Matcher, keyword.name, "", keyword.doc).examples(examples)
    })
}

/// The predefined ACLs; one works when the fetch it is made of does.
fn predefined() -> impl Iterator<Item = KeywordInfo> {
    condition::PREDEFINED.iter().map(|&(name, definition)| {
        let fetch = definition.first().copied().unwrap_or("");
        let base = fetch.split('(').next().unwrap_or("").as_bytes();
        let class = Class::PredefinedAcl;
        if fetch::find(base).is_none() && fetch::find_acl_word(base).is_none() {
            return KeywordInfo::other(class, name, Status::NotYet, why::fetch(fetch));
        }
        KeywordInfo::working(class, name, "", "A condition that needs no `acl` line.")
            .examples([format!("{{ {} }}", definition.join(" "))].into_iter())
    })
}

fn aliases() -> impl Iterator<Item = KeywordInfo> {
    let working = log_alias::ALL.iter().flat_map(|family| family.iter());
    let working =
        working.map(|alias| KeywordInfo::working(Class::LogAlias, alias.name, "", alias.doc));
    let flags = KeywordInfo::working(
        Class::LogAlias,
        "o",
        "",
        "prints nothing: its flags, as in `%{+Q}o`, hold for the rest of the format",
    );
    let found = |name: &str| name == "o" || log_alias::find(name.as_bytes()).is_some();
    let reason = |_: &str| "what it prints is not known yet";
    working.chain([flags]).chain(not_working(
        Class::LogAlias,
        known::LOG_ALIASES,
        found,
        reason,
    ))
}

fn given(value: Option<&str>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"))
}

/// `(<a>[,<b>])`.
fn list(args: &[Arg]) -> String {
    let mut text = String::new();
    let mut open = 0;
    for (index, arg) in args.iter().enumerate() {
        if !arg.required {
            text.push('[');
            open += 1;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&format!("<{}>", arg.name));
    }
    text.push_str(&"]".repeat(open));
    match text.as_str() {
        "" => text,
        _ => format!("({text})"),
    }
}

/// Whether an action of that rule set works.
fn action_works(set: &str, name: &str) -> Option<&'static action::Keyword> {
    let here = |keyword: &&&action::Keyword| {
        let in_set = keyword.sets.iter().any(|one| one.keyword() == set);
        in_set && keyword.name == name
    };
    action::ALL.iter().find(here).copied()
}

#[cfg(test)]
mod tests;
