//! What one peer sends never changes what another one sees: no bytes left over from a connection, no
//! page in the middle of a response, no answer to somebody else's request.

use crate::proxy;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

#[track_caller]
fn check(lines: &str, script: &str) {
    let mut topology = Topology::start(&tidegate(), &proxy(lines));
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn bytes_after_a_last_request_are_nobodys() {
    check(
        "",
        "c> GET / HTTP/1.1|host: a|connection: close||GET /smuggled HTTP/1.1|host: a|x: |
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content|connection: close||
         c end
         c2> GET /own HTTP/1.1|host: b||
         s2< GET /own HTTP/1.1|host: b||",
    );
}

#[test]
fn bytes_after_a_refused_request_are_nobodys() {
    check(
        "",
        "c> bad|host: a||GET /smuggled HTTP/1.1|host: a||
         c^ HTTP/1.1 400 Bad request|cache-control: no-cache|content-type: text/html|content-length: 90|connection: close||
         c close
         c2> GET /own HTTP/1.1|host: b||
         s< GET /own HTTP/1.1|host: b||",
    );
}

#[test]
fn a_bad_chunk_after_the_response_began_only_closes() {
    check(
        "",
        r#"c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|
         s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked||
         s~ hello
         s> HTTP/1.1 200 OK|content-length: 10||start
         c^ HTTP/1.1 200 OK|content-length: 10||
         c~ start
         c> zz|
         c eof
         s end
         log fe be/s #/#/#/#/# 200 # - - PD-- 1/1/0/0/0 0/0 "POST / HTTP/1.1""#,
    );
}

#[test]
fn a_bad_chunk_after_the_whole_response_only_closes() {
    check(
        "",
        "c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|
         s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked||
         s~ hello
         s> HTTP/1.1 200 OK|content-length: 2||ok
         c< HTTP/1.1 200 OK|content-length: 2||ok
         c> zz|
         c eof
         s end",
    );
}

#[test]
fn an_error_page_does_not_depend_on_an_earlier_request() {
    check(
        "",
        "c> HEAD / HTTP/1.1|host: a|connection: close||
         s< HEAD / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content|connection: close||
         c eof
         c2> bad||
         c2^ HTTP/1.1 400 Bad request|cache-control: no-cache|content-type: text/html|content-length: 90|connection: close||
         c2~ <html><body><h1>400 Bad request</h1>",
    );
}

#[test]
fn the_log_tells_the_status_of_a_page_of_ours() {
    let line = "log-format \"%ST %[status]\"\n    http-request deny if { path /no }";
    let config = proxy("").replace("frontend fe\n", &format!("frontend fe\n    {line}\n"));
    let mut topology = Topology::start(&tidegate(), &config);
    let script = "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||
         log 204 204
         c> GET /no HTTP/1.1|host: a||
         c^ HTTP/1.1 403 Forbidden|cache-control: no-cache|content-type: text/html|content-length: 93||
         log 403 403";
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}
