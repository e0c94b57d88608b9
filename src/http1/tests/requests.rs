//! Request heads: accepted and refused ones (RFC 9112 §2, §3, §5).

use super::*;

/// A request line and headers that must be refused like this.
fn refused(input: &str, error: HeadError) {
    assert_eq!(request(input).err(), Some(error), "{input:?}");
}

/// A request with one more header line.
fn with(line: &str) -> String {
    format!("GET / HTTP/1.1\r\nhost: a\r\n{line}\r\n\r\n")
}

/// A POST with these lines of headers.
fn post(lines: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: a\r\n{lines}\r\n\r\n")
}

/// A target, with the Host it agrees with.
fn to(method: &str, target: &str, host: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n\r\n")
}

#[test]
fn request_lines() {
    use HeadError::{Syntax, Version};
    let line = |line: &str, error| refused(&format!("{line}\r\nhost: a\r\n\r\n"), error);
    // RFC 9112 §3: single spaces, a token, a target, a version.
    line("GET  / HTTP/1.1", Syntax);
    line("GET /  HTTP/1.1", Version);
    line("GET / HTTP/1.1 ", Syntax);
    line(" GET / HTTP/1.1", Syntax);
    line("GET\t/ HTTP/1.1", Syntax);
    line("GET /", Syntax);
    line("GET", Syntax);
    line("GE@ / HTTP/1.1", Syntax);
    line("G\u{e9} / HTTP/1.1", Syntax);
    // §2.3: the version is case-sensitive; only 1.0 and 1.1 are spoken.
    line("GET / http/1.1", Version);
    line("GET / HTTP/1.2", Version);
    line("GET / HTTP/2.0", Version);
    line("GET / HTTP/0.9", Version);
    line("GET / HTTP/1.1x", Syntax);
    line("GET / RTSP/1.0", Version);
    line("PRI * HTTP/2.0", Version);
    for method in ["GET", "get", "G!", "PURGE", "M-SEARCH"] {
        let head = request(&to(method, "/", "a")).unwrap();
        assert_eq!(text(head.method()), method);
    }
}

#[test]
fn line_endings() {
    use HeadError::Syntax;
    // RFC 9112 §2.2: a lone LF may end lines; here it is refused, and so is a lone CR.
    refused("GET / HTTP/1.1\nhost: a\n\n", Syntax);
    refused("GET / HTTP/1.1\nhost: a\r\n\r\n", Syntax);
    refused("GET / HTTP/1.1\r\nhost: a\n\r\n", Syntax);
    refused("GET / HTTP/1.1\r\nhost: a\r\n\n", Syntax);
    refused("GET / HTTP/1.1\r\nhost: a \nx: b\r\n\r\n", Syntax);
    refused("GET / HTTP/1.1\r\nhost: a\r\nx:\n\r\n", Syntax);
    refused("GET / HTTP/1.1\r\rhost: a\r\n\r\n", Syntax);
    refused("GET / HTTP/1.1\r\nhost: a\r\nx: a\rb\r\n\r\n", Syntax);
    refused("GET / HTTP/1.1\r\nhost: a\r\nx: a\r\r\n\r\n", Syntax);
    refused("\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", Syntax);
    refused("\r\rGET / HTTP/1.1\r\nhost: a\r\n\r\n", Syntax);
    assert!(request(&format!("{}{}", "\r\n".repeat(8), to("GET", "/", "a"))).is_ok());
    refused(
        &format!("{}{}", "\r\n".repeat(9), to("GET", "/", "a")),
        Syntax,
    );
}

