//! `stick`: keeps clients on servers by a key and a stick table.
//!
//! A rule looks for a server before one is chosen, notes a key to be stored with the server that
//! answers, or both. Deliberately absent: choosing and storing, which are the proxy's.

use super::condition::{self, Condition};
use super::context::Context;
use super::entry_value;
use super::expression::{self, Expression};
use super::outer::{Link, Reference, Target};
use super::rule_codes;
use super::scope::{Phase, Scope};
use super::suggest::closest;
use crate::syntax::{Diagnostic, Word};
use crate::table::{Key, Table};
use std::sync::Arc;

/// One `stick` line.
#[derive(Debug)]
pub struct StickRule {
    key: Expression,
    table: Link<u32>,
    condition: Option<Condition>,
    /// Looks for a server.
    pub matches: bool,
    /// Notes the key.
    pub stores: bool,
    /// Runs on the response.
    pub on_response: bool,
}

/// What can follow `stick`.
const FORMS: &[&str] = &["match", "on", "store-request", "store-response"];

/// Reads a line; `words` are those after the keyword.
pub fn parse(keyword: &Word, words: &[Word], scope: &mut Scope<'_>) -> Option<StickRule> {
    let form = words.first();
    let text = form.map(|word| word.text()).unwrap_or_default();
    let (matches, stores, on_response) = match &*text {
        "on" => (true, true, false),
        "match" => (true, false, false),
        "store" | "store-request" => (false, true, false),
        "store-response" => (false, true, true),
        _ => {
            let place = form.unwrap_or(keyword);
            let message = "'stick' expects 'on', 'match', or 'store'.";
            let mut found = Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message);
            found.help = closest(&text, FORMS.iter().copied()).map(expression::did_you_mean);
            scope.diags.push(found.at(place.span, ""));
            return None;
        }
    };
    scope.phase = match on_response {
        true => Phase::Response,
        false => Phase::Request,
    };
    let rest = words.get(1..).unwrap_or_default();
    let (key, taken) = expression::parse_words(form.unwrap_or(keyword), rest, scope)?;
    let mut rest = rest.get(taken..).unwrap_or_default();
    let mut table = None;
    if let [word, name, after @ ..] = rest
        && *word == "table"
    {
        (table, rest) = (Some(name), after);
    }
    let condition = match rest.first() {
        None => None,
        Some(word) if *word == "if" || *word == "unless" => Some(condition::parse(rest, scope)?),
        Some(word) => {
            let message = format!("'stick': unknown keyword '{}'.", word.text());
            let found = Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message);
            let found = found.at(word.span, "");
            scope
                .diags
                .push(found.near(&word.text(), ["if", "table", "unless"]));
            return None;
        }
    };
    let link = Link::default();
    scope.site.outer.refer(Reference {
        target: Target::Stuck(link.clone(), key.gives()),
        name: table.map(|word| word.text().into()).unwrap_or_default(),
        proxy: scope.site.proxy.into(),
        span: table.map_or(keyword.span, |word| word.span),
        what: "'stick'".to_owned(),
    });
    Some(StickRule {
        key,
        table: link,
        condition,
        matches,
        stores,
        on_response,
    })
}

impl StickRule {
    /// Its table.
    pub fn table<'s>(&self, cx: &Context<'s>) -> Option<&'s Arc<Table>> {
        entry_value::table(cx, &self.table)
    }

    /// The key, if the rule applies and there is one.
    pub fn key(&self, cx: &Context<'_>, table: &Table) -> Option<Key> {
        if self
            .condition
            .as_ref()
            .is_some_and(|found| !found.holds(cx))
        {
            return None;
        }
        let mut key = None;
        self.key.one(cx, &mut |sample| {
            key = entry_value::with_key(table.spec().key, sample, Key::new);
        });
        key
    }
}
