//! `set-bandwidth-limit <filter> [limit <size>] [period <time>]`: the stream comes under a
//! `filter bwlim-in` or `bwlim-out` of its proxy.

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::syntax::{Diagnostic, Word};
use crate::vocab::args::size;
use crate::vocab::bandwidth::BandwidthFilter;
use crate::vocab::context::{ActionContext, Context, Verdict};
use crate::vocab::entry_value;
use crate::vocab::expression::Expression;
use crate::vocab::rule_codes::UNKNOWN_BANDWIDTH;
use std::sync::Arc;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "set-bandwidth-limit",
    sets: &[
        RuleSet::Content,
        RuleSet::ResponseContent,
        RuleSet::Request,
        RuleSet::Response,
    ],
    usage: "set-bandwidth-limit <filter> [ limit { <size> | <expression> } ] \
            [ period { <time> | <expression> } ] [ { if | unless } <condition> ]",
    doc: "Puts the stream under the proxy's \"filter bwlim-in\" or \"bwlim-out\" of that name, with another \
          limit or period than the filter's if they are given and the limit is not shared. Heads are not counted.",
    build,
};

/// A number that is written or made for each stream; 0 and no value leave it to the filter.
#[derive(Debug)]
enum Amount {
    OfFilter,
    Fixed(u32),
    Made(Expression),
}

impl Amount {
    fn of(&self, cx: &Context<'_>, default: u32) -> u32 {
        let number = match self {
            Self::OfFilter => None,
            Self::Fixed(number) => Some(*number),
            Self::Made(expression) => {
                let mut number = None;
                expression.one(cx, &mut |value| {
                    number = value.int().and_then(|value| u32::try_from(value).ok());
                });
                number
            }
        };
        number.filter(|number| *number > 0).unwrap_or(default)
    }
}

#[derive(Debug)]
struct SetBandwidthLimit {
    filter: Arc<BandwidthFilter>,
    limit: Amount,
    period: Amount,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let Some(name) = line.next() else {
        line.error(line.name, "missing bwlim filter name".to_owned());
        return None;
    };
    let filter = find(line, name)?;
    let (mut limit, mut period) = (Amount::OfFilter, Amount::OfFilter);
    while let Some(word) = line.rest.first() {
        let (slot, what) = match &*word.bytes {
            b"limit" => (&mut limit, "limit"),
            b"period" => (&mut period, "period"),
            _ => break,
        };
        line.next();
        if filter.shared.is_some() {
            let message = format!(
                "set-bandwidth-limit rule cannot define a {what} for a shared bwlim filter"
            );
            line.error(word.span, message);
            return None;
        }
        if line.rest.is_empty() {
            line.error(word.span, format!("missing {what} value or expression"));
            return None;
        }
        *slot = amount(line, what == "period")?;
    }
    Some(Box::new(SetBandwidthLimit {
        filter,
        limit,
        period,
    }))
}

fn find(line: &mut Line<'_, '_, '_>, name: &Word) -> Option<Arc<BandwidthFilter>> {
    let text = name.text();
    let outer = line.scope.site.outer;
    let found = outer.bandwidth_named(&text);
    if found.is_none() {
        let message =
            format!("unable to find bwlim filter '{text}' referenced by set-bandwidth-limit rule");
        let known = outer.bandwidth();
        let names = known.iter().map(|filter| &*filter.name);
        let diagnostic = Diagnostic::error(UNKNOWN_BANDWIDTH, message).at(name.span, "");
        line.scope.diags.push(diagnostic.near(&text, names));
    }
    found
}

fn amount(line: &mut Line<'_, '_, '_>, is_time: bool) -> Option<Amount> {
    let word = line.rest.first()?;
    let written = match is_time {
        true => line.duration(word),
        false => size(&word.text()).ok(),
    };
    match written.and_then(|number| u32::try_from(number).ok()) {
        Some(number) => {
            line.next();
            Some(Amount::Fixed(number))
        }
        None => line.expression().map(Amount::Made),
    }
}

impl HttpAction for SetBandwidthLimit {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let view = cx.view();
        let spec = &self.filter.spec;
        let mut held = None;
        if let Some(shared) = &self.filter.shared {
            // Without a table, a key or room for it the rule is passed over.
            let Some(table) = entry_value::table(&view, &shared.table) else {
                return Verdict::Continue;
            };
            shared.key.one(&view, &mut |key| {
                let hold = |key: &[u8]| table.hold(key);
                held = entry_value::with_key(table.spec().key, key, hold).flatten();
            });
            if held.is_none() {
                return Verdict::Continue;
            }
        }
        let limit = self.limit.of(&view, spec.limit);
        let period_ms = self.period.of(&view, spec.period_ms);
        let mut throttles = cx.holds.throttles.borrow_mut();
        throttles.set(spec, limit, period_ms, held);
        Verdict::Continue
    }
}
