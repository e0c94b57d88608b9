//! The oracle: whatever a client and a server send, what the proxy makes of it means one thing.
//!
//! A script (`tidegate::proxy::fuzz`) is played through the real state machine of a connection, then
//! both sides are read by the strict parser in `reference` and by `httparse`. What must hold: a
//! server gets whole messages, each the one that the client sent with that number, with the same
//! body; the client gets whole responses, never more of them than it sent requests. The fuzz
//! target `connection` and `tests/oracle.rs` share this file.

#[path = "../support/compiled.rs"]
mod compiled;
pub(crate) mod reference;

use reference::{Message, Rest, Strictness};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use tidegate::proxy::fuzz::{Sandbox, Seen};

/// Tells a server which request of the process it was given (`%rt`).
const NUMBER: &str = "x-number";

/// Ways to serve a request that treat its bytes differently.
const WAYS: [&str; 3] = [
    "",
    "option http-buffer-request\n    retry-on all-retryable-errors\n    http-reuse always",
    "option http-server-close\n    option forwardfor\n    option forwarded\n    http-request replace-header x (.*) <\\1>\n    \
     http-request add-header y %[req.fhdr(x)]\n    http-response del-header server\n    http-after-response set-header z 1",
];

thread_local! {
    static SANDBOXES: Vec<Sandbox> = WAYS.iter().map(|way| sandbox(way)).collect();
}

/// Plays `script` in every way, and judges what was seen.
pub(crate) fn check(script: &[u8]) {
    SANDBOXES.with(|sandboxes| {
        for sandbox in sandboxes {
            judge(&sandbox.play(script));
        }
    });
}

/// Plays `script` in the plainest way.
#[allow(dead_code, reason = "the fuzz target only checks")]
pub(crate) fn play(script: &[u8]) -> Seen {
    SANDBOXES.with(|sandboxes| sandboxes.first().expect("one of the ways").play(script))
}

fn sandbox(way: &str) -> Sandbox {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("tidegate-oracle-{}-{count}", std::process::id());
    // `abns@` fills names with NULs, as HAProxy does.
    let filled = format!("{name:\0<107}");
    let address = SocketAddr::from_abstract_name(filled).expect("a short name");
    let origin = UnixListener::bind_addr(&address).expect("a name of our own");
    let is_rule = |line: &&str| line.starts_with("http-") && !line.starts_with("http-reuse");
    let (rules, defaults): (Vec<_>, Vec<_>) = way.lines().map(str::trim).partition(is_rule);
    let config = format!(
        "global
    log 127.0.0.1:9 local0
    nbthread 1
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    timeout http-request 10s
    retries 1
    {}
frontend fe
    bind abns@{name}-fe
    http-request set-header {NUMBER} %rt
    {}
    default_backend be
backend be
    server s abns@{name}
",
        defaults.join("\n    "),
        rules.join("\n    ")
    );
    Sandbox::new(compiled::compiled(config), origin)
}

fn judge(seen: &Seen) {
    let (sent, rest) = reference::requests(&seen.sent, Strictness::Received);
    for stream in &seen.forwarded {
        let (messages, left) = reference::requests(stream, Strictness::Forwarded);
        let shown = stream.escape_ascii();
        assert!(!matches!(left, Rest::Fault(_)), "{left:?} in {shown}");
        for message in &messages {
            as_httparse_reads_it(message);
            as_it_was_sent(message, seen.first_request, &sent, &rest);
        }
    }
    let methods = sent.iter().map(|message| message.start[0].as_slice());
    let (responses, left) = reference::responses(&seen.received, methods);
    let shown = seen.received.escape_ascii();
    assert!(!matches!(left, Rest::Fault(_)), "{left:?} in {shown}");
    if rest != Rest::Opaque {
        let most = sent.len() + 1;
        assert!(
            responses.len() <= most,
            "{} for {most}: {shown}",
            responses.len()
        );
    }
}

/// The request is one that the client sent: `rest` is what follows those.
fn as_it_was_sent(message: &Message, first: u32, sent: &[Message], rest: &Rest) {
    let number = message.values(NUMBER).next();
    let number = number.and_then(|text| std::str::from_utf8(text).ok()?.parse::<u32>().ok());
    // A client may have named the header hop-by-hop.
    let Some(number) = number else { return };
    let Some(original) = sent.get(number.wrapping_sub(first) as usize) else {
        return assert_ne!(*rest, Rest::Nothing, "nobody sent {message:?}");
    };
    assert_eq!(message.start[0], original.start[0], "another method");
    let (target, asked) = (&message.start[1], &original.start[1]);
    assert!(
        asked.ends_with(target) || target == b"*" || target == b"/",
        "{message:?} for {original:?}"
    );
    if message.is_whole {
        assert!(original.is_whole, "{message:?} ends, {original:?} does not");
        assert_eq!(message.body, original.body, "another body");
    } else {
        assert!(
            original.body.starts_with(&message.body),
            "another body: {message:?}"
        );
    }
}

fn as_httparse_reads_it(message: &Message) {
    let mut room = [httparse::EMPTY_HEADER; 256];
    let mut request = httparse::Request::new(&mut room);
    let len = message.head.len();
    assert_eq!(
        request.parse(&message.head),
        Ok(httparse::Status::Complete(len))
    );
    assert_eq!(request.method.map(str::as_bytes), Some(&*message.start[0]));
    assert_eq!(request.path.map(str::as_bytes), Some(&*message.start[1]));
    let headers = request
        .headers
        .iter()
        .map(|field| (field.name.as_bytes(), field.value));
    let ours = message
        .headers
        .iter()
        .map(|(name, value)| (&**name, &**value));
    assert!(headers.eq(ours), "{message:?}");
}
