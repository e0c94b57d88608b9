//! `sc-inc-gpc`, `sc-add-gpc` and `sc-set-gpt`: write to the entry that a counter tracks.
//!
//! Nothing happens if nothing is tracked, the table does not store that, or the value cannot be
//! known. Any of them keeps the entry, even adding 0 (SEMANTICS 2.6).

use super::{ALL_SETS, HttpAction, Keyword, Line};
use crate::table::DataType;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::entry_value::{element, index};
use crate::vocab::expression::{self, Expression};
use crate::vocab::sample::Type;

pub(super) const INC_GPC: Keyword = Keyword {
    name: "sc-inc-gpc",
    sets: ALL_SETS,
    usage: "sc-inc-gpc(<idx>,<sc-id>) [ { if | unless } <condition> ]",
    doc: "Adds one to an element of the general counters and of their rates.",
    build: |line| array(line, "gpc", GPC, |_| Some(Amount::Known(1))),
};

pub(super) const ADD_GPC: Keyword = Keyword {
    name: "sc-add-gpc",
    sets: ALL_SETS,
    usage: "sc-add-gpc(<idx>,<sc-id>) { <int> | <expr> } [ { if | unless } <condition> ]",
    doc: "Adds a number to an element of the general counters and of their rates.",
    build: |line| array(line, "gpc", GPC, amount),
};

pub(super) const SET_GPT: Keyword = Keyword {
    name: "sc-set-gpt",
    sets: ALL_SETS,
    usage: "sc-set-gpt(<idx>,<sc-id>) { <int> | <expr> } [ { if | unless } <condition> ]",
    doc: "Sets an element of the tags.",
    build: |line| array(line, "gpt", GPT, amount),
};

pub(super) const INC_GPC0: Keyword = Keyword {
    name: "sc-inc-gpc0",
    sets: ALL_SETS,
    usage: "sc-inc-gpc0[(<sc-id>)] [ { if | unless } <condition> ]",
    doc: "Adds one to the first general counter and to its rate.",
    build: |line| single(line, GPC0, |_| Some(Amount::Known(1))),
};

pub(super) const INC_GPC1: Keyword = Keyword {
    name: "sc-inc-gpc1",
    sets: ALL_SETS,
    usage: "sc-inc-gpc1[(<sc-id>)] [ { if | unless } <condition> ]",
    doc: "Adds one to the second general counter and to its rate.",
    build: |line| single(line, GPC1, |_| Some(Amount::Known(1))),
};

pub(super) const SET_GPT0: Keyword = Keyword {
    name: "sc-set-gpt0",
    sets: ALL_SETS,
    usage: "sc-set-gpt0[(<sc-id>)] { <int> | <expr> } [ { if | unless } <condition> ]",
    doc: "Sets the first tag.",
    build: |line| single(line, GPT0, amount),
};

/// What is written: a counter with its rate, or a tag.
#[derive(Clone, Copy, Debug)]
enum Written {
    Counter(DataType, DataType),
    Tag(DataType),
}

const GPC: Written = Written::Counter(DataType::Gpc, DataType::GpcRate);
const GPC0: Written = Written::Counter(DataType::Gpc0, DataType::Gpc0Rate);
const GPC1: Written = Written::Counter(DataType::Gpc1, DataType::Gpc1Rate);
const GPT: Written = Written::Tag(DataType::Gpt);
const GPT0: Written = Written::Tag(DataType::Gpt0);

#[derive(Debug)]
enum Amount {
    Known(u32),
    Asked(Expression),
}

#[derive(Debug)]
struct Write {
    slot: u8,
    index: u16,
    written: Written,
    amount: Amount,
}

type ReadAmount = fn(&mut Line<'_, '_, '_>) -> Option<Amount>;
type Built = Option<Box<dyn HttpAction>>;

/// `name(<idx>,<sc-id>)`.
fn array(line: &mut Line<'_, '_, '_>, what: &str, written: Written, read: ReadAmount) -> Built {
    let name = line.keyword.name;
    let form = format!("{name}(<{} ID>,<Track ID>)", what.to_uppercase());
    let inside = line.argument.map(|(inside, _)| inside).unwrap_or_default();
    let Some((element, track)) = inside.split_once(',') else {
        let message = format!("Missing {what} ID '{}'. Expects {form}", line.word.text());
        line.error(line.name, message);
        return None;
    };
    let Ok(element) = element.parse() else {
        let message = format!("Missing {what} ID '{}'. Expects {form}", line.word.text());
        line.error(line.name, message);
        return None;
    };
    let slot = slot(line, track, &form)?;
    let amount = read(line)?;
    Some(Box::new(Write {
        slot,
        index: index(Some(element)),
        written,
        amount,
    }))
}

/// `name` or `name(<sc-id>)`.
fn single(line: &mut Line<'_, '_, '_>, written: Written, read: ReadAmount) -> Built {
    let form = format!("{}(<Track ID>)", line.keyword.name);
    let slot = match line.argument {
        Some((track, _)) => slot(line, track, &form)?,
        None => 0,
    };
    let amount = read(line)?;
    Some(Box::new(Write {
        slot,
        index: 0,
        written,
        amount,
    }))
}

fn slot(line: &mut Line<'_, '_, '_>, track: &str, form: &str) -> Option<u8> {
    let most = line.scope.site.outer.stick_counters();
    let word = line.word.text().into_owned();
    let message = match track.parse::<u8>() {
        Ok(slot) if slot < most => return Some(slot),
        Ok(_) if most == 0 => {
            format!("Cannot use '{word}', stick-counters are disabled via tune.stick-counters")
        }
        Ok(_) => format!(
            "invalid stick table track ID '{word}'. The max allowed ID is {} (tune.stick-counters)",
            most - 1
        ),
        Err(_) => format!("invalid stick table track ID '{word}'. Expects {form}"),
    };
    line.error(line.name, message);
    None
}

/// A number, or an expression that gives one.
fn amount(line: &mut Line<'_, '_, '_>) -> Option<Amount> {
    let known = line.rest.first().and_then(|word| word.text().parse().ok());
    if let Some(number) = known {
        line.next();
        return Some(Amount::Known(number));
    }
    let (expression, taken) = expression::parse_words(line.word, line.rest, line.scope)?;
    if !expression.gives().becomes(Type::Sint) {
        let message = format!(
            "fetch method '{}' returns no integer, which '{}' expects",
            expression.name(),
            line.keyword.name
        );
        line.error(expression.span(), message);
        return None;
    }
    line.rest = line.rest.get(taken..).unwrap_or_default();
    Some(Amount::Asked(expression))
}

impl HttpAction for Write {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let view = cx.view();
        let Some(tracked) = view.tracks.get(self.slot) else {
            return Verdict::Continue;
        };
        let mut amount = None;
        match &self.amount {
            Amount::Known(number) => amount = Some(*number),
            Amount::Asked(expression) => {
                // The low 32 bits, as counters keep them.
                expression.one(&view, &mut |value| {
                    amount = value.int().map(|value| (value & 0xffff_ffff) as u32);
                });
            }
        }
        let Some(amount) = amount else {
            return Verdict::Continue;
        };
        let (table, entry) = (tracked.table(), tracked.entry());
        let place = |kind| element(table, kind, self.index);
        match self.written {
            Written::Counter(counter, rate) => {
                for kind in [rate, counter] {
                    if let Some(place) = place(kind) {
                        table.add(entry, place, amount, view.now());
                    }
                }
            }
            Written::Tag(tag) => {
                if let Some(place) = place(tag) {
                    table.set(entry, place, amount.into(), view.now());
                }
            }
        }
        Verdict::Continue
    }
}
