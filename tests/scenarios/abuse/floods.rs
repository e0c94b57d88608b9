//! Messages that are too large in any of their parts: refused, with little memory and no server asked.

use crate::proxy;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// The most memory that one such message may cost, kB.
const KB: u64 = 1024;

/// A client sends `head` and `size` bytes of `unit`; the answer must be `status`.
#[track_caller]
fn from_client(what: &str, head: &str, unit: &str, size: usize, status: u16) {
    let topology = Topology::start(&tidegate(), &proxy(""));
    open(&topology);
    let before = topology.process.vitals().resident_kb;
    let mut client = Peer::new(topology.connect("fe"));
    client.send([head.as_bytes(), &unit.as_bytes().repeat(size / unit.len())].concat());
    let answer = client.head().unwrap_or_else(|why| panic!("{why}"));
    let grown = topology.process.vitals().resident_kb.saturating_sub(before);
    assert_eq!(answer.status(), status, "{answer}");
    println!("figure: {what}, {size} bytes from a client: {status}, {grown} kB");
    assert!(grown <= KB, "{grown} kB");
    open(&topology);
}

/// A server answers with `head` and `size` bytes of `unit`; the client must see `status`.
#[track_caller]
fn from_server(what: &str, head: &str, unit: &str, size: usize, status: u16) {
    let topology = Topology::start(&tidegate(), &proxy(""));
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection to the server"));
    server.head().unwrap_or_else(|why| panic!("{why}"));
    let before = topology.process.vitals().resident_kb;
    server.send([head.as_bytes(), &unit.as_bytes().repeat(size / unit.len())].concat());
    let answer = loop {
        let head = client.head().unwrap_or_else(|why| panic!("{why}"));
        if head.status() >= 200 {
            break head;
        }
    };
    let grown = topology.process.vitals().resident_kb.saturating_sub(before);
    assert_eq!(answer.status(), status, "{answer}");
    println!("figure: {what}, {size} bytes from a server: {status}, {grown} kB");
    assert!(grown <= KB, "{grown} kB");
    open(&topology);
}

fn open(topology: &Topology) {
    let mut probe = Peer::new(topology.connect("fe"));
    let path = crate::support::script::MONITOR;
    probe.send(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").into_bytes());
    let answer = probe.head().unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(answer.status(), 200, "{answer}");
}

const MB_10: usize = 10 << 20;

#[test]
fn one_header_of_ten_megabytes() {
    from_client(
        "one header",
        "GET / HTTP/1.1\r\nhost: a\r\nx: ",
        "y",
        MB_10,
        431,
    );
    from_server("one header", "HTTP/1.1 200 OK\r\nx: ", "y", MB_10, 502);
}

#[test]
fn ten_megabytes_of_small_headers() {
    from_client(
        "headers",
        "GET / HTTP/1.1\r\nhost: a\r\n",
        "a: b\r\n",
        MB_10,
        400,
    );
    from_server("headers", "HTTP/1.1 200 OK\r\n", "a: b\r\n", MB_10, 502);
}

#[test]
fn a_target_of_ten_megabytes() {
    from_client("a target", "GET /", "a", MB_10, 414);
}

#[test]
fn ten_megabytes_without_a_line() {
    from_client("empty lines", "", "\r\n", MB_10, 400);
    from_client("letters", "", "A", MB_10, 414);
    from_server("letters", "HTTP/1.1 200 ", "A", MB_10, 502);
}

#[test]
fn interim_responses() {
    let unit = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
    from_server("interim responses", "", unit, MB_10, 502);
}

/// The response begins before its chunks are seen to be bad: then the connection ends.
#[test]
fn a_chunk_extension_of_ten_megabytes() {
    let head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1;";
    from_client("a chunk extension", head, "x", MB_10, 400);
    let topology = Topology::start(&tidegate(), &proxy(""));
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection to the server"));
    server.head().unwrap_or_else(|why| panic!("{why}"));
    server.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec());
    client.head().unwrap_or_else(|why| panic!("{why}"));
    server.send([b"1;".to_vec(), vec![b'x'; MB_10]].concat());
    assert!(client.end().is_ok(), "the response goes on");
    open(&topology);
}
