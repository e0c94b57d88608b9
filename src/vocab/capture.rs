//! What a frontend captures of its messages, for logs and later rules: `capture`, `declare
//! capture` and the actions `capture`.
//!
//! Slots are numbered per direction in the order of the configuration. Those without a header are
//! filled by rules. Deliberately absent: the captured texts, which belong to one stream.

use super::args::leading_integer;
use super::codes::BAD_CHOICE;
use super::line::span_of;
use crate::http1::{Headers, RequestHead, ResponseHead};
use crate::observe::{Captured, Record};
use crate::syntax::{Diagnostic, Diagnostics, Word};

/// The captures of one proxy.
#[derive(Clone, Debug, Default)]
pub struct Captures {
    /// Of requests.
    pub request: Slots,
    /// Of responses.
    pub response: Slots,
    /// `capture cookie`: its name, or the beginning of it, and most bytes kept of the pair.
    pub cookie: Option<(Box<[u8]>, usize)>,
    /// Whether it has a frontend's side, where captures are.
    pub is_front: bool,
}

/// The slots of one direction.
#[derive(Clone, Debug, Default)]
pub struct Slots(Vec<Slot>);

/// Where one text goes.
#[derive(Clone, Debug)]
struct Slot {
    /// The header it is taken from as soon as the head is there.
    header: Option<Box<[u8]>>,
    /// Most bytes kept.
    limit: usize,
}

impl Slots {
    /// Adds a slot and gives its number.
    pub fn add(&mut self, header: Option<&[u8]>, limit: usize) -> usize {
        self.0.push(Slot {
            header: header.map(Into::into),
            limit,
        });
        self.0.len() - 1
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes room for the texts, and takes those that come from headers: of several lines of a
    /// name the last.
    fn take(&self, headers: &Headers, captured: &Captured) {
        self.prepare(captured);
        for (index, slot) in self.0.iter().enumerate() {
            let value = slot
                .header
                .as_ref()
                .and_then(|name| headers.header_values(name).last());
            if let Some(value) = value {
                captured.put(index, value);
            }
        }
    }

    fn prepare(&self, captured: &Captured) {
        captured.prepare(self.0.iter().map(|slot| slot.limit));
    }
}

impl Captures {
    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.request.is_empty() && self.response.is_empty() && self.cookie.is_none()
    }

    /// Captures what is to be captured of a request that has just arrived.
    pub fn take_request(&self, head: &RequestHead, record: &Record) {
        self.request.take(head, &record.request_captures);
        self.response.prepare(&record.response_captures);
        let Some((name, limit)) = &self.cookie else {
            return;
        };
        record.cookies.prepare([*limit; 2].into_iter());
        let mut pairs = head
            .header_values(b"cookie")
            .flat_map(|line| line.split(|&byte| byte == b';'))
            .map(<[u8]>::trim_ascii);
        if let Some(pair) = pairs.find(|pair| pair.starts_with(name)) {
            record.cookies.put(0, pair);
        }
    }

    /// Captures what is to be captured of a response that has just arrived.
    pub fn take_response(&self, head: &ResponseHead, record: &Record) {
        self.response.take(head, &record.response_captures);
        let Some((name, _)) = &self.cookie else {
            return;
        };
        let mut pairs = head
            .header_values(b"set-cookie")
            .filter_map(|line| line.split(|&byte| byte == b';').next())
            .map(<[u8]>::trim_ascii);
        if let Some(pair) = pairs.find(|pair| pair.starts_with(name)) {
            record.cookies.put(1, pair);
        }
    }
}

/// Reads the arguments of `capture`.
pub fn read_capture(words: &[Word], captures: &mut Captures, diags: &mut Diagnostics) {
    let texts: Vec<_> = words.iter().map(Word::text).collect();
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    // HAProxy reads lengths leniently, and keeps one byte of a cookie less than asked for.
    let length = |text: &str| usize::try_from(leading_integer(text).0).unwrap_or(0);
    let message = match *texts.as_slice() {
        ["cookie", name, _, len] => {
            captures.cookie = Some((name.as_bytes().into(), length(len)));
            return;
        }
        ["request", "header", name, "len", len] => {
            captures.request.add(Some(name.as_bytes()), length(len));
            return;
        }
        ["response", "header", name, "len", len] => {
            captures.response.add(Some(name.as_bytes()), length(len));
            return;
        }
        ["cookie", ..] => "'capture' expects 'cookie' <cookie_name> 'len' <len>.".to_owned(),
        [side @ ("request" | "response"), "header", ..] => {
            format!("'capture {side}' expects 'header' <header_name> 'len' <len>.")
        }
        _ => "'capture' expects 'cookie' or 'request header' or 'response header'.".to_owned(),
    };
    diags.push(Diagnostic::error(BAD_CHOICE, message).at(span_of(words), ""));
}

/// Reads the arguments of `declare`.
pub fn read_declare(words: &[Word], captures: &mut Captures, diags: &mut Diagnostics) {
    let texts: Vec<_> = words.iter().map(Word::text).collect();
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let message = match *texts.as_slice() {
        ["capture", side @ ("request" | "response"), "len", len] => match len.parse() {
            Ok(0) => "length must be > 0".to_owned(),
            Ok(limit) => {
                let slots = match side {
                    "request" => &mut captures.request,
                    _ => &mut captures.response,
                };
                slots.add(None, limit);
                return;
            }
            Err(_) => format!("'declare capture': cannot parse the length '{len}'."),
        },
        ["capture", "request" | "response", ..] => {
            "'declare capture' requires a capture length ('len')".to_owned()
        }
        ["capture", ..] => {
            "'declare capture' requires a direction ('request' or 'response')".to_owned()
        }
        _ => "unknown declaration type (supports 'capture')".to_owned(),
    };
    diags.push(Diagnostic::error(BAD_CHOICE, message).at(span_of(words), ""));
}