#[test]
fn header_lines() {
    use HeadError::Syntax;
    for line in [
        // RFC 9112 §5: no empty name, no blank before the colon, no folding.
        "x : a",
        "x\t: a",
        ": a",
        " x: a",
        "x",
        "x: a\r\n b",
        "x: a\r\n\tb",
        "x:\r\n b",
        "x@: a",
        "x y: a",
        "\u{e9}: a",
        "x(: a",
        // RFC 9110 §5.5: no controls.
        "x: a\0b",
        "x: a\u{1}b",
        "x: a\u{7f}b",
        "x: \u{b}",
        "x: a\u{8}",
    ] {
        refused(&with(line), Syntax);
    }
    let value = |line: &str| {
        let head = request(&with(line)).unwrap();
        text(head.header(b"X").unwrap())
    };
    assert_eq!(value("X: a"), "a");
    assert_eq!(value("x:a"), "a");
    assert_eq!(value("x:\t a\tb \t"), "a\tb");
    assert_eq!(value("x:"), "");
    assert_eq!(value("x:   "), "");
    assert_eq!(value("x: caf\u{e9}"), "caf\u{e9}");
    assert!(request_bytes(b"GET / HTTP/1.1\r\nhost: a\r\nx: \xe9\r\n\r\n").is_ok());
    assert_eq!(value("x: a: b, c;\"d\""), "a: b, c;\"d\"");
}

#[test]
fn targets() {
    let good = |method: &str, target: &str, host: &str, path: &str, query: Option<&str>| {
        let head = request(&to(method, target, host)).unwrap();
        assert_eq!(text(head.path()), path, "{target}");
        assert_eq!(head.query().map(text).as_deref(), query, "{target}");
    };
    good("GET", "/", "a", "/", None);
    good("GET", "/p?q=1", "a", "/p", Some("q=1"));
    good("GET", "/p?", "a", "/p", Some(""));
    good("GET", "http://a/p?q", "a", "/p", Some("q"));
    good("GET", "http://a", "a", "/", None);
    good("GET", "http://a:80/p", "a", "/p", None);
    good("GET", "http://a/p", "A:80", "/p", None);
    good("GET", "https://a:443", "a", "/", None);
    good("OPTIONS", "*", "a", "", None);
    good("CONNECT", "a:443", "a", "", None);
    good("CONNECT", "a:443", "a:443", "", None);
    // RFC 9112 §3.2.2: the two must agree.
    for (method, target, host) in [
        ("GET", "http://a/p", "b"),
        ("GET", "http://a/p", ""),
        ("GET", "http://a/p", "a:81"),
        ("GET", "http://a:81/p", "a"),
        ("GET", "https://a/p", "a:80"),
        ("GET", "foo://a/p", "a:80"),
        ("CONNECT", "a:443", "b:443"),
        ("CONNECT", "a:443", "a:80"),
        ("CONNECT", "a:443", ""),
        ("CONNECT", "a:8443", "a"),
        ("CONNECT", "a", "a"),
        ("GET", "http://u@a/p", "a"),
        ("GET", "*", "a"),
        ("GET", "a:80", "a:80"),
        ("GET", "/#", "a"),
        ("GET", "/\u{e9}", "a"),
        ("GET", "/\u{7f}", "a"),
        ("GET", "/\0", "a"),
    ] {
        refused(&to(method, target, host), HeadError::Syntax);
    }
}

