//! `set-map`, `del-map`, `add-acl`, `del-acl`: changes to lists of patterns, at once for all who
//! read them. A list that nothing reads is not changed.

use super::{ANSWERS, EVERYWHERE, HttpAction, Keyword, Line, with_text};
use crate::syntax::Word;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::pattern::PatternRef;
use std::sync::Arc;

pub(super) const SET_MAP: Keyword = Keyword {
    name: "set-map",
    sets: EVERYWHERE,
    usage: "set-map(<file>) <key fmt> <value fmt> [ { if | unless } <condition> ]",
    doc: "Gives the entry <key> of the map <file> the value <value>, adding it if it is not there.",
    build: |line| {
        let key = line.required("exactly 2 arguments")?;
        let value = line.required("exactly 2 arguments")?;
        let list = list(line)?;
        let (key, value) = (text(line, key)?, text(line, value)?);
        Some(Box::new(SetMap { list, key, value }))
    },
};

pub(super) const DEL_MAP: Keyword = Keyword {
    name: "del-map",
    sets: EVERYWHERE,
    usage: "del-map(<file>) <key fmt> [ { if | unless } <condition> ]",
    doc: "Removes the first entry <key> of the map <file>.",
    build: |line| change(line, |list, key| drop(list.delete(key))),
};

pub(super) const ADD_ACL: Keyword = Keyword {
    name: "add-acl",
    sets: ANSWERS,
    usage: "add-acl(<file>) <key fmt> [ { if | unless } <condition> ]",
    doc: "Adds the pattern <key> to the list <file> unless it is there.",
    build: |line| change(line, |list, key| drop(list.add_missing(key))),
};

pub(super) const DEL_ACL: Keyword = Keyword {
    name: "del-acl",
    sets: EVERYWHERE,
    usage: "del-acl(<file>) <key fmt> [ { if | unless } <condition> ]",
    doc: "Removes the first pattern <key> from the list <file>.",
    build: |line| change(line, |list, key| drop(list.delete(key))),
};

#[derive(Debug)]
struct SetMap {
    list: Arc<PatternRef>,
    key: Format,
    value: Format,
}

#[derive(Debug)]
struct Change {
    list: Arc<PatternRef>,
    key: Format,
    /// As in HAProxy, a key that cannot be used changes nothing, and nobody is told.
    change: fn(&PatternRef, &[u8]),
}

/// The list named between the parentheses.
fn list(line: &mut Line<'_, '_, '_>) -> Option<Arc<PatternRef>> {
    let Some((name, span)) = line.argument.filter(|(name, _)| !name.is_empty()) else {
        let message = format!("'{}' expects a file between parentheses", line.keyword.name);
        line.error(line.name, message);
        return None;
    };
    Some(line.scope.site.outer.patterns.changed(name, span))
}

/// A key or value, verbatim: it goes into no message.
fn text(line: &mut Line<'_, '_, '_>, word: &Word) -> Option<Format> {
    Format::parse(word, line.scope, FormatUse::Text)
}

fn change(
    line: &mut Line<'_, '_, '_>,
    change: fn(&PatternRef, &[u8]),
) -> Option<Box<dyn HttpAction>> {
    let key = line.required("exactly 1 argument")?;
    let list = list(line)?;
    let key = text(line, key)?;
    Some(Box::new(Change { list, key, change }))
}

impl HttpAction for SetMap {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        if self.list.is_used() {
            with_text(&self.key, cx, |cx, key| {
                with_text(&self.value, cx, |_, value| drop(self.list.put(key, value)));
            });
        }
        Verdict::Continue
    }
}

impl HttpAction for Change {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        if self.list.is_used() {
            with_text(&self.key, cx, |_, key| (self.change)(&self.list, key));
        }
        Verdict::Continue
    }
}
