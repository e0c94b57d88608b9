//! The notation for raw bytes inside scripts.
//!
//! `|` is CRLF; `\r \n \t \0 \s \\ \| \{ \xNN` are single bytes (`\s` is a blank); `{text*N}` repeats;
//! `{503}` is the proxy's own response of that status and `{503 close}` the same announcing the
//! close (which 400 and 408 always do); `${name}` is filled in by the caller (ports of the running case).

/// Decodes `text`; `lookup` answers `${name}`.
pub(crate) fn decode(text: &str, lookup: &dyn Fn(&str) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '|' => push(&mut out, b"\r\n", rest, 1),
            '\\' => escape(&mut out, rest),
            '$' if rest.starts_with("${") => {
                let (name, after) = braces(rest.get(1..).unwrap_or_default());
                out.extend(lookup(name).unwrap_or_else(|| panic!("unknown ${{{name}}}")));
                after
            }
            '{' => {
                let (inside, after) = braces(rest);
                expand(&mut out, inside, lookup);
                after
            }
            other => push(
                &mut out,
                &rest.as_bytes()[..other.len_utf8()],
                rest,
                other.len_utf8(),
            ),
        };
    }
    out
}

fn push<'a>(out: &mut Vec<u8>, bytes: &[u8], rest: &'a str, used: usize) -> &'a str {
    out.extend_from_slice(bytes);
    &rest[used..]
}

fn escape<'a>(out: &mut Vec<u8>, rest: &'a str) -> &'a str {
    let byte = match rest.as_bytes().get(1) {
        Some(b'r') => b'\r',
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'0') => 0,
        Some(b's') => b' ',
        Some(b'x') => {
            out.push(u8::from_str_radix(&rest[2..4], 16).expect("two hexadecimal digits"));
            return &rest[4..];
        }
        Some(other) => *other,
        None => panic!("a backslash ends the line"),
    };
    out.push(byte);
    &rest[2..]
}

/// Splits `{inside}after`, minding nested braces.
fn braces(rest: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return (&rest[1..at], &rest[at + 1..]),
            '}' => depth -= 1,
            _ => {}
        }
    }
    panic!("no closing brace in {rest}")
}

fn expand(out: &mut Vec<u8>, inside: &str, lookup: &dyn Fn(&str) -> Option<Vec<u8>>) {
    let (first, closing) = match inside.strip_suffix(" close") {
        Some(first) => (first, true),
        None => (inside, false),
    };
    if let Ok(status) = first.parse::<u16>() {
        return out.extend(page(status, closing).into_bytes());
    }
    let (unit, times) = inside.rsplit_once('*').expect("{text*N} or {status}");
    let times = times.parse().expect("a number of repetitions");
    out.extend(decode(unit, lookup).repeat(times));
}

/// The response HAProxy 3.4 makes itself for `status`, closing the connection or not.
pub(crate) fn page(status: u16, closing: bool) -> String {
    let (title, sentence) = match status {
        200 => ("OK", "Service ready."),
        400 => ("Bad request", "Your browser sent an invalid request."),
        401 => (
            "Unauthorized",
            "You need a valid user and password to access this content.",
        ),
        403 => ("Forbidden", "Request forbidden by administrative rules."),
        404 => ("Not Found", "The resource could not be found."),
        408 => (
            "Request Time-out",
            "Your browser didn't send a complete request in time.",
        ),
        413 => (
            "Payload Too Large",
            "The request entity exceeds the maximum allowed.",
        ),
        414 => (
            "URI Too Long",
            "The URI provided was too long for the server to process.",
        ),
        429 => (
            "Too Many Requests",
            "You have sent too many requests in a given amount of time.",
        ),
        431 => (
            "Request Header Fields Too Large",
            "Request Header Fields Too Large.",
        ),
        500 => (
            "Internal Server Error",
            "An internal server error occurred.",
        ),
        501 => ("Not Implemented", UNSUPPORTED),
        502 => (
            "Bad Gateway",
            "The server returned an invalid or incomplete response.",
        ),
        503 => (
            "Service Unavailable",
            "No server is available to handle this request.",
        ),
        504 => ("Gateway Time-out", "The server didn't respond in time."),
        other => panic!("no page is known for {other}"),
    };
    let body = format!("<html><body><h1>{status} {title}</h1>\n{sentence}\n</body></html>\n");
    let close = if closing || matches!(status, 400 | 408) {
        "Connection: close\r\n"
    } else {
        ""
    };
    format!(
        "HTTP/1.1 {status} {title}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
         {close}Content-Type: text/html\r\n\r\n{body}",
        body.len()
    )
}

const UNSUPPORTED: &str =
    "The server does not support the functionality required to fulfill the request.";
