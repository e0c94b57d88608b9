//! Edits of heads and what is written out after them.

use super::*;
use proptest::prelude::*;

/// A request after an edit.
fn check(
    target: &str,
    edit: impl FnOnce(&mut RequestHead) -> Result<(), EditError>,
    expected: &str,
) {
    let mut head = request(&format!(
        "GET {target} HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-b: 2\r\nx-a: 3\r\n\r\n"
    ))
    .unwrap();
    assert_eq!(edit(&mut head), Ok(()));
    assert_eq!(
        written(&head, &WriteOptions::default()),
        expected.replace('\n', "\r\n")
    );
}

/// An edit that must leave the request as it was.
fn refused(
    method_and_target: &str,
    edit: impl FnOnce(&mut RequestHead) -> Result<(), EditError>,
    error: EditError,
) {
    let mut head = request(&format!("{method_and_target} HTTP/1.1\r\nhost: a\r\n\r\n")).unwrap();
    let before = written(&head, &WriteOptions::default());
    assert_eq!(edit(&mut head), Err(error));
    assert_eq!(written(&head, &WriteOptions::default()), before);
}

#[test]
fn headers() {
    let all = "x-a: 1\nx-b: 2\nx-a: 3\n";
    check(
        "/",
        |_| Ok(()),
        &format!("GET / HTTP/1.1\nhost: a\n{all}\n"),
    );
    check(
        "/",
        |head| head.add_header(b"X-C", b" 4\t"),
        &format!("GET / HTTP/1.1\nhost: a\n{all}x-c:  4\t\n\n"),
    );
    check(
        "/",
        |head| head.set_header(b"Host", b" b "),
        &format!("GET / HTTP/1.1\n{all}host: b\n\n"),
    );
    check(
        "/",
        |head| head.set_header(b"X-A", b"4"),
        "GET / HTTP/1.1\nhost: a\nx-b: 2\nx-a: 4\n\n",
    );
    check(
        "/",
        |head| head.set_value(1, b"longer"),
        "GET / HTTP/1.1\nhost: a\nx-a: longer\nx-b: 2\nx-a: 3\n\n",
    );
    check(
        "/",
        |head| head.set_value(9, b"x"),
        &format!("GET / HTTP/1.1\nhost: a\n{all}\n"),
    );
    check(
        "/",
        |head| {
            assert_eq!(head.remove_header(b"x-A"), 2);
            assert_eq!(head.remove_header(b"x-A"), 0);
            Ok(())
        },
        "GET / HTTP/1.1\nhost: a\nx-b: 2\n\n",
    );
    check(
        "/",
        |head| {
            assert_eq!(head.remove_headers_where(|header| header.value == b"3"), 1);
            Ok(())
        },
        "GET / HTTP/1.1\nhost: a\nx-a: 1\nx-b: 2\n\n",
    );
    check(
        "/",
        |head| head.add_header(b"Host", b"b"),
        &format!("GET / HTTP/1.1\n{all}host: b\n\n"),
    );
}

#[test]
fn lookups() {
    let head = request("GET / HTTP/1.1\r\nHost: a\r\nX-A: 1, B\r\nx-a: c\r\n\r\n").unwrap();
    assert_eq!(head.header(b"X-a"), Some(&b"1, B"[..]));
    assert_eq!(head.header(b"X-b"), None);
    let values: Vec<_> = head.header_values(b"x-A").map(text).collect();
    assert_eq!(values, ["1, B", "c"]);
    let names: Vec<_> = head.headers().map(|header| text(header.name)).collect();
    assert_eq!(names, ["host", "x-a", "x-a"]);
    assert_eq!(
        head.header_at(1)
            .map(|header| text(header.value))
            .as_deref(),
        Some("1, B")
    );
    assert_eq!(head.header_at(3), None);
    assert!(head.has_token(b"X-A", b"b") && head.has_token(b"X-A", b"C"));
    assert!(!head.has_token(b"X-A", b"1,"));
}

