//! `filter bwlim-in|bwlim-out <name> …`: limits of bytes per time that `set-bandwidth-limit` names.
//!
//! A line belongs to its proxy and is read before that proxy's rules. Deliberately absent: when bytes
//! may go on (`protect::bandwidth`).

use super::args::{TimeUnit, duration, size};
use super::expression::{self, Expression};
use super::outer::{Link, Reference, Target};
use super::rule_codes::{BAD_BANDWIDTH, DUPLICATE_BANDWIDTH};
use super::scope::Scope;
use crate::protect::bandwidth::{BandwidthSpec, Direction};
use crate::syntax::{Diagnostic, Span, Word};
use std::sync::Arc;

/// The words after the name, for suggestions.
const WORDS: [&str; 6] = [
    "default-limit",
    "default-period",
    "limit",
    "key",
    "table",
    "min-size",
];

/// A filter that rules may name.
#[derive(Debug)]
pub struct BandwidthFilter {
    /// Its name within its proxy.
    pub name: Box<str>,
    /// Where that is.
    pub span: Span,
    /// What it limits.
    pub spec: Arc<BandwidthSpec>,
    /// What streams share it by; `None` gives each its own.
    pub shared: Option<Shared>,
}

/// Whose streams share a limit.
#[derive(Debug)]
pub struct Shared {
    /// Streams of the same value.
    pub key: Expression,
    /// The stick table that counts their bytes.
    pub table: Link<u32>,
}

#[derive(Default)]
struct Draft<'w> {
    shared: Option<&'w Word>,
    per_stream: Option<&'w Word>,
    limit: Option<u32>,
    period_ms: Option<u32>,
    min_size: u32,
    key: Option<Expression>,
    table: Option<&'w Word>,
}

/// Reads a line; `kind` is its second word, `words` those after it. `None` after an error, which is
/// reported.
pub fn parse(kind: &Word, words: &[Word], scope: &mut Scope<'_>) -> Option<BandwidthFilter> {
    let Some((name, mut rest)) = words.split_first() else {
        let message = format!("'{}' : a name is expected as first argument", kind.text());
        return report(scope, kind.span, message);
    };
    let text: Box<str> = name.text().into();
    let earlier = scope.site.outer.bandwidth_named(&text);
    if let Some(earlier) = earlier {
        let proxy = scope.site.proxy;
        let message = format!("bwlim filter '{text}' already declared for proxy '{proxy}'");
        let found = Diagnostic::error(DUPLICATE_BANDWIDTH, message);
        let found = found.at(name.span, "").at(earlier.span, "declared here");
        scope.diags.push(found);
        return None;
    }
    let mut draft = Draft::default();
    while let Some((word, after)) = rest.split_first() {
        rest = draft.word(kind, word, after, scope)?;
    }
    let direction = match &*kind.bytes {
        b"bwlim-in" => Direction::Up,
        _ => Direction::Down,
    };
    draft.finish(kind, name, direction, scope)
}

impl<'w> Draft<'w> {
    /// Reads an option; gives what follows it.
    fn word(
        &mut self,
        kind: &Word,
        word: &'w Word,
        after: &'w [Word],
        scope: &mut Scope<'_>,
    ) -> Option<&'w [Word]> {
        let name = word.text();
        let (is_shared, is_per_stream) = match &*name {
            "key" | "table" | "limit" => (true, false),
            "default-limit" | "default-period" => (false, true),
            "min-size" => (false, false),
            _ => {
                let message = format!("'filter {}' : unknown keyword '{name}'", kind.text());
                let found = Diagnostic::error(BAD_BANDWIDTH, message);
                scope.diags.push(found.at(word.span, "").near(&name, WORDS));
                return None;
            }
        };
        self.shared = self.shared.or(is_shared.then_some(word));
        self.per_stream = self.per_stream.or(is_per_stream.then_some(word));
        if self.shared.is_some() && self.per_stream.is_some() {
            let message = format!(
                "'{}' : cannot mix per-stream and shared parameter",
                kind.text()
            );
            return report(scope, word.span, message);
        }
        let Some((value, rest)) = after.split_first() else {
            let missing = match &*name {
                "key" => "the sample expression",
                "table" => "the table name",
                _ => "the value",
            };
            let message = format!(
                "'{}' : {missing} is missing for '{name}' option",
                kind.text()
            );
            return report(scope, word.span, message);
        };
        match &*name {
            "key" => {
                let (key, taken) = expression::parse_words(word, after, scope)?;
                self.key = Some(key);
                return Some(after.get(taken..).unwrap_or_default());
            }
            "table" => self.table = Some(value),
            "default-period" => {
                let time = duration(&value.text(), TimeUnit::Millis).ok();
                self.period_ms = Some(number(kind, word, value, time, scope)?);
            }
            "min-size" => {
                let bytes = size(&value.text()).ok();
                self.min_size = number(kind, word, value, bytes, scope)?;
            }
            _ => {
                let bytes = size(&value.text()).ok();
                self.limit = Some(number(kind, word, value, bytes, scope)?);
            }
        }
        Some(rest)
    }

    fn finish(
        self,
        kind: &Word,
        name: &Word,
        direction: Direction,
        scope: &mut Scope<'_>,
    ) -> Option<BandwidthFilter> {
        let is_shared = self.shared.is_some();
        let limit = self.limit.filter(|limit| *limit > 0);
        let period_ms = self.period_ms.filter(|period| *period > 0);
        let missing = match is_shared {
            true if self.key.is_none() => Some("key"),
            true if limit.is_none() => Some("limit"),
            false if period_ms.is_none() => Some("default-period"),
            false if limit.is_none() => Some("default-limit"),
            _ => None,
        };
        if let Some(missing) = missing {
            let message = format!("'{}' : <{missing}> option is missing", kind.text());
            return report(scope, name.span, message);
        }
        let spec = BandwidthSpec {
            direction,
            limit: limit?,
            period_ms: period_ms.unwrap_or(1),
            min_size: self.min_size,
        };
        let shared = self.key.map(|key| {
            let table = Link::default();
            scope.site.outer.refer(Reference {
                target: Target::Throttled(table.clone(), key.gives(), spec.rate()),
                name: self.table.map(|t| t.text().into()).unwrap_or_default(),
                proxy: scope.site.proxy.into(),
                span: self.table.map_or(name.span, |table| table.span),
                what: format!("bwlim filter '{}'", name.text()),
            });
            Shared { key, table }
        });
        Some(BandwidthFilter {
            name: name.text().into(),
            span: name.span,
            spec: Arc::new(spec),
            shared,
        })
    }
}

/// A number that an option takes.
fn number(
    kind: &Word,
    option: &Word,
    value: &Word,
    read: Option<u64>,
    scope: &mut Scope<'_>,
) -> Option<u32> {
    let number = read.and_then(|number| u32::try_from(number).ok());
    if number.is_none() {
        let text = value.text();
        let unexpected = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let why = match unexpected.chars().next() {
            Some(c) => format!("unexpected character '{c}'"),
            None => "it is too large".to_owned(),
        };
        let message = format!(
            "'{}' : invalid value for option '{}' ({why})",
            kind.text(),
            option.text()
        );
        return report(scope, value.span, message);
    }
    number
}

fn report<T>(scope: &mut Scope<'_>, span: Span, message: String) -> Option<T> {
    let help = "write '<name> default-limit <size> default-period <time>', or '<name> limit <size> \
                key <expression> [table <table>]', and 'min-size <size>' if wanted";
    let found = Diagnostic::error(BAD_BANDWIDTH, message);
    scope.diags.push(found.at(span, "").help(help));
    None
}
