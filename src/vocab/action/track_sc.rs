//! `track-sc<number> <key> [table <table>]`: follows an entry of a stick table from here on.
//!
//! Connection and session rules track for the connection, the others for the stream. A slot that
//! is taken stays as it is, and a key without value or a full table tracks nothing (SEMANTICS 2.5).

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::syntax::Diagnostic;
use crate::table::Event;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::entry_value;
use crate::vocab::expression::{self, Expression};
use crate::vocab::outer::{Link, Reference, Target};
use crate::vocab::rule_codes;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "track-sc",
    sets: &[
        RuleSet::Connection,
        RuleSet::Session,
        RuleSet::Content,
        RuleSet::Request,
        RuleSet::Response,
    ],
    usage: "track-sc<number> <key> [table <table>] [ { if | unless } <condition> ]",
    doc: "Counts the connection or the stream on the entry of <key> in a stick table, the \
          section's own unless one is named. What is counted before is left alone.",
    build,
};

#[derive(Debug)]
struct Track {
    slot: u8,
    key: Expression,
    table: Link<u32>,
    set: RuleSet,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let slot = slot(line)?;
    let (key, taken) = expression::parse_words(line.word, line.rest, line.scope)?;
    line.rest = line.rest.get(taken..).unwrap_or_default();
    let mut table = None;
    if line.rest.first().is_some_and(|word| *word == "table") {
        line.next();
        table = line.next();
        if table.is_none() {
            line.error(line.name, "missing table name".to_owned());
            return None;
        }
    }
    let link = Link::default();
    line.scope.site.outer.refer(Reference {
        target: Target::Tracked(link.clone(), key.gives()),
        name: table.map(|word| word.text().into()).unwrap_or_default(),
        proxy: line.scope.site.proxy.into(),
        span: table.map_or(line.name, |word| word.span),
        what: format!("track-sc{slot}"),
    });
    Some(Box::new(Track {
        slot,
        key,
        table: link,
        set: line.set,
    }))
}

/// The number behind the name.
fn slot(line: &mut Line<'_, '_, '_>) -> Option<u8> {
    let text = line.word.text();
    let number = text.strip_prefix("track-sc").unwrap_or_default();
    let most = line.scope.site.outer.stick_counters();
    let message = match number.parse::<u64>() {
        Ok(found) if found < most.into() => return u8::try_from(found).ok(),
        Ok(found) if most == 0 => format!(
            "{found} track-sc number not usable, stick-counters are disabled by tune.stick-counters"
        ),
        Ok(found) => format!(
            "{found} track-sc number exceeding {} (tune.stick-counters-1) value",
            most - 1
        ),
        Err(_) => format!("Wrong track-sc number '{number}'"),
    };
    let help = "write a number of 'track-sc0' to 'track-sc2', or raise 'tune.stick-counters'";
    let found = Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message);
    line.scope.diags.push(found.at(line.name, "").help(help));
    None
}

impl HttpAction for Track {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let view = cx.view();
        if view.tracks.get(self.slot).is_some() {
            return Verdict::Continue;
        }
        let Some(table) = entry_value::table(&view, &self.table) else {
            return Verdict::Continue;
        };
        let mut tracked = None;
        let is_known = self.key.one(&view, &mut |key| {
            let track = |key: &[u8]| table.track(key, view.now());
            tracked = entry_value::with_key(table.spec().key, key, track).flatten();
        });
        let Some(tracked) = tracked else {
            // In TCP mode the key may be in bytes still to come.
            let waits = |content: &crate::vocab::content::Content<'_>| {
                content.bytes().is_some() && !content.is_settled()
            };
            return match !is_known && view.content.is_some_and(waits) {
                true => Verdict::Incomplete,
                false => Verdict::Continue,
            };
        };
        if matches!(self.set, RuleSet::Request | RuleSet::Response) {
            tracked.event(Event::HttpReq, view.now());
        }
        // What the response counts was counted before its rules.
        if self.set == RuleSet::Response
            && let Some(response) = view.response
            && let Some(classes) = view.state.status_classes()
        {
            if classes.errors.contains(response.status()) {
                tracked.event(Event::HttpErr, view.now());
            }
            if classes.failures.contains(response.status()) {
                tracked.event(Event::HttpFail, view.now());
            }
        }
        if self.set == RuleSet::Content && view.names.backend_index.is_some() {
            view.tracks.owe(self.slot);
        }
        view.tracks.fill(self.slot, tracked);
        Verdict::Continue
    }
}
