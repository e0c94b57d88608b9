//! `ring` sections: `show events`, servers, what happens when one does not read.

use super::{ask, get, info, start};
use crate::support::peer::Peer;

#[test]
fn a_ring_keeps_the_last_lines() {
    let topology = start(
        "",
        "log ring@recent local0\n log ring@buf0 local0\n log ring@dated format rfc3164 local0",
        "ring recent\n description \"last lines\"\n size 40\n maxlen 8\nring dated\n format short",
    );
    get(&topology, &["/1", "/22", "/333", "/4444", "/55555"]);
    // GET_/22 and those after it, each with two bytes of bookkeeping, are 40 bytes.
    assert_eq!(
        ask(&topology, "show events recent"),
        "GET_/22\nGET_/333\nGET_/444\nGET_/555\n\n"
    );
    assert_eq!(ask(&topology, "show events recent -n"), "\n");
    assert!(ask(&topology, "show events recent -0").contains("GET_/333\0"));
    assert!(ask(&topology, "show events dated").starts_with("<6>GET_/1\n"));
    assert!(ask(&topology, "show events buf0").contains("+00:00 GET_/1\n"));
    let list = ask(&topology, "show events");
    assert!(
        list.contains("    recent     : type=buffer, 0 dropped, last lines\n"),
        "{list}"
    );
    assert!(
        list.contains("    stderr     : type=fd, 0 dropped, standard output (fd#2)\n"),
        "{list}"
    );
}

#[test]
fn wrong_questions_about_rings() {
    let topology = start("", "log ring@recent local0", "ring recent");
    let check = |line: &str, expected: &str| assert_eq!(ask(&topology, line), expected, "{line}");
    check("show events none", "No such event sink\n\n");
    check("show events stdout", "Nothing to report for this sink\n\n");
    check("show events recent -x", "unknown option\n\n");
    check("user;show events recent", "\nPermission denied\n\n");
}

#[test]
fn those_who_wait_see_lines_as_they_come() {
    let topology = start("", "log ring@recent local0", "ring recent");
    get(&topology, &["/before"]);
    let mut waiting = Peer::new(topology.connect("cli"));
    waiting.send(b"show events recent -w\n".to_vec());
    assert_eq!(waiting.raw(12).unwrap(), b"GET_/before\n");
    get(&topology, &["/after"]);
    assert_eq!(waiting.raw(11).unwrap(), b"GET_/after\n");
    // Whatever the client says ends it.
    waiting.send(b"x".to_vec());
    assert_eq!(waiting.rest().unwrap(), b"\n");
}

#[test]
fn servers_get_every_line() {
    let topology = start(
        "",
        "log ring@out local0\n log tcp@${t} format raw local0",
        "ring out\n format short\n timeout connect 5s\n timeout server 5s\n server s ${s} log-proto octet-count",
    );
    get(&topology, &["/1", "/2"]);
    let mut counted = Peer::new(topology.accept("s").expect("a connection"));
    assert_eq!(counted.raw(22).unwrap(), b"9 <6>GET_/19 <6>GET_/2");
    let mut lines = Peer::new(topology.accept("t").expect("a connection"));
    assert_eq!(lines.raw(14).unwrap(), b"GET_/1\nGET_/2\n");
    // A server that goes is connected to again.
    drop(lines);
    get(&topology, &["/3"]);
    let mut lines = Peer::new(topology.accept("t").expect("another connection"));
    assert_eq!(lines.raw(7).unwrap(), b"GET_/3\n");
}

#[test]
fn a_server_that_is_not_there_costs_lines_and_nothing_else() {
    let topology = start(
        "",
        "log ring@out local0",
        "ring out\n size 30\n server s ${closed}",
    );
    get(&topology, &["/1", "/2", "/3", "/4", "/5", "/6"]);
    // Three lines of six bytes and two of bookkeeping fit.
    let kept = "GET_/1\nGET_/2\nGET_/3\n\n";
    let mut looks = 0;
    while info(&topology, "DroppedLogs") < 3 && looks < 1000 {
        looks += 1;
    }
    assert_eq!(info(&topology, "DroppedLogs"), 3);
    assert_eq!(ask(&topology, "show events out"), kept);
    assert!(ask(&topology, "show events").contains("out        : type=buffer, 3 dropped, out\n"));
}
