//! `add-headers-bin`, `set-headers-bin` and `del-headers-bin`: many headers at once, from a value as
//! `req.hdrs_bin` makes it, or from names alone.

use super::{EVERYWHERE, HttpAction, Keyword, Line, RuleSet, verdict};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::expression::Expression;
use crate::vocab::matcher::Method;
use crate::vocab::sample::{ROOM, Sample, Type};

pub(super) const ADD: Keyword = Keyword {
    name: "add-headers-bin",
    sets: EVERYWHERE,
    usage: "add-headers-bin <expression> [ prefix <text> ] [ { if | unless } <condition> ]",
    doc: "Adds the headers of an encoded list, or those whose names start with <text>.",
    build: |line| build(line, Edit::Add),
};

pub(super) const SET: Keyword = Keyword {
    name: "set-headers-bin",
    sets: EVERYWHERE,
    usage: "set-headers-bin <expression> [ prefix <text> ] [ { if | unless } <condition> ]",
    doc: "As \"add-headers-bin\", and removes the headers of these names that are there.",
    build: |line| build(line, Edit::Set),
};

pub(super) const DEL: Keyword = Keyword {
    name: "del-headers-bin",
    sets: EVERYWHERE,
    usage: "del-headers-bin <expression> [ -m { str | beg | end | sub } ] [ { if | unless } <condition> ]",
    doc: "Removes the headers whose names are in an encoded list of names, or match one of them by the method of \
          \"-m\".",
    build: build_removal,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Add,
    Set,
    /// Those that this method finds.
    Del(Method),
}

/// Headers about the connection and about framing, which are no rule's business.
const UNTOUCHABLE: [&[u8]; 10] = [
    b"connection",
    b"content-length",
    b"expect",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
];

#[derive(Debug)]
struct HeadersBin {
    set: RuleSet,
    edit: Edit,
    list: Expression,
    prefix: Box<[u8]>,
}

fn build(line: &mut Line<'_, '_, '_>, edit: Edit) -> Option<Box<dyn HttpAction>> {
    let list = line.expression()?;
    let mut prefix = Box::default();
    if line.rest.first().is_some_and(|word| *word == "prefix") {
        line.next();
        prefix = line.required("a text after 'prefix'")?.bytes.clone();
    }
    let set = line.set;
    Some(Box::new(HeadersBin {
        set,
        edit,
        list,
        prefix,
    }))
}

fn build_removal(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let list = line.expression()?;
    let mut method = Method::Str;
    if line.rest.first().is_some_and(|word| *word == "-m") {
        line.next();
        let word = line.required("a matching method after '-m'")?;
        let known = Method::find(&word.bytes)
            .filter(|found| matches!(found, Method::Str | Method::Beg | Method::End | Method::Sub));
        let Some(found) = known else {
            let message = match &*word.bytes {
                b"reg" => "-m reg is unsupported with del-headers-bin due to performance reasons"
                    .to_owned(),
                _ => format!("-m with unsupported matching method '{}'", word.text()),
            };
            line.error_near(word, message, ["str", "beg", "end", "sub"]);
            return None;
        };
        method = found;
    }
    Some(Box::new(HeadersBin {
        set: line.set,
        edit: Edit::Del(method),
        list,
        prefix: Box::default(),
    }))
}

/// Whether a header is among those that `wanted` means.
fn finds(method: Method, name: &[u8], wanted: &[u8]) -> bool {
    let is = |part: &[u8]| part.eq_ignore_ascii_case(wanted);
    match method {
        Method::Beg => name.get(..wanted.len()).is_some_and(is),
        Method::End => {
            let start = name.len().checked_sub(wanted.len());
            start.and_then(|start| name.get(start..)).is_some_and(is)
        }
        Method::Sub => name.windows(wanted.len()).any(is),
        _ => is(name),
    }
}

impl HttpAction for HeadersBin {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let mut list = cx.scratch.take_text();
        let found = self.list.one(&cx.view(), &mut |value| {
            if let Some(Sample::Bin(bytes)) = value.cast(Type::Bin, &mut ROOM.clone()) {
                list.extend_from_slice(bytes);
            }
        });
        let verdict = match found {
            true => self.apply(&list, cx),
            false => Verdict::Continue,
        };
        cx.scratch.give_text(list);
        verdict
    }
}

impl HeadersBin {
    fn apply(&self, mut list: &[u8], cx: &mut ActionContext<'_>) -> Verdict {
        let Some(headers) = self.set.headers(cx) else {
            return Verdict::Continue;
        };
        // The list ends with an empty name; anything else is a wrong encoding.
        while let Some(name) = take_text(&mut list) {
            if name.is_empty() {
                return Verdict::Continue;
            }
            let value = match self.edit {
                Edit::Add | Edit::Set => take_text(&mut list),
                Edit::Del(_) => Some(b"".as_slice()),
            };
            let Some(value) = value else { break };
            let is_untouchable = UNTOUCHABLE.iter().any(|own| own.eq_ignore_ascii_case(name));
            if is_untouchable || !name.starts_with(&self.prefix) {
                continue;
            }
            let outcome = match self.edit {
                Edit::Add => headers.add_header(name, value),
                Edit::Set => headers.set_header(name, value),
                Edit::Del(method) => {
                    headers.remove_headers_where(|header| finds(method, header.name, name));
                    Ok(())
                }
            };
            if let failed @ Verdict::Failed = verdict(outcome) {
                return failed;
            }
        }
        Verdict::Failed
    }
}

/// A text after its length.
fn take_text<'l>(list: &mut &'l [u8]) -> Option<&'l [u8]> {
    let length = usize::try_from(take_varint(list)?).ok()?;
    let (text, rest) = list.split_at_checked(length)?;
    *list = rest;
    Some(text)
}

/// See [`crate::vocab::fetch`]'s `req.hdrs_bin` for the encoding.
fn take_varint(list: &mut &[u8]) -> Option<u64> {
    let mut next = || {
        let (&byte, rest) = list.split_first()?;
        *list = rest;
        Some(u64::from(byte))
    };
    let mut value = next()?;
    if value < 240 {
        return Some(value);
    }
    let mut shift = 4;
    loop {
        let byte = next()?;
        value = value.checked_add(byte.checked_shl(shift)?)?;
        if byte < 128 {
            return Some(value);
        }
        shift += 7;
    }
}