#[test]
fn head_is_told_apart_from_a_method_set_later() {
    let methods = |head: &RequestHead| (head.is_head(), head.asks_head());
    let mut head = request("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    assert_eq!(methods(&head), (true, true));
    head.set_method(b"GET").unwrap();
    assert_eq!(methods(&head), (true, false));
    assert!(head.parse(b"GET\r\n\r\n", LIMITS).is_err());
    assert_eq!(methods(&head), (false, false));
    head = request("GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    head.set_method(b"HEAD").unwrap();
    assert_eq!(methods(&head), (false, true));
}

#[test]
fn start_line() {
    let rest = "HTTP/1.1\nhost: a\nx-a: 1\nx-b: 2\nx-a: 3\n\n";
    let edited =
        |target: &str, edit: &dyn Fn(&mut RequestHead) -> Result<(), EditError>, line: &str| {
            check(target, edit, &format!("{line} {rest}"));
        };
    edited("/p?q", &|head| head.set_method(b"POST"), "POST /p?q");
    edited("/p?q", &|head| head.set_target(b"/x?y"), "GET /x?y");
    edited("/p?q", &|head| head.set_path(b"/x"), "GET /x?q");
    edited("/p?q", &|head| head.set_query(b"x=y"), "GET /p?x=y");
    edited("/p?q", &|head| head.set_query(b""), "GET /p?");
    edited("/p", &|head| head.set_query(b""), "GET /p");
    edited("/p", &|head| head.set_query(b"x"), "GET /p?x");
    edited("/p?q", &|head| head.set_path_and_query(b"/x?y"), "GET /x?y");
    edited(
        "http://a/p?q",
        &|head| head.set_path(b"/x"),
        "GET http://a/x?q",
    );
    edited(
        "http://a/p?q",
        &|head| head.set_query(b"x"),
        "GET http://a/p?x",
    );
    edited("http://a/p?q", &|head| head.set_target(b"/x"), "GET /x");
    check(
        "http://a/p",
        |head| head.set_header(b"host", b"b:81"),
        "GET http://b:81/p HTTP/1.1\nx-a: 1\nx-b: 2\nx-a: 3\nhost: b:81\n\n",
    );
    check(
        "/p",
        |head| head.set_target(b"http://c/x"),
        "GET http://c/x HTTP/1.1\nx-a: 1\nx-b: 2\nx-a: 3\nhost: c\n\n",
    );
}

#[test]
fn refusals() {
    use EditError::{Name, Target, Value};
    refused("GET /", |head| head.set_header(b"a b", b"x"), Name);
    refused("GET /", |head| head.set_header(b"", b"x"), Name);
    refused("GET /", |head| head.add_header(b"a:", b"x"), Name);
    for value in [&b"a\rb"[..], b"a\nb", b"a\0b", b"a\r\nx: y", b"\x7f"] {
        refused("GET /", |head| head.set_header(b"x", value), Value);
        refused("GET /", |head| head.set_value(0, value), Value);
        refused(
            "GET /",
            |head| head.set_path(&[b"/", value].concat()),
            Target,
        );
        refused("GET /", |head| head.set_query(value), Target);
    }
    refused("GET /", |head| head.set_header(b"host", b"a b"), Value);
    refused("GET /", |head| head.set_method(b"a b"), Name);
    refused("GET /", |head| head.set_method(b"CONNECT"), Target);
    refused("OPTIONS *", |head| head.set_method(b"GET"), Target);
    refused("OPTIONS *", |head| head.set_path(b"/x"), Target);
    refused("CONNECT a:80", |head| head.set_path(b"/x"), Target);
    for path in [
        &b"x"[..],
        b"",
        b"/a b",
        b"/a#b",
        b"http://b/",
        b"*",
        b"/\xe9",
    ] {
        refused("GET /", |head| head.set_path(path), Target);
        refused("GET http://a/", |head| head.set_path(path), Target);
    }
    refused("GET http://a/", |head| head.set_path(b":80/"), Target);
    refused("GET http://a/", |head| head.set_path(b".b/"), Target);
}

#[test]
fn rules_cannot_unframe() {
    let input = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n";
    let expected = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n";
    let after = |edit: &dyn Fn(&mut RequestHead)| {
        let mut head = request(input).unwrap();
        edit(&mut head);
        assert_eq!(written(&head, &WriteOptions::default()), expected);
        head
    };
    after(&|head| head.set_header(b"Content-Length", b"7").unwrap());
    after(&|head| head.set_value(1, b"7").unwrap());
    after(&|head| head.add_header(b"transfer-encoding", b"chunked").unwrap());
    let head = after(&|head| assert_eq!(head.remove_header(b"content-length"), 1));
    assert_eq!(head.framing(), Framing::Length(5));
}

#[test]
fn a_client_cannot_name_away_what_a_rule_adds() {
    let mut head = request(
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: x-forwarded-for\r\nx-forwarded-for: 1\r\n\r\n",
    )
    .unwrap();
    head.add_header(b"X-Forwarded-For", b"2").unwrap();
    let expected = "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 2\r\n\r\n";
    assert_eq!(written(&head, &WriteOptions::default()), expected);
}

#[test]
fn room() {
    let mut head = request("GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    head.set_bound(40);
    assert_eq!(
        head.add_header(b"x", b"12345678"),
        Ok(()),
        "to the last byte"
    );
    assert_eq!(head.add_header(b"y", b""), Err(EditError::NoRoom));
    assert_eq!(head.set_path(b"/x"), Err(EditError::NoRoom));
    assert_eq!(head.remove_header(b"x"), 1);
    assert_eq!(head.set_path(b"/x"), Ok(()));
    let replaced = (0..1000)
        .take_while(|_| head.set_header(b"x", b"1").is_ok())
        .count();
    assert!(replaced < 40, "superseded text is bounded too: {replaced}");
    let mut out = Vec::new();
    head.write_to(&mut out, &WriteOptions::default());
    assert!(out.len() <= 40);
}

/// Bytes a careless expression could come up with.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "host",
        "content-length",
        "transfer-encoding",
        "x",
        "a",
        "b:81",
        "0",
        "chunked",
        "/",
        "?",
        "#",
        "*",
        "http://c",
        "https://c:443/",
        " ",
        ",",
        ":",
        "\r\n",
        "\n",
        "\0",
        "\u{e9}",
        "GET",
        "CONNECT",
        "OPTIONS",
        "%zz",
    ]);
    prop::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever rules make of a request, what goes out is one request with the body received.
    #[test]
    fn edited_requests_stay_whole(
        start in prop::sample::select(vec!["GET /p?q", "POST http://a:80/p", "OPTIONS *", "CONNECT a:80"]),
        length in prop::sample::select(vec!["x: y", "content-length: 0", "content-length: 0, 00"]),
        edits in prop::collection::vec((0..9_u8, anything(), anything()), 1..6),
    ) {
        let mut head = request(&format!("{start} HTTP/1.1\r\nhost: a:80\r\n{length}\r\n\r\n"))
            .or_else(|_| request(&format!("{start} HTTP/1.1\r\nhost: a\r\n{length}\r\n\r\n")))
            .unwrap();
        for (kind, one, two) in &edits {
            let _refused_or_not = match kind {
                0 => head.set_header(one, two),
                1 => head.add_header(one, two),
                2 => head.set_value(usize::from(*one.first().unwrap_or(&0) % 3), two),
                3 => head.set_method(one),
                4 => head.set_target(one),
                5 => head.set_path(one),
                6 => head.set_path_and_query(one),
                7 => head.set_query(one),
                _ => {
 head.remove_header(one);
 Ok(())
 }
            };
        }
        let mut out = Vec::new();
        head.write_to(&mut out, &WriteOptions::default());
        let mut again = RequestHead::default();
        prop_assert_eq!(again.parse(&out, LIMITS), Ok(Some(out.len())), "{}", out.escape_ascii());
        prop_assert_eq!(again.framing(), head.framing());
        prop_assert_eq!(again.path_and_query(), head.path_and_query());
    }
}
