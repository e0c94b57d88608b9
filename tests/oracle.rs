//! Whatever peers send, the proxy's own output is read by others as it is meant.

#![forbid(unsafe_code)]
#![allow(
    clippy::indexing_slicing,
    reason = "a wrong index here fails the test, as it should"
)]

#[path = "oracle/mod.rs"]
mod judge;

use judge::reference::{Rest, Strictness, requests, responses};
use judge::{check, play};
use std::path::Path;
use tidegate::proxy::fuzz::PAUSE;

/// A request and its response, each with everything that a body can have.
const EXCHANGE: &[u8] =
    b"POST /a?b HTTP/1.1\r\nHost: a\r\nX: 1\r\nTransfer-Encoding: chunked\r\n\r\n\
    4;e=\"f\"\r\nbody\r\n0\r\nT: 1\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n\xff\
    HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
    2\r\nok\r\n0\r\n\r\n\xffHEAD / HTTP/1.1\r\nHost: a\r\n\r\n\xff\
    HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\n";

#[test]
fn every_seed_of_the_fuzz_targets_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for target in ["connection", "request", "response"] {
        let seeds = std::fs::read_dir(corpus.join(target)).expect("seeds");
        for seed in seeds {
            let path = seed.expect("a seed").path();
            println!("{}", path.display());
            let seed = std::fs::read(path).expect("a seed");
            check(&seed);
            // A seed of the target `response` is what the server says.
            check(&[b"GET / HTTP/1.1\r\nhost: a\r\n\r\n\xff", seed.as_slice()].concat());
        }
    }
}

#[test]
fn a_pause_anywhere_changes_nothing() {
    let whole = play(EXCHANGE);
    assert_eq!(whole.forwarded.len(), 1, "{whole:?}");
    for at in 0..EXCHANGE.len() {
        let (before, after) = EXCHANGE.split_at(at);
        let script = [before, &[PAUSE], after].concat();
        check(&script);
        let paused = play(&script);
        let without_number = |bytes: &[u8]| {
            let text = bytes.escape_ascii().to_string();
            let lines = text.split("\\r\\n");
            let lines = lines.filter(|line| !line.starts_with("x-number"));
            lines.collect::<Vec<_>>().join("|")
        };
        assert_eq!(paused.received, whole.received, "a pause at {at}");
        assert_eq!(
            paused.forwarded.len(),
            whole.forwarded.len(),
            "a pause at {at}"
        );
        for (paused, whole) in paused.forwarded.iter().zip(&whole.forwarded) {
            let bodies = |bytes: &[u8]| {
                let (messages, _) = requests(bytes, Strictness::Forwarded);
                messages
                    .into_iter()
                    .map(|message| message.body)
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                bodies(paused),
                bodies(whole),
                "a pause at {at}: {}",
                without_number(paused)
            );
        }
    }
}

/// Found by fuzzing, or close to it.
#[test]
fn named_scripts() {
    // No form of a target: the answer to what looks like HEAD has a body.
    check(b"HEAD 8/ HTTP/1.1\r\nHost: a\r\n\r\n");
    // A length told twice, an answer that comes too late, and then no request.
    check(
        b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n\
        \xff\xff\xff\xff.1-con\r\nHost: a\r\n\r\n",
    );
}

#[track_caller]
fn check_requests(stream: &str, how: Strictness, bodies: &[&str], rest: Rest) {
    let (messages, left) = requests(stream.as_bytes(), how);
    let read: Vec<_> = messages
        .iter()
        .map(|message| message.body.escape_ascii().to_string())
        .collect();
    assert_eq!(
        (read.as_slice(), left),
        (
            &bodies.iter().map(|b| (*b).to_owned()).collect::<Vec<_>>()[..],
            rest
        ),
        "{stream:?}"
    );
}

