//! SIGINT and SIGTERM stop at once; SIGUSR1 lets what is in flight finish.

use crate::proxy;
use crate::support::peer::Peer;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;
use rustix::process::Signal;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;

#[track_caller]
fn check(topology: &mut Topology, script: &str) {
    play(topology, script).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn stops_at_once() {
    for (name, signal) in [("INT", Signal::INT), ("TERM", Signal::TERM)] {
        let mut topology = Topology::start(&tidegate(), &proxy(""));
        let script = format!(
            "c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             signal {name}
             c end
             s end"
        );
        check(&mut topology, &script);
        let status = topology.process.wait();
        let by_signal = status.signal() == Some(signal.as_raw());
        assert!(
            status.success() || by_signal,
            "{status}: {}",
            topology.process.output()
        );
    }
}

#[test]
fn soft_stop_finishes_what_is_in_flight() {
    let mut topology = Topology::start(&tidegate(), &proxy(""));
    check(
        &mut topology,
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 200 OK|content-length: 4||so
         c^ HTTP/1.1 200 OK|content-length: 4||
         c~ so
         signal USR1
         s> ft
         c~ ft
         c eof",
    );
    let status = topology.process.wait();
    assert_eq!(status.code(), Some(0), "{}", topology.process.output());
}

/// Where a new process listens beside the old one (`SO_REUSEPORT`), a socket that nobody accepts on would
/// swallow its share of connections.
#[test]
fn soft_stop_closes_what_it_listens_on() {
    let config = proxy("") + "frontend other\n    bind unix@${dir}/other.sock\n";
    let mut topology = Topology::start(&tidegate(), &config);
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let (stream, _) = topology.origin("s").accept().expect("a request");
    let mut origin = Peer::new(stream);
    topology.process.signal(Signal::USR1);
    let path = topology.dir.path().join("other.sock");
    let is_open = || UnixStream::connect(&path).is_ok();
    assert!((0..100_000).any(|_| !is_open()), "it still listens");
    origin.send(b"HTTP/1.1 204 x\r\n\r\n".to_vec());
    assert!(client.head().is_ok_and(|head| head.status() == 204));
    let status = topology.process.wait();
    assert_eq!(status.code(), Some(0), "{}", topology.process.output());
}

#[test]
fn soft_stop_closes_idle_connections() {
    let mut topology = Topology::start(&tidegate(), &proxy(""));
    check(
        &mut topology,
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||
         signal USR1
         c eof",
    );
    assert_eq!(
        topology.process.wait().code(),
        Some(0),
        "{}",
        topology.process.output()
    );
}

/// `script`, after which the process must have ended well.
#[track_caller]
fn check_stopping(script: &str) {
    let mut topology = Topology::start(&tidegate(), &proxy(""));
    check(&mut topology, script);
    let status = topology.process.wait();
    assert_eq!(status.code(), Some(0), "{}", topology.process.output());
}

#[test]
fn soft_stop_lets_a_new_connection_ask_once() {
    check_stopping(
        "c2 connect
         c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||
         signal USR1
         c eof
         c2> GET / HTTP/1.1|host: a||
         s2< GET / HTTP/1.1|host: a||
         s2> HTTP/1.1 204 No Content||
         c2< HTTP/1.1 204 No Content|connection: close||
         c2 eof",
    );
}

#[test]
fn soft_stop_serves_who_connected_before_it() {
    check_stopping(
        "c open
         signal STOP
         c2> GET / HTTP/1.1|host: a|connection: close||
         signal USR1
         signal CONT
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c2< HTTP/1.1 204 No Content|connection: close||
         c2 eof",
    );
}
