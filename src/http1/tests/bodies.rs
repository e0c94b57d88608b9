//! Message bodies, decoded in place: accepted, refused, resumed (RFC 9112 §6, §7).

use super::*;

/// A chunked body, relayed at once: what is forwarded with and without chunks.
fn check(input: &str, framed: &str, plain: &str) {
    assert_eq!(
        relay(chunked(), input),
        Ok((framed.into(), true)),
        "{input:?}"
    );
    let plain = (plain.into(), true);
    assert_eq!(relay(chunked().unframed(), input), Ok(plain), "{input:?}");
}

fn refused(input: &str, error: BodyError) {
    assert_eq!(relay(chunked(), input), Err(error), "{input:?}");
    assert_eq!(relay(chunked().unframed(), input), Err(error), "{input:?}");
}

fn chunked() -> Body {
    request("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .unwrap()
        .body()
}

fn relay(mut body: Body, input: &str) -> Result<(String, bool), BodyError> {
    let mut buffer = input.as_bytes().to_vec();
    let framed = body.advance(&mut buffer)?;
    let used = framed.skip + framed.ready;
    assert_eq!(
        &buffer[used..],
        &input.as_bytes()[used..],
        "undecoded input stays"
    );
    Ok((text(&buffer[framed.skip..used]), framed.done))
}

#[test]
fn chunks() {
    check("0\r\n\r\n", "0\r\n\r\n", "");
    check("3\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "abc");
    check(
        "A\r\n0123456789\r\n0\r\n\r\n",
        "A\r\n0123456789\r\n0\r\n\r\n",
        "0123456789",
    );
    check(
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        "abcde",
    );
    check(
        "3\r\n\r\n\n\r\n0\r\n\r\n",
        "3\r\n\r\n\n\r\n0\r\n\r\n",
        "\r\n\n",
    );
    // RFC 9112 §7.1.1: extensions go, and so do zeros and padding.
    check(
        "3;a=b\r\nabc\r\n0;c\r\n\r\n",
        "3\r\nabc\r\n0\r\n\r\n",
        "abc",
    );
    check(
        "3 ; a=\"x;y\" \r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n0\r\n\r\n",
        "abc",
    );
    check("0003\r\nabc\r\n000\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "abc");
    check("3 \t\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "abc");
    check("3;\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "abc");
    // §7.1.2: trailers.
    check("0\r\nX-A: b\r\nc:\r\n\r\n", "0\r\nx-a: b\r\nc:\r\n\r\n", "");
    // What follows is another message.
    check("0\r\n\r\nGET /", "0\r\n\r\n", "");
}

#[test]
fn chunks_refused() {
    use BodyError::{Chunk, ChunkTooLarge, LineTooLong, Trailers};
    for line in [
        "\r\n",
        " 3\r\n",
        "-3\r\n",
        "+3\r\n",
        "0x3\r\n",
        "x\r\n",
        "3x\r\n",
        "3 x\r\n",
        "3\n",
        "3\r\r\n",
        "3;a\n",
        "3;a\rb\r\n",
        "3;\0\r\n",
        "3;a=\u{1}\r\n",
        "3,\r\n",
        "3\u{e9}\r\n",
    ] {
        refused(&format!("{line}abc\r\n0\r\n\r\n"), Chunk);
    }
    for end in ["abcd\r\n", "abc\n", "abc\r\r\n", "abc0\r\n", "abc \r\n"] {
        refused(&format!("3\r\n{end}0\r\n\r\n"), Chunk);
    }
    refused("1000000000000001\r\n", ChunkTooLarge);
    refused("FFFFFFFFFFFFFFFFF\r\n", ChunkTooLarge);
    refused("10000000000000003\r\nabc", ChunkTooLarge);
    assert!(relay(chunked(), "1000000000000000\r\n").is_ok());
    refused(&format!("3;{}", "x".repeat(MAX_CHUNK_LINE)), LineTooLong);
    refused(&format!("{}3\r\n", "0".repeat(MAX_CHUNK_LINE)), LineTooLong);
    // Nothing but extensions, in lines of a permitted length.
    let extension = format!("1;{}\r\nx\r\n", "x".repeat(1000));
    refused(&extension.repeat(20), Chunk);
    assert!(relay(chunked(), &"1\r\nx\r\n".repeat(5000)).is_ok());

    for trailer in [
        "x",
        "x : a",
        " x: a",
        ": a",
        "x: a\n",
        "x: a\0",
        "x: a\r\n b",
        "x: a\rb",
        "x y: a",
        "Content-Length: 3",
        "transfer-encoding: chunked",
        "Host: a",
        "connection: close",
    ] {
        refused(&format!("0\r\n{trailer}\r\n\r\n"), Trailers);
    }
    refused("0\r\n\n", Trailers);
    refused("0\r\n\r\r\n", Trailers);
    refused(&format!("0\r\nx: {}", "y".repeat(MAX_TRAILERS)), Trailers);
    refused(
        &format!("0\r\n{}", "x: y\r\n".repeat(MAX_TRAILERS / 6 + 1)),
        Trailers,
    );
}

#[test]
fn unfinished_lines_wait() {
    for input in ["", "3", "3;a", "3\r", "3;a=b\r"] {
        assert_eq!(
            relay(chunked(), input),
            Ok((String::new(), false)),
            "{input:?}"
        );
    }
    assert_eq!(relay(chunked(), "3\r\na"), Ok(("3\r\na".into(), false)));
    assert_eq!(
        relay(chunked(), "3\r\nabc\r"),
        Ok(("3\r\nabc".into(), false))
    );
    assert_eq!(relay(chunked(), "0\r\nx: y"), Ok(("0\r\n".into(), false)));
}

#[test]
fn lengths() {
    let mut body = Body::Length(5);
    let framed = |ready, done| {
        Ok(Framed {
            skip: 0,
            ready,
            done,
        })
    };
    assert_eq!(body.advance(&mut []), framed(0, false));
    assert_eq!(body.advance(&mut [0; 3]), framed(3, false));
    assert_eq!((body.raw_bytes(), body.may_end_at_close()), (2, false));
    assert_eq!(body.advance(&mut [0; 9]), framed(2, true));
    assert_eq!(body, Body::Done);
    assert_eq!(body.advance(&mut [0; 9]), framed(0, true));
    assert_eq!(Body::UntilClose.advance(&mut [0; 9]), framed(9, false));
    assert!(Body::UntilClose.may_end_at_close());
}

#[test]
fn raw_bytes_pass_unseen() {
    let mut body = chunked();
    assert_eq!(body.raw_bytes(), 0);
    assert!(body.advance(&mut b"10\r\nabcd".to_vec()).is_ok());
    assert_eq!(body.raw_bytes(), 12);
    body.consume_raw(12);
    assert_eq!(body.raw_bytes(), 0);
    let end = Framed {
        skip: 0,
        ready: 7,
        done: true,
    };
    assert_eq!(body.advance(&mut b"\r\n0\r\n\r\n".to_vec()), Ok(end));
    let mut body = Body::Length(7);
    body.consume_raw(7);
    assert!(body.is_done());
    assert_eq!(Body::UntilClose.raw_bytes(), u64::MAX);
}

#[test]
fn chunk_lines() {
    let check = |size, expected: &str| assert_eq!(text(ChunkLine::new(size).as_bytes()), expected);
    check(1, "1\r\n");
    check(0xaf, "af\r\n");
    check(16_384, "4000\r\n");
    check(usize::MAX, "ffffffffffffffff\r\n");
}
