//! The proxy's own answers: the built-in ones, and those read from `errorfile`.
//!
//! Status lines, headers and bodies are HAProxy 3.4's to the byte, so that whoever matches on
//! them keeps matching.

use crate::http1::{Body, ResponseHead};
use crate::settings::Reply;
use crate::settings::{ErrorPage, ErrorPages};
use bytes::Bytes;
use std::sync::Arc;

/// Status, reason, whether the connection is closed after it, and the body's text.
const PAGES: &[(u16, &str, bool, &str)] = &[
    (200, "OK", false, "Service ready."),
    (
        400,
        "Bad request",
        true,
        "Your browser sent an invalid request.",
    ),
    (
        401,
        "Unauthorized",
        false,
        "You need a valid user and password to access this content.",
    ),
    (
        403,
        "Forbidden",
        false,
        "Request forbidden by administrative rules.",
    ),
    (404, "Not Found", false, "The resource could not be found."),
    (
        405,
        "Method Not Allowed",
        false,
        "A request was made of a resource using a request method not supported by that resource.",
    ),
    (
        407,
        "Unauthorized",
        false,
        "You need a valid user and password to access this content.",
    ),
    (
        408,
        "Request Time-out",
        true,
        "Your browser didn't send a complete request in time.",
    ),
    (
        410,
        "Gone",
        false,
        "The resource is no longer available and will not be available again.",
    ),
    (
        413,
        "Payload Too Large",
        false,
        "The request entity exceeds the maximum allowed.",
    ),
    (
        414,
        "URI Too Long",
        false,
        "The URI provided was too long for the server to process.",
    ),
    (
        421,
        "Misdirected Request",
        false,
        "Request sent to a non-authoritative server.",
    ),
    (
        422,
        "Unprocessable Content",
        false,
        "The server cannot process the contained instructions.",
    ),
    (425, "Too Early", false, "Your browser sent early data."),
    (
        429,
        "Too Many Requests",
        false,
        "You have sent too many requests in a given amount of time.",
    ),
    (
        431,
        "Request Header Fields Too Large",
        false,
        "Request Header Fields Too Large.",
    ),
    (
        500,
        "Internal Server Error",
        false,
        "An internal server error occurred.",
    ),
    (
        501,
        "Not Implemented",
        false,
        "The server does not support the functionality required to fulfill the request.",
    ),
    (
        502,
        "Bad Gateway",
        false,
        "The server returned an invalid or incomplete response.",
    ),
    (
        503,
        "Service Unavailable",
        false,
        "No server is available to handle this request.",
    ),
    (
        504,
        "Gateway Time-out",
        false,
        "The server didn't respond in time.",
    ),
];

/// Whether there is an error page for that status, built-in or from an `errorfile`.
pub fn is_page_status(status: u16) -> bool {
    PAGES.iter().any(|&(known, ..)| known == status)
}

/// The built-in answers by status.
pub fn builtin() -> ErrorPages {
    PAGES.iter().map(page).collect()
}

fn page(&(status, reason, close, text): &(u16, &str, bool, &str)) -> (u16, ErrorPage) {
    let ours = "our own pages are well-formed, and tested";
    let mut head = ResponseHead::with_reason(status, reason.as_bytes()).expect(ours);
    head.add_header(b"cache-control", b"no-cache").expect(ours);
    head.add_header(b"content-type", b"text/html").expect(ours);
    if close {
        head.add_header(b"connection", b"close").expect(ours);
    }
    let body = format!("<html><body><h1>{status} {reason}</h1>\n{text}\n</body></html>\n");
    let body = Bytes::from(body);
    (status, ErrorPage::Reply(Arc::new(Reply { head, body })))
}

/// Reads the bytes of an `errorfile`: a whole raw response; nothing at all closes silently.
///
/// # Errors
/// Says what is wrong with it, as a phrase to follow the file's name.
pub fn from_errorfile(raw: &[u8]) -> Result<ErrorPage, String> {
    if raw.is_empty() {
        return Ok(ErrorPage::Silent);
    }
    let (head, end) =
        ResponseHead::from_file(raw).map_err(|_| "unable to parse headers".to_owned())?;
    let status = head.status();
    if status < 200 && status != 101 {
        return Err(format!(
            "invalid http status code for an error message ({status})"
        ));
    }
    if head.has_token(b"transfer-encoding", b"chunked") {
        return Err("chunk-encoded payload not supported".to_owned());
    }
    let body = raw.get(end..).unwrap_or_default();
    match head.body_for(false, false) {
        Body::Length(length) if length != body.len() as u64 => {
            return Err(format!(
                "payload size does not match the announced content-length ({} != {length})",
                body.len()
            ));
        }
        Body::Done if !body.is_empty() => return Err("message payload not expected".to_owned()),
        _ => {}
    }
    let body = Bytes::copy_from_slice(body);
    Ok(ErrorPage::Reply(Arc::new(Reply { head, body })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: Result<Option<(u16, &str)>, &str>) {
        let got = from_errorfile(raw.as_bytes()).map(|page| match page {
            ErrorPage::Silent => None,
            ErrorPage::Reply(reply) => Some((
                reply.head.status(),
                String::from_utf8(reply.body.to_vec()).unwrap(),
            )),
        });
        let expected = expected.map(|page| page.map(|(status, body)| (status, body.to_owned())));
        assert_eq!(got, expected.map_err(str::to_owned), "{raw}");
    }

    #[test]
    fn errorfiles() {
        check("", Ok(None));
        check(
            "HTTP/1.0 503 Gone fishing\r\nX: 1\r\n\r\nbody",
            Ok(Some((503, "body"))),
        );
        check("HTTP/1.0 503 x\nX: 1\n\nbody", Ok(Some((503, "body"))));
        check(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            Ok(Some((200, "ok"))),
        );
        check(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
            Err("payload size does not match the announced content-length (2 != 3)"),
        );
        check(
            "HTTP/1.1 204 No\r\n\r\nok",
            Err("message payload not expected"),
        );
        check(
            "HTTP/1.1 100 Continue\r\n\r\n",
            Err("invalid http status code for an error message (100)"),
        );
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            Err("chunk-encoded payload not supported"),
        );
        check("hello", Err("unable to parse headers"));
    }

    #[test]
    fn built_in_pages_have_the_sizes_haproxy_announces() {
        let sizes: Vec<_> = builtin()
            .into_iter()
            .map(|(status, page)| match page {
                ErrorPage::Reply(reply) => (status, reply.body.len()),
                ErrorPage::Silent => (status, 0),
            })
            .collect();
        let expected = [
            (200, 58),
            (400, 90),
            (401, 112),
            (403, 93),
            (404, 83),
            (405, 147),
            (407, 112),
            (408, 110),
            (410, 114),
            (413, 106),
            (414, 110),
            (421, 104),
            (422, 116),
            (425, 80),
            (429, 117),
            (431, 105),
            (500, 97),
            (501, 135),
            (502, 107),
            (503, 107),
            (504, 92),
        ];
        assert_eq!(sizes, expected);
    }
}
