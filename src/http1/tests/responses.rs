//! Response heads: accepted and refused ones (RFC 9112 §4).

use super::*;

fn refused(input: &str, error: HeadError) {
    assert_eq!(response(input).err(), Some(error), "{input:?}");
}

fn with(lines: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n")
}

#[test]
fn status_lines() {
    use HeadError::{Syntax, Version};
    let good = |line: &str, status, reason: &str| {
        let head = response(&format!("{line}\r\n\r\n")).unwrap();
        assert_eq!(
            (head.status(), text(head.reason())),
            (status, reason.into())
        );
    };
    // RFC 9112 §4; the phrase may be missing.
    good("HTTP/1.1 200 OK", 200, "OK");
    good("HTTP/1.0 404 Not here", 404, "Not here");
    good("HTTP/1.1 200 ", 200, "OK");
    good("HTTP/1.1 503", 503, "Service Unavailable");
    good("HTTP/1.1 999 x", 999, "x");
    good("HTTP/1.1 299 ", 299, "");
    good("HTTP/1.1 200 caf\u{e9}\tx", 200, "caf\u{e9}\tx");
    let line = |line: &str, error| refused(&format!("{line}\r\n\r\n"), error);
    line("HTTP/1.1 99 x", Syntax);
    line("HTTP/1.1 099 x", Syntax);
    line("HTTP/1.1 1000 x", Syntax);
    line("HTTP/1.1 +20 x", Syntax);
    line("HTTP/1.1  200 x", Syntax);
    line("HTTP/1.1 200OK", Syntax);
    line("HTTP/1.1 200 a\0", Syntax);
    line("HTTP/1.1 200 a\u{1}", Syntax);
    line("HTTP/1.1 200 a\rb", Syntax);
    line("HTTP/1.1", Version);
    line("HTTP/1.2 200 OK", Version);
    line("http/1.1 200 OK", Version);
    line("ICY 200 OK", Version);
    line("<html>", Version);
}

#[test]
fn hostile_heads() {
    use HeadError::{Framing, Syntax, UnknownCoding};
    refused("HTTP/1.1 200 OK\n\n", Syntax);
    refused("HTTP/1.1 200 OK\r\nx: y\n\r\n", Syntax);
    refused("HTTP/1.1 200 OK\nx: y\r\n\r\n", Syntax);
    refused("HTTP/1.1 200\nx: y\r\n\r\n", Syntax);
    refused(&with("x : y"), Syntax);
    refused(&with("x: y\r\n folded"), Syntax);
    refused(&with("x: y\0"), Syntax);
    refused(&with(": y"), Syntax);
    refused(&with("content-length: 1\r\ncontent-length: 2"), Framing);
    refused(
        &with("content-length: 1\r\ntransfer-encoding: chunked"),
        Framing,
    );
    refused(&with("content-length: -1"), Framing);
    refused(&with("transfer-encoding: gzip"), Framing);
    refused(&with("transfer-encoding: chunked, chunked"), Framing);
    refused(&with("transfer-encoding: gzip, chunked"), UnknownCoding);
    refused(
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        Framing,
    );
    refused(
        "HTTP/1.1 204 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        Framing,
    );
}

#[test]
fn bodies() {
    let check = |status: u16, lines: &str, expected: &str| {
        let head = response(&format!("HTTP/1.1 {status} x\r\n{lines}\r\n")).unwrap();
        let kind = |body| match body {
            Body::Done => 'd',
            Body::Length(_) => 'l',
            Body::Chunked(_) => 'c',
            Body::UntilClose => 'u',
        };
        let found: String = [(false, false), (true, false), (false, true)]
            .map(|(head_request, connect)| kind(head.body_for(head_request, connect)))
            .iter()
            .collect();
        assert_eq!(found, expected, "GET, HEAD, CONNECT: {status} {lines}");
    };
    // RFC 9112 §6.3.
    check(200, "content-length: 5\r\n", "ldu");
    check(200, "content-length: 0\r\n", "ddu");
    check(200, "transfer-encoding: chunked\r\n", "cdu");
    check(200, "", "udu");
    check(404, "content-length: 5\r\n", "ldl");
    check(407, "", "udu");
    for status in [100, 101, 103, 204, 304] {
        check(status, "content-length: 5\r\n", "ddd");
        check(status, "transfer-encoding: chunked\r\n", "ddd");
        check(status, "", "ddd");
    }
}

