//! What checks that failed say, in HAProxy's words.

use crate::health::http;
use crate::health::script::{self, Action, BytesKind, Connect, Run, Text, Wanted};
use std::fmt::Write;
use std::io;

/// `TCPCHK did not match content …`.
pub(super) fn mismatch(wanted: &Wanted, number: usize, found: bool, run: &Run<'_>) -> String {
    let mut info = match found {
        true => "TCPCHK matched unwanted content".to_owned(),
        false => "TCPCHK did not match content".to_owned(),
    };
    match wanted {
        Wanted::Bytes(text, BytesKind::String) => {
            let _ = write!(info, " '{}'", String::from_utf8_lossy(&text.bytes(run)));
        }
        Wanted::Bytes(_, BytesKind::Binary) => info.push_str(" (binary)"),
        Wanted::Bytes(_, BytesKind::StringFormat) => info.push_str(" (log-format string)"),
        Wanted::Bytes(_, BytesKind::BinaryFormat) => info.push_str(" (log-format binary)"),
        Wanted::Regex(_, false) => info.push_str(" (regex)"),
        Wanted::Regex(_, true) => info.push_str(" (binary regex)"),
        _ => {}
    }
    let _ = write!(info, " at step {number}");
    info
}

/// ` at step 2 of tcp-check (…)`, after a connection failed or time ran out.
pub(super) fn where_it_stopped(step: Option<&script::Step>, info: &mut String) {
    let Some(step) = step else {
        info.push_str(" at initial connection step of tcp-check");
        return;
    };
    let _ = write!(info, " at step {} of tcp-check", step.number);
    match &step.action {
        Action::Connect(Connect {
            port: Some(Text::Fixed(port)),
            ..
        }) => {
            let _ = write!(info, " (connect port {})", String::from_utf8_lossy(port));
        }
        Action::Connect(_) => info.push_str(" (connect)"),
        Action::Send(_) | Action::SendHttp(_) => info.push_str(" (send)"),
        Action::Expect(expect) => match &expect.what {
            Wanted::Bytes(Text::Fixed(text), BytesKind::String) => {
                let _ = write!(info, " (expect string '{}')", String::from_utf8_lossy(text));
            }
            Wanted::Bytes(Text::Fixed(text), BytesKind::Binary) => {
                let _ = write!(info, " (expect binary '{}')", http::hex(text));
            }
            Wanted::Bytes(_, BytesKind::BinaryFormat) => {
                info.push_str(" (expect log-format binary)");
            }
            Wanted::Bytes(..) => info.push_str(" (expect log-format string)"),
            Wanted::Regex(_, false) => info.push_str(" (expect regex)"),
            Wanted::Regex(_, true) => info.push_str(" (expect binary regex)"),
            _ => {}
        },
        Action::Variable(_) => {}
    }
    if let Some(comment) = &step.comment {
        let _ = write!(info, " comment: '{comment}'");
    }
}

/// An error of a connection in HAProxy's words.
pub(super) fn broken(error: &io::Error) -> String {
    let Some(number) = error.raw_os_error() else {
        return error.to_string();
    };
    use rustix::io::Errno as E;
    let name = match E::from_raw_os_error(number) {
        E::CONNREFUSED => "ECONNREFUSED returned by OS",
        E::CONNRESET => "ECONNRESET returned by OS",
        E::HOSTUNREACH | E::NETUNREACH => "ENETUNREACH returned by OS",
        E::NOMEM => "ENOMEM returned by OS",
        E::NOBUFS => "ENOBUFS returned by OS",
        E::PIPE => "EPIPE returned by OS",
        E::INVAL => "EINVAL returned by OS",
        _ => "General socket error",
    };
    format!("{name} ({})", text(error))
}

/// The same of a connection that could not even begin.
pub(super) fn unconnected(error: &io::Error) -> String {
    use rustix::io::Errno as E;
    let number = error.raw_os_error().map(E::from_raw_os_error);
    let what = match number {
        Some(E::AGAIN | E::ADDRNOTAVAIL) => "Out of local source ports on the system",
        Some(E::ADDRINUSE) => "Local source address already in use",
        Some(_) => "General socket error",
        None => return error.to_string(),
    };
    format!("{what} ({})", text(error))
}

/// What the system calls an error.
fn text(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text.to_owned()
}