#[test]
fn hosts() {
    use HeadError::Syntax;
    // RFC 9112 §3.2.
    refused("GET / HTTP/1.1\r\n\r\n", Syntax);
    refused("GET http://a/ HTTP/1.1\r\n\r\n", Syntax);
    refused(&with("host: a"), Syntax);
    refused(&with("Host: b"), Syntax);
    refused(&with("HOST:"), Syntax);
    for host in [
        "a b", "a,b", "a:x", "a:99999", "a:0", "u@a", "a/b", "a?b", "[::1", "\u{e9}",
    ] {
        refused(&to("GET", "/", host), Syntax);
    }
    for host in ["", "a", "a.b:8080", "[::1]:80", "10.0.0.1", "a_b", "a%20b"] {
        let head = request(&to("GET", "/", host)).unwrap();
        assert_eq!(head.host().map(text).as_deref(), Some(host));
        assert_eq!(text(head.authority()), host);
    }
    let old = request("GET / HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!((old.host(), old.authority()), (None, &b""[..]));
    let absolute = request("GET http://a/ HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(text(absolute.authority()), "a");
}

#[test]
fn framing_refused() {
    use HeadError::{Framing, UnknownCoding};
    // RFC 9112 §6.2, §6.3.
    for lines in [
        "content-length:",
        "content-length: +1",
        "content-length: -1",
        "content-length: 0x1",
        "content-length: 1 2",
        "content-length: 1.0",
        "content-length: 1,",
        "content-length: ,1",
        "content-length: 1, 2",
        "content-length: 1\r\ncontent-length: 2",
        "content-length: 18446744073709551616",
        "content-length: 1\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\nContent-Length: 0",
        // §6.1, §7: `chunked` once, at the end.
        "transfer-encoding:",
        "transfer-encoding: identity",
        "transfer-encoding: gzip",
        "transfer-encoding: chunked, gzip",
        "transfer-encoding: chunked, chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding: gzip, chunked, chunked",
        "transfer-encoding: chunked,",
        "transfer-encoding: , chunked",
        "transfer-encoding: chunked;x=1",
        "transfer-encoding: xchunked",
        "transfer-encoding: \"chunked\"",
    ] {
        refused(&post(lines), Framing);
    }
    refused(&post("transfer-encoding: gzip, chunked"), UnknownCoding);
    refused(
        &post("transfer-encoding: gzip\r\nTransfer-Encoding: chunked"),
        UnknownCoding,
    );
    refused(&post("transfer-encoding: x\u{e9}, chunked"), UnknownCoding);
    refused(
        "POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
        Framing,
    );
    refused(
        "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\ncontent-length: 3\r\n\r\n",
        Framing,
    );
    refused(
        "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\ntransfer-encoding: chunked\r\n\r\n",
        Framing,
    );
    refused(&post("transfer-encoding: \u{b}chunked"), HeadError::Syntax);
    refused(&post("transfer-encoding : chunked"), HeadError::Syntax);
}

#[test]
fn framing_accepted() {
    let good = |lines: &str, framing, line: &str| {
        let head = request(&post(lines)).unwrap();
        assert_eq!(head.framing(), framing, "{lines}");
        let out = written(&head, &WriteOptions::default());
        assert_eq!(out, format!("POST / HTTP/1.1\r\nhost: a\r\n{line}\r\n\r\n"));
    };
    use Framing::{Chunked, Length, Nothing};
    good("x: y", Nothing, "x: y");
    good("Content-Length: 0", Length(0), "content-length: 0");
    good("content-length: 5", Length(5), "content-length: 5");
    good("content-length:5", Length(5), "content-length: 5");
    good("content-length: 005", Length(5), "content-length: 5");
    good("content-length: 5, 5", Length(5), "content-length: 5");
    good(
        "content-length: 5\r\nx: y\r\nCONTENT-LENGTH: 5",
        Length(5),
        "content-length: 5\r\nx: y",
    );
    good(
        "content-length: 18446744073709551615",
        Length(u64::MAX),
        "content-length: 18446744073709551615",
    );
    good(
        "Transfer-Encoding: Chunked",
        Chunked,
        "transfer-encoding: chunked",
    );
    good(
        "x: y\r\ntransfer-encoding:\tchunked ",
        Chunked,
        "x: y\r\ntransfer-encoding: chunked",
    );
}

#[test]
fn persistence() {
    let check = |version: &str, lines: &str, expected| {
        let head = request(&format!("GET / HTTP/{version}\r\nhost: a\r\n{lines}\r\n")).unwrap();
        assert_eq!(head.keep_alive(), expected, "{version} {lines}");
    };
    // RFC 9112 §9.3.
    check("1.1", "", true);
    check("1.1", "connection: close\r\n", false);
    check("1.1", "connection: Keep-Alive, CLOSE\r\n", false);
    check(
        "1.1",
        "connection: keep-alive\r\nconnection: close\r\n",
        false,
    );
    check("1.1", "connection: closed\r\n", true);
    check("1.0", "", false);
    check("1.0", "connection: keep-alive\r\n", true);
    check("1.0", "connection: keep-alive, close\r\n", false);
}

#[test]
fn upgrades_and_expectations() {
    let upgrade = |lines: &str, expected: Option<&str>| {
        let head = request(&with(lines)).unwrap();
        assert_eq!(head.upgrade().map(text).as_deref(), expected, "{lines}");
    };
    upgrade("connection: upgrade\r\nupgrade: foo", Some("foo"));
    upgrade(
        "connection: keep-alive, Upgrade\r\nupgrade: foo, bar",
        Some("foo, bar"),
    );
    upgrade("upgrade: foo", None);
    upgrade("connection: upgrade", None);
    upgrade("connection: upgrade\r\nupgrade:", None);
    upgrade("connection: upgrade\r\nupgrade: h2c", None);
    upgrade("connection: upgrade\r\nupgrade: foo\r\nupgrade: H2C", None);
    upgrade(
        "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: k",
        Some("websocket"),
    );
    refused(
        &with("connection: upgrade\r\nupgrade: x, WebSocket"),
        HeadError::Syntax,
    );
    let old =
        "GET / HTTP/1.0\r\nconnection: upgrade\r\nupgrade: foo\r\nexpect: 100-continue\r\n\r\n";
    let old = request(old).unwrap();
    assert_eq!((old.upgrade(), old.expect_continue()), (None, false));
    assert!(
        request(&with("expect: 100-Continue"))
            .unwrap()
            .expect_continue()
    );
    assert!(!request(&with("expect: 200-ok")).unwrap().expect_continue());
}

#[test]
fn hop_by_hop_headers() {
    let forwarded = |lines: &str, options: Connection, expected: &str| {
        let head = request(&with(lines)).unwrap();
        let out = written(&head, &connection(options));
        assert_eq!(
            out,
            format!("GET / HTTP/1.1\r\nhost: a\r\n{expected}\r\n"),
            "{lines}"
        );
    };
    use Connection::{Absent, Close, KeepAlive, Upgrade};
    // RFC 9110 §7.6.1.
    forwarded("X: y", Absent, "x: y\r\n");
    forwarded("connection: close", Absent, "");
    forwarded("connection: close", Close, "connection: close\r\n");
    forwarded("x: y", KeepAlive, "x: y\r\nconnection: keep-alive\r\n");
    forwarded(
        "keep-alive: 3\r\nproxy-connection: x\r\nx: y",
        Absent,
        "x: y\r\n",
    );
    forwarded(
        "x-a: 1\r\nconnection: X-A, x-b\r\nx-b: 2\r\nx-c: 3",
        Absent,
        "x-c: 3\r\n",
    );
    forwarded(
        "connection: upgrade\r\nupgrade: foo",
        Upgrade,
        "upgrade: foo\r\nconnection: upgrade\r\n",
    );
    forwarded("connection: upgrade\r\nupgrade: foo", Absent, "");
    forwarded("upgrade: foo", Close, "connection: close\r\n");
    forwarded("te: gzip;q=1, Trailers", Absent, "te: trailers\r\n");
    forwarded("te: gzip", Absent, "");
    forwarded("te: trailers\r\nconnection: te", Absent, "te: trailers\r\n");
    // What frames or routes the message is not the sender's to name away.
    forwarded(
        "content-length: 0\r\nconnection: host, content-length",
        Absent,
        "content-length: 0\r\n",
    );
    let many = format!("connection: {}x", "x,".repeat(32));
    refused(&with(&many), HeadError::Syntax);
}

#[test]
fn absolute_form() {
    let forwarded = |target: &str, host: &str, expected: &str| {
        let head = request(&to("GET", target, host)).unwrap();
        assert_eq!(written(&head, &WriteOptions::default()), expected);
    };
    forwarded(
        "http://a/p?q",
        "a",
        "GET http://a/p?q HTTP/1.1\r\nhost: a\r\n\r\n",
    );
    forwarded("http://a", "a", "GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n");
    forwarded(
        "http://a:80/p",
        "a:80",
        "GET http://a/p HTTP/1.1\r\nhost: a\r\n\r\n",
    );
    forwarded(
        "http://a:80/p",
        "a",
        "GET http://a/p HTTP/1.1\r\nhost: a\r\n\r\n",
    );
    forwarded(
        "http://A/p",
        "a",
        "GET http://A/p HTTP/1.1\r\nhost: a\r\n\r\n",
    );
    forwarded(
        "http://a/p",
        "a:80",
        "GET http://a/p HTTP/1.1\r\nhost: a:80\r\n\r\n",
    );
    forwarded(
        "https://a:80/p",
        "a:80",
        "GET https://a:80/p HTTP/1.1\r\nhost: a:80\r\n\r\n",
    );
}

#[test]
fn connect() {
    let forwarded = |target: &str, host: &str, expected: &str| {
        let head = request(&to("CONNECT", target, host)).unwrap();
        let expected = format!("CONNECT {target} HTTP/1.1\r\nhost: {expected}\r\n\r\n");
        assert_eq!(written(&head, &WriteOptions::default()), expected);
    };
    forwarded("a:80", "a", "a");
    forwarded("a:80", "A:80", "A");
    forwarded("a:443", "a:443", "a");
    forwarded("[::1]:443", "[::1]:443", "[::1]");
    forwarded("a:8443", "a:8443", "a:8443");
}

#[test]
fn old_requests_go_on_with_a_host_or_as_they_are() {
    let forwarded = |input: &str, expected: &str| {
        let head = request(input).unwrap();
        assert_eq!(written(&head, &WriteOptions::default()), expected);
    };
    forwarded(
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
    );
    forwarded(
        "GET http://a:80 HTTP/1.0\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n",
    );
    forwarded(
        "GET / HTTP/1.0\r\nx: y\r\n\r\n",
        "GET / HTTP/1.0\r\nx: y\r\n\r\n",
    );
    let mut head = request(&post("transfer-encoding: chunked")).unwrap();
    head.remove_header(b"host");
    assert_eq!(
        written(&head, &WriteOptions::default()),
        "POST / HTTP/1.1\r\nhost: \r\ntransfer-encoding: chunked\r\n\r\n"
    );
}

#[test]
fn bounds() {
    let small = HeadLimits {
        max_size: 40,
        max_headers: 2,
    };
    let check = |input: &str, expected| {
        let mut head = RequestHead::default();
        assert_eq!(head.parse(input.as_bytes(), small), expected, "{input:?}");
    };
    check("GET / HTTP/1.1\r\nhost: a\r\n\r\n", Ok(Some(27)));
    check(
        "GET / HTTP/1.1\r\nhost: a\r\nx: 34567890\r\n\r\n",
        Ok(Some(40)),
    );
    check(
        "GET / HTTP/1.1\r\nhost: a\r\nx: 345678901\r\n\r\n",
        Err(HeadError::TooLarge),
    );
    check("GET / HTTP/1.1\r\nhost: a\r\nx: 34567890\r\n", Ok(None));
    check(
        "GET / HTTP/1.1\r\nhost: a\r\nx: 3456789012\r\n",
        Err(HeadError::TooLarge),
    );
    check(
        &format!("GET /{}", "x".repeat(40)),
        Err(HeadError::TargetTooLong),
    );
    check(
        "GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\n\r\n",
        Err(HeadError::TooManyHeaders),
    );
    let mut head = RequestHead::default();
    let many = format!(
        "GET / HTTP/1.1\r\nhost: a\r\n{}\r\n",
        "x: y\r\n".repeat(300)
    );
    let limits = |max_headers| HeadLimits {
        max_size: 15_360,
        max_headers,
    };
    assert_eq!(
        head.parse(many.as_bytes(), limits(301)),
        Ok(Some(many.len()))
    );
    assert_eq!(head.header_count(), 301);
    assert_eq!(
        head.parse(many.as_bytes(), limits(300)),
        Err(HeadError::TooManyHeaders)
    );
    assert_eq!(
        head.header_count(),
        0,
        "a refused head leaves nothing behind"
    );
}