#[test]
fn connection() {
    let persists = |input: &str, expected| {
        assert_eq!(response(input).unwrap().keep_alive(), expected, "{input:?}");
    };
    persists("HTTP/1.1 200 OK\r\n\r\n", true);
    persists("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", false);
    persists("HTTP/1.0 200 OK\r\n\r\n", false);
    persists("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", true);
    let switched =
        response("HTTP/1.1 101 x\r\nconnection: Upgrade\r\nupgrade: foo\r\n\r\n").unwrap();
    assert_eq!(switched.upgrade(), Some(&b"foo"[..]));
    assert!(!switched.is_interim());
    assert!(response("HTTP/1.1 103 x\r\n\r\n").unwrap().is_interim());
    assert_eq!(response(&with("upgrade: foo")).unwrap().upgrade(), None);
}

#[test]
fn forms() {
    let check = |input: &str, options: &WriteOptions, expected: &str| {
        assert_eq!(
            response_written(&response(input).unwrap(), options),
            expected
        );
    };
    let plain = WriteOptions::default();
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\nX-A: b\r\n\r\n";
    check(
        chunked,
        &plain,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-a: b\r\n\r\n",
    );
    let to_old_client = WriteOptions {
        connection: Connection::Close,
        ..framing(Framing::Nothing)
    };
    check(
        chunked,
        &to_old_client,
        "HTTP/1.1 200 OK\r\nx-a: b\r\nconnection: close\r\n\r\n",
    );
    check(
        "HTTP/1.0 200 OK\r\nkeep-alive: 5\r\n\r\n",
        &framing(Framing::Chunked),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    check(
        "HTTP/1.1 200\r\nX-A: 1\r\nConnection: x-a\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\n",
        &plain,
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n",
    );
    for status in ["204 No", "103 Early"] {
        let input = format!("HTTP/1.1 {status}\r\ncontent-length: 5\r\nx: y\r\n\r\n");
        check(
            &input,
            &plain,
            &format!("HTTP/1.1 {status}\r\nx: y\r\n\r\n"),
        );
    }
    check(
        "HTTP/1.1 304 x\r\ncontent-length: 5\r\n\r\n",
        &plain,
        "HTTP/1.1 304 x\r\ncontent-length: 5\r\n\r\n",
    );
    check(
        "HTTP/1.1 101 x\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n",
        &super::connection(Connection::Upgrade),
        "HTTP/1.1 101 x\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n",
    );
}

#[test]
fn replies() {
    let mut head = ResponseHead::new(403);
    head.add_header(b"Content-Type", b"text/html").unwrap();
    head.add_header(b"Content-Length", b"999").unwrap();
    assert_eq!(
        response_written(&head, &framing(Framing::Length(93))),
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 93\r\n\r\n"
    );
    let head = ResponseHead::with_reason(200, b"Fine").unwrap();
    assert_eq!(
        response_written(&head, &framing(Framing::Length(0))),
        "HTTP/1.1 200 Fine\r\ncontent-length: 0\r\n\r\n"
    );
    assert_eq!(
        ResponseHead::with_reason(200, b"a\r\nb").err(),
        Some(EditError::Value)
    );
    assert_eq!(ResponseHead::new(99).status(), 500);
}

#[test]
fn files() {
    let check = |input: &str, expected: Result<(u16, &str), HeadError>| {
        let found = ResponseHead::from_file(input.as_bytes());
        let found = found.map(|(head, body)| (head.status(), &input[body..]));
        assert_eq!(found, expected, "{input:?}");
    };
    check(
        "HTTP/1.0 503 Sorry\r\nX: y\r\n\r\n<html>\n",
        Ok((503, "<html>\n")),
    );
    check(
        "HTTP/1.0 503 Sorry\nX: y\n\n<html>\n",
        Ok((503, "<html>\n")),
    );
    check("HTTP/1.1 400 Bad\n\n", Ok((400, "")));
    check("HTTP/1.1 400 Bad\n", Err(HeadError::Syntax));
    check("HTTP/1.1 400 Bad", Err(HeadError::Syntax));
    check("<html>\n\n", Err(HeadError::Version));
    check("", Err(HeadError::Syntax));
}

#[test]
fn statuses() {
    let mut head = response(&with("content-length: 5")).unwrap();
    assert_eq!(head.set_status(503, None), Ok(()));
    assert_eq!(text(head.reason()), "Service Unavailable");
    assert_eq!(head.set_status(418, Some(b"Short")), Ok(()));
    assert_eq!(text(head.reason()), "Short");
    assert_eq!(head.set_status(204, None), Ok(()));
    assert_eq!(head.set_status(418, Some(b"Short")), Ok(()));
    // Another response would follow.
    for status in [100, 101, 99, 1000] {
        assert_eq!(head.set_status(status, None), Err(EditError::Status));
    }
    assert_eq!(head.set_status(200, Some(b"a\nb")), Err(EditError::Value));
    assert_eq!((head.status(), text(head.reason())), (418, "Short".into()));
}
