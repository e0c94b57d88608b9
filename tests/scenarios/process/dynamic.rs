//! Servers that commands add, across workers, reloads and many names.

use crate::support::peer::Peer;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

const CONFIG: &str = "\
global
    nbthread 2
    log \"${log}\" len 8192 local0
    stats socket \"fd@${cli}\" level admin
defaults
    mode http
    timeout connect 6s
    timeout client 6s
    timeout server 6s
frontend fe
    bind \"fd@${fe}\"
    monitor-uri /m
    default_backend be
backend be
    balance leastconn
    server s ${s} disabled
    server t ${t} disabled
";

fn start() -> Topology {
    Topology::start(&tidegate(), CONFIG)
}

fn ask(topology: &Topology, line: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{line}\n").into_bytes());
    peer.shut();
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(answer).expect("text")
}

#[test]
fn a_reload_forgets_what_was_added_and_goes_on() {
    let mut topology = start();
    let script = "
        cli add server be/new 127.0.0.1:${t.port} => New server registered.|
        cli enable server be/new =>
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        signal USR2
        told Reloaded: configuration 2 is in force (sockets: 2 kept, 0 opened, 0 closed;
        c> GET / HTTP/1.1|host: a||
        t2< GET / HTTP/1.1|host: a||
        t2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|connection: close||
        c eof
        cli del server be/new => No such server.|
        c2> GET / HTTP/1.1|host: a||
        c2< {503}
        cli enable server be/s =>
        c3> GET / HTTP/1.1|host: a||
        s3< GET / HTTP/1.1|host: a||
        s3> HTTP/1.1 204 No Content||
        c3< HTTP/1.1 204 No Content||
    ";
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn hundreds_come_and_go() {
    let topology = start();
    for round in 0..3 {
        let names: Vec<String> = (0..100).map(|n| format!("be/n{n}")).collect();
        for name in &names {
            let added = ask(&topology, &format!("add server {name} 127.0.0.1:1"));
            assert_eq!(added, "New server registered.\n\n", "{round} {name}");
            ask(&topology, &format!("enable server {name}"));
        }
        let state = ask(&topology, "show servers state be");
        assert_eq!(
            state
                .lines()
                .filter(|line| line.starts_with("3 be "))
                .count(),
            102
        );
        for name in &names {
            let removed = ask(
                &topology,
                &format!("disable server {name};del server {name}"),
            );
            assert_eq!(removed, "\nServer deleted.\n\n", "{round} {name}");
        }
    }
    assert!(!ask(&topology, "show stat be 4 -1").contains("be,n"));
}

/// A backend that is added may have breakers of its servers, which are numbered as these come; what
/// rules use would be numbered as others are.
#[test]
fn a_backend_that_is_added_has_breakers_of_its_servers_only() {
    let breaker = "circuit-breaker x expression \"NetworkErrorRatio() > 0.5\"";
    let config = format!(
        "{CONFIG}defaults per-server\n    mode http\n    timeout connect 6s\n    timeout server 6s\n    \
         timeout client 6s\n    {breaker} scope server\n\
         defaults whole from per-server\n    {breaker}\n"
    );
    let topology = Topology::start(&tidegate(), &config);
    let refused = ask(&topology, "add backend a from whole");
    assert!(refused.contains("limits, breakers"), "{refused}");
    ask(&topology, "add backend b from per-server");
    ask(&topology, "add server b/one 127.0.0.1:1");
    let seen = ask(&topology, "show circuit-breaker b");
    assert!(seen.starts_with("breaker=b/x/one state=closed "), "{seen}");
    ask(&topology, "del server b/one");
    let gone = ask(&topology, "show circuit-breaker b");
    assert_eq!(gone, "No such circuit breaker: there is none.\n\n");
}
