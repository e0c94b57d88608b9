//! The same bytes at once and in pieces give the same result.

use super::*;
use proptest::prelude::*;

/// Requests with their bodies, good and bad.
const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
    "\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\n",
    "GET http://a:80?q HTTP/1.1\r\nHost: A\r\n\r\n",
    "GET http://a:80/ HTTP/1.1\r\nHost: A:80\r\nConnection: x, y\r\nX: z\r\n\r\n",
    "POST /p?q HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\nhelloGET",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n03;x=y\r\nabc\r\n0A \r\n0123456789\r\n00\r\nX-T: 1\r\n\r\nGET",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx y\r\n\r\n",
    "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost:\r\nTE: trailers\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\r\nx : y\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\nx: y\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "\r\rGET",
    "CONNECT a:443 HTTP/1.0\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n",
];

const RESPONSES: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nokHTTP",
    "HTTP/1.1 200\r\n\r\nuntil close",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\ncontent-length:\t1 \r\n\r\nx",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\nTrailer: x\r\n\r\n003;a=b\r\nabc\r\n00\r\nX-T: 2\r\n\r\n",
    "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nHTTP",
    "HTTP/1.1 101 x\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\nbytes",
    "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 099 x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
];

#[test]
fn corpus() {
    REQUESTS
        .iter()
        .for_each(|input| fuzz_request(input.as_bytes()));
    RESPONSES
        .iter()
        .for_each(|input| fuzz_response(input.as_bytes()));
    let long = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
        "y".repeat(1100)
    );
    fuzz_request(long.as_bytes());
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(17));
    fuzz_request(many.as_bytes());
    let line = format!(
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3;{}\r\nabc\r\n0\r\n\r\n",
        "x".repeat(MAX_CHUNK_LINE)
    );
    fuzz_request(line.as_bytes());
}

/// Lines and fragments that mean something, in any order.
fn fragments(start: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop::sample::select(vec![
        "\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        ":",
        ",",
        ";",
        "\0",
        "0",
        "3",
        "a",
        "\r\n\r\n",
        "Host: a\r\n",
        "content-length: 3\r\n",
        "Content-Length: 03, 3\r\n",
        "transfer-encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "connection: close, x\r\n",
        "x:\t y \r\n",
        "upgrade: foo\r\n",
        "connection: upgrade\r\n",
        "te: trailers\r\n",
        "3\r\nabc\r\n",
        "3;x=y\r\nabc\r\n",
        "003 \r\nabc\r\n",
        "0\r\n\r\n",
        "0\r\nX: y\r\n\r\n",
        "\u{e9}",
    ]);
    prop::collection::vec(fragment, 0..12)
        .prop_map(move |parts| [start, &parts.concat()].concat().into_bytes())
}

/// A message of the corpus with a few bytes changed, doubled or taken out.
fn mutated(corpus: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        prop::sample::select(b"\r\n \t:;,0123abcfx\0".to_vec()),
        any::<u8>()
    ];
    let change = (any::<prop::sample::Index>(), 0..3_u8, byte);
    let changes = prop::collection::vec(change, 1..4);
    (prop::sample::select(corpus), changes).prop_map(|(message, changes)| {
        let mut message = message.as_bytes().to_vec();
        for (at, kind, byte) in changes {
            let at = at.index(message.len());
            match kind {
                0 => message[at] = byte,
                1 => message.insert(at, byte),
                _ if message.len() > 1 => drop(message.remove(at)),
                _ => {}
            }
        }
        message
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request(input in fragments("POST http://a/p HTTP/1.1\r\nhost: a\r\n")) {
        fuzz_request(&input);
    }

    #[test]
    fn any_request_line(input in fragments("GET / HTTP/1.1\r\n")) {
        fuzz_request(&input);
    }

    #[test]
    fn any_response(input in fragments("HTTP/1.1 200 OK\r\n")) {
        fuzz_response(&input);
    }

    #[test]
    fn any_bytes(input in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz_request(&input);
        fuzz_response(&input);
    }

    #[test]
    fn any_chunks(input in fragments("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")) {
        fuzz_request(&input);
    }

    #[test]
    fn nearly_a_request(input in mutated(REQUESTS)) {
        fuzz_request(&input);
    }

    #[test]
    fn nearly_a_response(input in mutated(RESPONSES)) {
        fuzz_response(&input);
    }
}
