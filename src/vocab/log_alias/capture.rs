//! Captured cookies and headers: `%CC %CS %hr %hrl %hs %hsl`, and `%ID`.
//!
//! Nothing declares captures yet, so that these print what HAProxy prints without any.

use super::Alias;

pub(super) const ALL: &[Alias] = &[
    Alias::http("CC", "captured request cookie", |_, out| out.text(None)),
    Alias::http("CS", "captured response cookie", |_, out| out.text(None)),
    Alias::new("ID", "unique id", |_, out| out.text(None)),
    Alias::new("hr", "captured request headers", |_, _| {}),
    Alias::new("hrl", "captured request headers, CLF style", |_, _| {}),
    Alias::new("hs", "captured response headers", |_, _| {}),
    Alias::new("hsl", "captured response headers, CLF style", |_, _| {}),
];