#[test]
fn the_reference_reads_requests() {
    use Strictness::{Forwarded, Received};
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    check_requests(&get.repeat(2), Forwarded, &["", ""], Rest::Nothing);
    check_requests(&format!("\r\n{get}"), Received, &[""], Rest::Nothing);
    check_requests(
        &format!("\r\n{get}"),
        Forwarded,
        &[],
        Rest::Fault("a first line without three parts"),
    );
    check_requests(
        "GET / HTTP/1.1\r\n\r\n",
        Forwarded,
        &[],
        Rest::Fault("not one Host"),
    );
    check_requests(
        "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
        Forwarded,
        &[],
        Rest::Fault("a header without a colon"),
    );
    check_requests(
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        Forwarded,
        &[],
        Rest::Fault("a header name that is no token"),
    );
    check_requests(
        "GET / HTTP/1.1\r\nHost: a\nb: c\r\n\r\n",
        Forwarded,
        &[],
        Rest::Fault("a control byte in a head"),
    );
    check_requests(
        "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabc",
        Received,
        &["ab"],
        Rest::Nothing,
    );
    let twice = "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab";
    check_requests(twice, Received, &["ab"], Rest::Nothing);
    check_requests(twice, Forwarded, &[], Rest::Fault("two lengths"));
    check_requests(
        &twice.replacen(": 2", ": 1", 1),
        Received,
        &[],
        Rest::Fault("two lengths"),
    );
    check_requests(
        "P / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab",
        Forwarded,
        &[],
        Rest::Fault("a bad length"),
    );
    check_requests(
        "P / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        Forwarded,
        &[],
        Rest::Fault("both a length and a coding"),
    );
    check_requests(
        &format!("{chunked}1\r\na\r\n0\r\n\r\n{get}"),
        Forwarded,
        &["a", ""],
        Rest::Nothing,
    );
    check_requests(
        &format!("{chunked}1;e\r\na\r\n0\r\n\r\n"),
        Received,
        &["a"],
        Rest::Nothing,
    );
    check_requests(
        &format!("{chunked}1;e\r\na\r\n0\r\n\r\n"),
        Forwarded,
        &[""],
        Rest::Fault("a bad chunk size"),
    );
    check_requests(
        &format!("{chunked}1\r\nab\r\n"),
        Forwarded,
        &["a"],
        Rest::Fault("no line end after a chunk"),
    );
    check_requests(
        &format!("{chunked}1\na\r\n"),
        Forwarded,
        &[""],
        Rest::Fault("half a line end"),
    );
    check_requests(
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nxyz",
        Forwarded,
        &[""],
        Rest::Opaque,
    );
}

#[track_caller]
fn check_responses(stream: &str, methods: &[&str], count: usize, rest: Rest) {
    let methods = methods.iter().map(|method| method.as_bytes());
    let (messages, left) = responses(stream.as_bytes(), methods);
    assert_eq!((messages.len(), left), (count, rest), "{stream:?}");
}

#[test]
fn the_reference_reads_responses() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    check_responses(&format!("{head}ab"), &["GET"], 1, Rest::Nothing);
    check_responses(
        &format!("{head}{head}ab"),
        &["HEAD", "GET"],
        2,
        Rest::Nothing,
    );
    check_responses(
        &format!("HTTP/1.1 100 Continue\r\n\r\n{head}ab"),
        &["GET"],
        1,
        Rest::Nothing,
    );
    check_responses(
        "HTTP/1.1 200 OK\r\n\r\nuntil the end",
        &["GET"],
        1,
        Rest::Nothing,
    );
    check_responses(
        "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n",
        &["GET"],
        0,
        Rest::Fault("a body where none can be"),
    );
    check_responses(
        "HTTP/1.1 2000 OK\r\n\r\n",
        &["GET"],
        0,
        Rest::Fault("a bad status"),
    );
    check_responses("HTTP/1.1 101 Go\r\n\r\nanything", &["GET"], 0, Rest::Opaque);
    check_responses(
        "HTTP/1.1 200 OK\r\n\r\nanything",
        &["CONNECT"],
        0,
        Rest::Opaque,
    );
}
