//! HTTP checks: the request, and what is read of an answer.

use super::registry::Health;
use super::script::{HeaderWanted, HttpRequest, Match, Run};
use super::spec::{CheckKind, Place};
use crate::backend::Operation;
use crate::http1::{Body, HeadLimits, ResponseHead};
use crate::net::ServerAddr;
use memchr::memmem;
use std::fmt::Write;

/// Bounds of a head; a check reads no more than one buffer.
const LIMITS: HeadLimits = HeadLimits {
    max_size: 16_384,
    max_headers: 101,
};

/// An answer as far as it was received.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) head: ResponseHead,
    pub(super) body: Vec<u8>,
    /// Nothing more will come.
    pub(super) complete: bool,
}

impl Answer {
    /// Reads an answer; `None` while its head is not complete. Interim answers are passed over.
    pub(super) fn read(mut input: &[u8], ended: bool) -> Result<Option<Self>, ()> {
        if input.is_empty() && ended {
            return Err(());
        }
        loop {
            let mut head = ResponseHead::default();
            let Some(len) = head.parse(input, LIMITS).map_err(|_| ())? else {
                return Ok(None);
            };
            input = input.get(len..).unwrap_or_default();
            if head.is_interim() {
                continue;
            }
            let mut framing = head.body_for(false, false).unframed();
            let (body, complete) = unframe(&mut framing, input)?;
            return Ok(Some(Self {
                head,
                body,
                complete,
            }));
        }
    }
}

/// The body without its framing, and whether it is complete.
fn unframe(framing: &mut Body, input: &[u8]) -> Result<(Vec<u8>, bool), ()> {
    let mut input = input.to_vec();
    let mut rest = &mut *input;
    let mut body = Vec::new();
    while !rest.is_empty() && !framing.is_done() {
        let part = framing.advance(rest).map_err(|_| ())?;
        let end = part.skip + part.ready;
        body.extend_from_slice(rest.get(part.skip..end).unwrap_or_default());
        if end == 0 {
            break;
        }
        rest = rest.get_mut(end..).unwrap_or_default();
    }
    Ok((body, framing.is_done()))
}

/// A request in wire form; `state` is the header of `send-state`.
pub(super) fn request(request: &HttpRequest, run: &Run<'_>, state: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let uri = request.uri.bytes(run);
    let uri = if uri.is_empty() { b"/" } else { &*uri };
    let body = request.body.as_ref().map(|body| body.bytes(run));
    let body = body.as_deref().unwrap_or_default();
    for part in [&*request.method, b" ", uri, b" ", &request.version, b"\r\n"] {
        out.extend_from_slice(part);
    }
    let mut says_connection = false;
    let mut header = |name: &[u8], value: &[u8]| {
        for part in [name, b": ", value, b"\r\n"] {
            out.extend_from_slice(part);
        }
    };
    for (name, value) in &request.headers {
        let value = value.bytes(run);
        if !value.is_empty() {
            header(&name.to_ascii_lowercase(), &value);
            says_connection |= name.eq_ignore_ascii_case(b"connection");
        }
    }
    if let Some(state) = state {
        header(b"x-haproxy-server-state", state.as_bytes());
    }
    // It is what HTTP/1.0 means anyway.
    if !says_connection && !request.version.eq_ignore_ascii_case(b"HTTP/1.0") {
        header(b"connection", b"close");
    }
    let bodyless = [&b"OPTIONS"[..], b"GET", b"HEAD", b"DELETE"];
    if !body.is_empty() || !bodyless.contains(&&*request.method) {
        header(b"content-length", body.len().to_string().as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

/// Whether some header is as wanted.
pub(super) fn has_header(head: &ResponseHead, wanted: &HeaderWanted, run: &Run<'_>) -> bool {
    head.headers().any(|header| {
        if !matches(&wanted.name, header.name, run, true) {
            return false;
        }
        let Some(value) = &wanted.value else {
            return true;
        };
        if wanted.whole {
            return matches(value, header.value, run, false);
        }
        let mut values = header.value.split(|&byte| byte == b',');
        values.any(|part| matches(value, part.trim_ascii(), run, false))
    })
}

fn matches(how: &Match, text: &[u8], run: &Run<'_>, ignore_case: bool) -> bool {
    let fold = |bytes: &[u8]| match ignore_case {
        true => bytes.to_ascii_lowercase(),
        false => bytes.to_vec(),
    };
    let text = fold(text);
    match how {
        Match::Regex(pattern) => pattern.is_match(&text),
        Match::Equal(wanted) => text == fold(&wanted.bytes(run)),
        Match::Begins(wanted) => text.starts_with(&fold(&wanted.bytes(run))),
        Match::Ends(wanted) => text.ends_with(&fold(&wanted.bytes(run))),
        Match::Contains(wanted) => memmem::find(&text, &fold(&wanted.bytes(run))).is_some(),
    }
}

/// `send-state`: what a server is told of its own state.
pub(super) fn server_state(health: &Health, place: Place, node: &str) -> String {
    let mut out = String::new();
    let (Some(state), Some(backend)) = (health.state(place), health.backend_state(place)) else {
        return out;
    };
    let check = health.check(place, CheckKind::Health);
    let status = state.status();
    match check.filter(|check| check.enabled) {
        None => out.push_str("no check"),
        Some(check) if status.operation == Operation::Stopped => {
            out.push_str("DOWN");
            if check.level > 0 {
                let _ = write!(out, " {}/{}", check.level, check.bounds.rise);
            }
        }
        Some(check) => {
            let retires = status.operation == Operation::Stopping;
            out.push_str(if retires { "NOLB" } else { "UP" });
            if check.level != check.top() {
                let above = (check.level + 1).saturating_sub(check.bounds.rise);
                let _ = write!(out, " {above}/{}", check.bounds.fall);
            }
        }
    }
    let (ip, port) = match state.addr().as_deref() {
        Some(ServerAddr::Tcp(addr)) => (addr.ip().to_string(), addr.port().to_string()),
        Some(ServerAddr::Unix(_) | ServerAddr::Abstract(_)) => ("unix".to_owned(), String::new()),
        None => (String::new(), String::new()),
    };
    let total: u32 = backend
        .servers()
        .iter()
        .filter(|server| server.status().share() > 0)
        .map(|server| server.effective_weight())
        .sum();
    let queued = backend.queue_len();
    let _ = write!(
        out,
        "; address={ip}; port={port}; name={}/{}; node={node}; weight={}/{total}; scur={}/{}; qcur={}",
        health.backend(place).map_or("", |backend| &backend.name),
        health.spec(place).map_or("", |spec| &spec.name),
        state.effective_weight(),
        state.served(),
        (backend.conns() as usize).saturating_sub(queued),
        state.queued(),
    );
    if let Some(percent) = state.warmth() {
        let _ = write!(out, "; throttle={}%", percent.max(1));
    }
    out
}

/// Bytes as hexadecimal digits, in capitals.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(out, "{byte:02X}");
    }
    out
}

/// What hexadecimal digits stand for.
pub(super) fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| match *pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        })
        .collect()
}
