//! The stats socket under clients that mean no good: it stays bounded, and traffic goes on.

use crate::proxy;
use crate::support::peer::{End, Peer};
use crate::support::tidegate;
use crate::support::topology::{Surroundings, Topology};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

/// A proxy that answers every request, with a stats socket; `lines` go to `global`.
fn start(lines: &str) -> Topology {
    let config = proxy("").replace(
        "frontend fe\n",
        "frontend fe\n    http-request return status 200 hdr m %[path,map(${dir}/map,-)]\n",
    );
    let text = format!("global\n    stats socket \"fd@${{cli}}\" level admin\n{lines}\n{config}");
    let place = Surroundings::of(&text);
    let entry = |n| format!("/key/{n} value-{n}\n");
    let map: String = (0..ENTRIES).map(entry).collect();
    std::fs::write(place.dir.path().join("map"), map).expect("a file in the directory");
    place.start(&tidegate(), &["-db"])
}

/// Enough for an answer far larger than what sockets hold.
const ENTRIES: usize = 200_000;

fn ask(topology: &Topology, line: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{line}\n").into_bytes());
    peer.shut();
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(answer).expect("text")
}

/// Whether requests and other commands are answered.
fn is_well(topology: &Topology) {
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"GET /key/7 HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let head = client.head().unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(head.start, "HTTP/1.1 200 OK");
    assert_eq!(ask(topology, "echo well"), "well\n\n");
}

/// Kilobytes of memory in use.
fn memory(topology: &Topology) -> usize {
    let path = format!("/proc/{}/status", topology.process.id());
    let status = std::fs::read_to_string(path).expect("a running process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[test]
fn garbage_is_answered_or_cut_off() {
    let topology = start("");
    for bytes in [
        b"\x00\x01\x02\xff\xfe;\\;\n".to_vec(),
        b"\n".repeat(5000),
        b";".repeat(5000),
        b"\\".repeat(5001),
        vec![b'a'; 1 << 20],
        [b"add map #0 <<\n".to_vec(), vec![b'x'; 1 << 20]].concat(),
        [
            b"add map #0 <<\n".to_vec(),
            b"k v\n".repeat(20_000),
            b"k".to_vec(),
        ]
        .concat(),
        b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(),
        b"show map #".to_vec(),
    ] {
        let mut peer = Peer::new(topology.connect("cli"));
        peer.send(bytes);
        peer.shut();
        // An end of any kind will do.
        let _ = peer.rest();
        is_well(&topology);
    }
    let answer = ask(&topology, "\u{1b}[2J\u{7}");
    assert!(
        !answer.contains('\u{1b}') && !answer.contains('\u{7}'),
        "{answer:?}"
    );
}

#[test]
fn idle_clients_make_room_in_time() {
    let topology = start("    stats timeout 50ms");
    let mut idle: Vec<Peer> = (0..100)
        .map(|_| Peer::new(topology.connect("cli")))
        .collect();
    for (n, peer) in idle.iter_mut().enumerate() {
        if n % 2 == 0 {
            peer.send(b"show ver".to_vec());
        }
    }
    is_well(&topology);
    for mut peer in idle {
        assert_eq!(peer.rest(), Ok(Vec::new()));
    }
}

#[test]
fn a_slow_reader_holds_a_piece_of_the_answer_and_nothing_else() {
    let topology = start("    stats timeout 30s");
    // A list exists twice once it was changed.
    assert_eq!(ask(&topology, "add map #0 new 1"), "\n");
    assert_eq!(ask(&topology, "del map #0 /key/7"), "\n");
    let before = memory(&topology);
    let slow: Vec<TcpStream> = (0..5)
        .map(|_| {
            let mut stream = topology.connect("cli");
            stream.write_all(b"show map #0\n").expect("a command");
            stream
        })
        .collect();
    is_well(&topology);
    let grown = memory(&topology).saturating_sub(before);
    // Five answers of 6 MB wait.
    assert!(grown < 5_000, "{grown} kB more");
    assert_eq!(ask(&topology, "add map #0 newer 1"), "\n");
    assert_eq!(ask(&topology, "del map #0 /key/8"), "\n");
    for mut stream in slow {
        stream.shutdown(Shutdown::Write).expect("a half-close");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the answer");
        let lines = answer.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, ENTRIES + 1, "as it was when it was asked for");
    }
}

#[test]
fn who_waits_and_goes_gives_the_place_back() {
    let topology = start("    stats socket ${dir}/admin level admin");
    is_well(&topology);
    let ask = |command: &str| {
        let path = topology.dir.path().join("admin");
        let mut stream = UnixStream::connect(path).expect("a connection");
        stream.write_all(command.as_bytes()).expect("a command");
        stream
    };
    for _ in 0..20 {
        drop(ask("wait 1000s\n"));
    }
    // Who only sends nothing more gets the answer.
    let mut last = ask("wait 300ms\n");
    last.shutdown(Shutdown::Write).expect("a half-close");
    let mut answer = String::new();
    last.read_to_string(&mut answer).expect("an answer");
    assert_eq!(answer, "Done.\n\n");
}

#[test]
fn a_file_is_its_owners_unless_said_otherwise() {
    let check = |options: &str, level: &str, mode: u32| {
        let socket = format!("    stats socket ${{dir}}/admin {options}");
        let topology = start(&socket);
        is_well(&topology);
        let path = topology.dir.path().join("admin");
        let permissions = std::fs::metadata(&path).expect("a socket").permissions();
        assert_eq!(permissions.mode() & 0o777, mode, "{options}");
        let mut stream = UnixStream::connect(&path).expect("a connection");
        stream.write_all(b"show cli level\n").expect("a command");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert_eq!(answer, format!("{level}\n\n"));
    };
    check("", "operator", 0o600);
    check("level user mode 666", "user", 0o666);
    check("level admin mode 640", "admin", 0o640);
}

#[test]
fn streams_are_shown_and_ended() {
    let config = format!(
        "global\n    stats socket \"fd@${{cli}}\" level admin\n{}",
        proxy("")
    );
    let topology = Topology::start(&tidegate(), &config);
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection to the server"));
    server.head().unwrap_or_else(|why| panic!("{why}"));
    let _idle = Peer::new(topology.connect("fe"));
    let shown = ask(&topology, "show sess");
    let from = format!(
        " proto=tcpv4 src=127.0.0.1:{} fe=fe be=be srv=s age=",
        client.port()
    );
    assert!(
        shown.contains(&from) && shown.lines().count() == 2,
        "{shown}"
    );
    let id = shown.split(':').next().expect("an address").to_owned();
    let in_full = ask(&topology, &format!("show sess {id}"));
    assert!(
        in_full.contains("  backend=be (id=3 mode=http)\n"),
        "{in_full}"
    );
    assert_eq!(ask(&topology, "show sess server be/s"), shown);
    assert_eq!(ask(&topology, &format!("shutdown session {id}")), "\n");
    assert_eq!(client.end(), Ok(End::Eof));
    assert_eq!(server.end(), Ok(End::Eof));
    assert_eq!(ask(&topology, "show sess"), "\n");
}
