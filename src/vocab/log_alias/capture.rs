//! Captured cookies and headers: `%CC %CS %hr %hrl %hs %hsl`, and `%ID`.

use super::{Alias, Encoding, Field};
use crate::observe::Captured;

pub(super) const ALL: &[Alias] = &[
    Alias::http("CC", "captured request cookie", |cx, out| {
        cookie(&cx.record.cookies, 0, out);
    }),
    Alias::http("CS", "captured response cookie", |cx, out| {
        cookie(&cx.record.cookies, 1, out);
    }),
    Alias::new("ID", "unique id", |cx, out| out.text(cx.unique_id())),
    Alias::new("hr", "captured request headers", |cx, out| {
        joined(&cx.record.request_captures, out);
    }),
    Alias::new("hrl", "captured request headers, CLF style", |cx, out| {
        list(&cx.record.request_captures, out);
    }),
    Alias::new("hs", "captured response headers", |cx, out| {
        joined(&cx.record.response_captures, out);
    }),
    Alias::new("hsl", "captured response headers, CLF style", |cx, out| {
        list(&cx.record.response_captures, out);
    }),
];

fn cookie(captured: &Captured, index: usize, out: &mut Field<'_>) {
    if captured.with(index, |text| out.text(Some(text))).is_none() {
        out.text(None);
    }
}

/// `{first|second}`, as one text.
fn joined(captured: &Captured, out: &mut Field<'_>) {
    if captured.is_empty() {
        return;
    }
    out.quoted(|out| {
        out.plain(b"{");
        for index in 0..captured.len() {
            if index > 0 {
                out.plain(b"|");
            }
            captured.with(index, |text| out.unquoted(text, Encoding::Capture));
        }
        out.plain(b"}");
    });
}

/// One text after the other.
fn list(captured: &Captured, out: &mut Field<'_>) {
    out.each(captured.len(), |out, index| {
        let shown = captured.with(index, |text| out.encoded(text, Encoding::Capture));
        if shown.is_none() {
            out.text(None);
        }
    });
}
