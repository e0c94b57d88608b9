//! `http-request inflight-limit` over real sockets: when a request's place is taken and given back.

use super::crowd::{Held, ask, config, statuses};
use super::logging;
use crate::proxy;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// A proxy in front of one server with a limit of `most`, and what happens.
#[track_caller]
fn check(limit: &str, script: &str) {
    let config = logging(&proxy("")).replace(
        "    default_backend be\n",
        &format!("    http-request inflight-limit {limit}\n    default_backend be\n"),
    );
    let mut topology = Topology::start(&tidegate(), &config);
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn items_48_49_and_55_held_to_the_last_byte() {
    check(
        "1 status 429 string busy content-type text/plain",
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 200 OK|content-length: 4||so
         c^ HTTP/1.1 200 OK|content-length: 4||
         c~ so
         c2> GET / HTTP/1.1|host: a||
         c2< HTTP/1.1 429 Too Many Requests|content-length: 4|content-type: text/plain||busy
         log 429 PR inflight-limit/fe#1
         s> ft
         c~ ft
         log 200 -- -
         c2> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c2< HTTP/1.1 204 No Content||
         log 204 -- -",
    );
}

#[test]
fn items_52_and_53_hosts_are_counted_apart() {
    check(
        "1 string busy content-type text/plain",
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         c2> GET / HTTP/1.1|host: A||
         c2< HTTP/1.1 429 Too Many Requests|content-length: 4|content-type: text/plain||busy
         c2> GET / HTTP/1.1|host: b||
         s2< GET / HTTP/1.1|host: b||
         s2> HTTP/1.1 204 No Content||
         c2< HTTP/1.1 204 No Content||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||",
    );
}

#[test]
fn item_55_given_back_by_an_abort() {
    check(
        "1 string busy content-type text/plain",
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         c abort
         s end
         log 400 CD -
         c2> GET / HTTP/1.1|host: a||
         s2< GET / HTTP/1.1|host: a||
         s2> HTTP/1.1 204 No Content||
         c2< HTTP/1.1 204 No Content||",
    );
}

#[test]
fn item_55_held_until_the_tunnel_closes() {
    check(
        "1 string busy content-type text/plain",
        "c> GET / HTTP/1.1|host: a|connection: upgrade|upgrade: chat||
         s< GET / HTTP/1.1|host: a|connection: upgrade|upgrade: chat||
         s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: chat||
         c< HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: chat||
         c2> GET / HTTP/1.1|host: a||
         c2< HTTP/1.1 429 Too Many Requests|content-length: 4|content-type: text/plain||busy
         log 429 PR inflight-limit/fe#1
         c close
         s eof
         s close
         log 101 -- -
         c2> GET / HTTP/1.1|host: a||
         s2< GET / HTTP/1.1|host: a||",
    );
}

#[test]
fn item_50_only_the_limit_limits() {
    let check = |lines: &str, most: usize| {
        let lines = format!("{lines}\nserver s ${{s}}");
        let topology = Topology::start(&tidegate(), &config(1, &lines));
        let mut clients = ask(&topology, 30);
        let mut held = Held::accept(&topology, most);
        held.answer();
        let found = statuses(&mut clients);
        assert_eq!(found.get("200"), Some(&most), "{found:?}");
        assert_eq!(found.get("429").copied().unwrap_or(0), 30 - most);
    };
    check("http-request inflight-limit 10", 10);
    check("", 30);
}

/// The key is made before our own entry comes to the header.
#[test]
fn item_44_our_own_entry_is_no_part_of_the_key() {
    let lines = "option forwardfor\n\
         http-request set-header x-key %[req.hdr_ip(x-forwarded-for,-1)]\n\
         server s ${s}";
    let mut topology = Topology::start(&tidegate(), &config(1, lines));
    let script = "c> GET / HTTP/1.1|host: a|x-forwarded-for: 192.0.2.7||
         s< GET / HTTP/1.1|host: a|x-forwarded-for: 192.0.2.7|x-key: 192.0.2.7|x-forwarded-for: 127.0.0.1||";
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}
