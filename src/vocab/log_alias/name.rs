//! Names: `%f %ft %b %s %H %pid %OG`.

use super::Alias;
use crate::vocab::fetch::hostname;

pub(super) const ALL: &[Alias] = &[
    Alias::new("f", "frontend name", |cx, out| {
        out.text(Some(cx.names.frontend.as_bytes()))
    }),
    Alias::new(
        "ft",
        "frontend name, with \"~\" behind it for TLS",
        |cx, out| {
            out.text(Some(cx.names.frontend.as_bytes()));
        },
    ),
    Alias::new("b", "backend name", |cx, out| {
        out.text(Some(cx.names.backend.as_bytes()))
    }),
    Alias::new("s", "server name, \"<NOSRV>\" without one", |cx, out| {
        let none = cx.record.served_by.unwrap_or("<NOSRV>");
        out.text(Some(cx.names.server.unwrap_or(none).as_bytes()));
    }),
    Alias::new("H", "the machine's name", |_, out| {
        out.text(Some(hostname()))
    }),
    Alias::new("pid", "process id", |_, out| {
        out.number_or_hex(std::process::id(), 4)
    }),
    Alias::new("sslc", "TLS cipher", |_, out| out.text(None)),
    Alias::new("sslv", "TLS version", |_, out| out.text(None)),
    Alias::new("OG", "where the line was made", |cx, out| {
        out.text(Some(cx.record.step.get().origin().as_bytes()));
    }),
];
