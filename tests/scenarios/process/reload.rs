//! SIGUSR2 loads the configuration again: what is in flight goes on under the old one, what is new
//! gets the new one, and a mistake changes nothing.

use crate::support::script::{MONITOR, play};
use crate::support::tidegate;
use crate::support::topology::Topology;

/// Its answers say in `x-gen` which configuration made them.
fn config() -> String {
    format!(
        "global
             nbthread 1
             log \"${{log}}\" len 8192 local0
             stats socket \"fd@${{cli}}\" level admin
         defaults
             mode http
             log global
             timeout connect 6s
             timeout client 6s
             timeout server 6s
         frontend fe
             bind \"fd@${{fe}}\"
             maxconn 10
             monitor-uri {MONITOR}
             stick-table type ip size 100 expire 1h store http_req_cnt
             http-after-response set-header x-gen 1
             http-request track-sc0 src
             http-request return status 200 hdr x-count %[sc_http_req_cnt(0)] if {{ path /count }}
             default_backend be
         frontend second
             bind ${{dir}}/unix
             default_backend be
         backend be
             server s ${{s}} # options
"
    )
}

/// Once the proxy serves, plays `script`.
#[track_caller]
fn check(script: &str) {
    let mut topology = Topology::start(&tidegate(), &config());
    let script = format!("p open\np close\n{script}");
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
}

const RELOAD: &str = "edit x-gen 1 => x-gen 2
     signal USR2
     told Reloaded: configuration 2 is in force (sockets: 3 kept, 0 opened, 0 closed;
     ";

#[test]
fn new_connections_get_the_new_configuration() {
    check(&format!(
        "c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|x-gen: 1||
             {RELOAD}c2> GET / HTTP/1.1|host: a||
             s2< GET / HTTP/1.1|host: a||
             s2> HTTP/1.1 204 No Content||
             c2< HTTP/1.1 204 No Content|x-gen: 2||"
    ));
}

#[test]
fn a_request_in_flight_ends_under_the_configuration_it_began_with() {
    check(&format!(
        "c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             {RELOAD}s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|x-gen: 1|connection: close||
             c eof"
    ));
}

#[test]
fn an_idle_client_asks_once_more() {
    check(&format!(
        "c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|x-gen: 1||
             {RELOAD}c> GET / HTTP/1.1|host: a||
             s2< GET / HTTP/1.1|host: a||
             s2> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|x-gen: 1|connection: close||
             c eof"
    ));
}

#[test]
fn a_mistake_changes_nothing() {
    check(
        "edit x-gen 1 => x-gen %[nonsense]
         signal USR2
         told Reload failed, the configuration in force stays.
         c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content|x-gen: 1||
         edit x-gen %[nonsense] => x-gen 2
         signal HUP
         told Reloaded: configuration 2 is in force",
    );
}

#[test]
fn an_address_that_is_taken_changes_nothing() {
    check(
        "edit bind ${dir}/unix => bind ${s}
         edit x-gen 1 => x-gen 2
         signal USR2
         told Reload failed, the configuration in force stays.
         c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content|x-gen: 1||",
    );
}

#[test]
fn sockets_come_and_go() {
    check(
        "edit bind ${dir}/unix => bind ${dir}/other
         signal USR2
         told (sockets: 2 kept, 1 opened, 1 closed;
         edit bind ${dir}/other => bind ${dir}/other name a maxconn 3
         signal USR2
         told (sockets: 3 kept, 0 opened, 0 closed;
         edit bind ${dir}/other name a maxconn 3 => # nothing
         signal USR2
         told (sockets: 2 kept, 0 opened, 1 closed;
         c open",
    );
}

#[test]
fn tables_stay() {
    check(&format!(
        "c> GET /count HTTP/1.1|host: a||
         c< HTTP/1.1 200 OK|content-length: 0|x-count: 1|x-gen: 1||
         c close
         {RELOAD}c2> GET /count HTTP/1.1|host: a||
         c2< HTTP/1.1 200 OK|content-length: 0|x-count: 2|x-gen: 2||
         c2 close
         edit size 100 => size 200
         signal USR2
         told Reloaded
         c3> GET /count HTTP/1.1|host: a||
         c3< HTTP/1.1 200 OK|content-length: 0|x-count: 1|x-gen: 2||"
    ));
}

#[test]
fn limits_count_who_came_before() {
    check(
        "c open
         edit maxconn 10 => maxconn 1
         signal USR2
         told Reloaded
         c2 connect
         c2> GET /count HTTP/1.1|host: a||
         c close
         c2< HTTP/1.1 200 OK|content-length: 0|x-count: 1|x-gen: 1||",
    );
}

#[test]
fn idle_server_connections_stay_with_their_server() {
    let twice = |between: &str, after: &str| {
        check(&format!(
            "c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|x-gen: 1||
             c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|x-gen: 1||
             edit # options => {between}
             signal USR2
             told Reloaded
             c2> GET /count HTTP/1.1|host: a||
             c2< HTTP/1.1 200 OK|content-length: 0|x-count: 3|x-gen: 1||
             c2> GET / HTTP/1.1|host: a||
             {after}< GET / HTTP/1.1|host: a||
             {after}> HTTP/1.1 204 No Content||
             c2< HTTP/1.1 204 No Content|x-gen: 1||"
        ));
    };
    twice("weight 5", "s");
    twice("source 127.0.0.1", "s2");
}

#[test]
fn a_pause_lets_who_comes_wait() {
    check(
        "signal TTOU
         told Paused frontend fe.
         told Paused frontend second.
         c> GET /count HTTP/1.1|host: a||
         signal TTIN
         told Resumed frontend fe.
         told Resumed frontend second.
         c< HTTP/1.1 200 OK|content-length: 0|x-count: 1|x-gen: 1||",
    );
}

#[test]
fn commands_see_the_configuration_in_force() {
    check(
        "cli show cli sockets => # socket lvl processes|ipv4@127.0.0.1:${cli.port} admin all|
         a> prompt i\\n
         a= \\n
         edit \" level admin => \" level operator
         signal USR2
         told Reloaded: configuration 2 is in force (sockets: 3 kept, 0 opened, 0 closed;
         cli show cli sockets => # socket lvl processes|ipv4@127.0.0.1:${cli.port} operator all|
         cli reload => Permission denied|
         a> show cli level\\n
         a= admin\\n\\n",
    );
}

#[test]
fn the_command_tells_what_was_wrong() {
    check(
        "edit x-gen 1 => x-gen %[nonsense]
         a> reload\\n
         a= Success=0\\n--\\nerror[TG0401]
         edit x-gen %[nonsense] => x-gen 2
         b> reload\\n
         b= Success=1\\n--\\nconfiguration 2 is in force (sockets: 3 kept, 0 opened, 0 closed; ",
    );
}
