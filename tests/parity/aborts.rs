//! Clients that leave, and how the end of a session is logged.

use crate::case::http;

cases! {
    nothing_sent: http("", r#"
        c connect
        c close
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    nothing_sent_with_dontlognull: http("option dontlognull", r#"
        c connect
        c close
        c2> junk||
        c2< {400}
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    part_of_a_head: http("", r#"
        c> GET / HT
        c shut
        c< {400}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    reset_in_the_head: http("", r#"
        c> GET / HT
        c abort
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    closed_between_requests: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c close
        c2> GET /2 HTTP/1.1|host: a||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    half_closed_while_the_server_is_silent: http("no option abortonclose", r#"
        c> GET / HTTP/1.1|host: a||
        c shut
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    abortonclose_while_the_server_is_silent: http("option abortonclose", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        c close
        s end
        log fe be/s #/#/#/-1/# 400 # - - CH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    abortonclose_is_the_default: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        c close
        s end
        log fe be/s #/#/#/-1/# 400 # - - CH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    abortonclose_in_the_queue: http("option abortonclose; server: maxconn 1; timeout queue 5s", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        c3 open
        c2 close
        log fe be/<NOSRV> #/#/-1/-1/# -1 # - - CQ-- 3/3/1/0/0 0/1 "GET /2 HTTP/1.1"
    "#),
    reset_while_the_server_is_silent: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        c abort
        s end
        log fe be/s #/#/#/-1/# 400 # - - CD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    closed_in_the_request_body: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        c close
        s end
        log fe be/s #/#/#/-1/# 400 # - - CH-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    reset_in_the_response_body: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 10||hello
        c^ HTTP/1.1 200 OK|content-length: 10||
        c~ hello
        c abort
        s end
        log fe be/s #/#/#/#/# 200 # - - CD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    client_leaves_its_body_after_the_whole_response: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||abc
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ abc
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c close
        s end
        log fe be/s #/#/#/#/# 200 # - - CL-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    server_resets_while_the_request_body_is_coming: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s abort
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - SH-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    abort_in_a_tunnel: http("", r#"
        c> GET / HTTP/1.1|host: a|connection: upgrade|upgrade: x||
        s< GET / HTTP/1.1|host: a|connection: upgrade|upgrade: x||
        s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: x||
        c< HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: x||
        c abort
        s end
        log fe be/s #/#/#/#/# 101 # - - CD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    client_resets_in_a_pause: http("frontend: http-request pause 1h if { path /p }", r#"
        c> GET /p HTTP/1.1|host: a||
        c2 open
        c abort
        log fe fe/<NOSRV> #/-1/-1/-1/# -1 # - - CR-- 2/2/0/0/0 0/0 "GET /p HTTP/1.1"
    "#).since(3, 4).differs("HAProxy goes on to the backend with a client that is gone", r#"
        c> GET /p HTTP/1.1|host: a||
        c2 open
        c abort
        log fe be/<NOSRV> #/-1/-1/-1/# -1 # - - CR-- 2/2/0/0/0 0/0 "GET /p HTTP/1.1"
    "#),
    client_half_closes_in_a_pause: http("no option abortonclose; frontend: http-request pause 100ms", r#"
        c> GET /p HTTP/1.1|host: a||
        c shut
        s< GET /p HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c eof
    "#).since(3, 4),
    client_resets_while_its_body_is_awaited: http("frontend: http-request wait-for-body time 1h", r#"
        c> POST / HTTP/1.1|host: a|content-length: 9||abc
        c2 open
        c abort
        log fe fe/<NOSRV> #/-1/-1/-1/# 400 # - - CR-- 2/2/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4).differs("HAProxy goes on to the backend with a client that is gone", r#"
        c> POST / HTTP/1.1|host: a|content-length: 9||abc
        c2 open
        c abort
        log fe be/<NOSRV> #/-1/-1/-1/# 400 # - - CR-- 2/2/0/0/0 0/0 "POST / HTTP/1.1"
    "#),
}
