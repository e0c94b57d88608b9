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
    server_closes_while_the_request_body_is_coming: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s close
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - SH-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
        c> world
        c open
    "#).since(3, 4),
    server_answers_and_closes_before_the_rest_of_the_body: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s close
        c> wor
        c2 open
        c> l
        c eof
        log fe be/s #/#/#/#/# 200 # - - SL-- 2/2/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    server_answers_in_chunks_and_resets_before_the_rest_of_the_body: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||2|ok|0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked||ok
        s abort
        c2 open
        c> wor
        c eof
        log fe be/s #/#/#/#/# 200 # - - SL-- 2/2/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    server_answers_and_resets_before_the_last_of_the_body: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s abort
        c2 open
        c> world
        c eof
        log fe be/s #/#/#/#/# 200 # - - SD-- 2/2/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4).differs("an exchange that failed ends the client's connection, too", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s abort
        c2 open
        c> world
        log fe be/s #/#/#/#/# 200 # - - SD-- 2/2/0/0/0 0/0 "POST / HTTP/1.1"
        c open
    "#),
    server_answers_and_closes_before_the_last_of_the_body: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK|connection: close|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s close
        c2 open
        c> world
        log fe be/s #/#/#/#/# 200 # - - ---- 2/2/0/0/0 0/0 "POST / HTTP/1.1"
        c open
    "#).since(3, 4),
    server_half_closes_after_its_answer_and_reads_on: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s shut
        c> world
        s~ world
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
        c open
    "#).since(3, 4),
    server_closes_in_its_answer_while_the_client_sends: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK|content-length: 9||ok
        c^ HTTP/1.1 200 OK|content-length: 9||
        c~ ok
        s close
        c eof
        log fe be/s #/#/#/#/# 200 # - - SD-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    answer_until_the_close_and_a_client_that_stops: http("timeout client 300ms", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK||ok
        s close
        c^ HTTP/1.1 200 OK|connection: close||
        c~ ok
        c eof
        log fe be/s #/#/#/#/# 200 # - - cD-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    answer_until_the_close_and_a_client_that_leaves: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK||ok
        s close
        c^ HTTP/1.1 200 OK|connection: close||
        c~ ok
        c close
        log fe be/s #/#/#/#/# 200 # - - CD-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    answer_until_the_close_and_the_rest_of_the_body: http("timeout client 300ms", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK||ok
        s shut
        c^ HTTP/1.1 200 OK|connection: close||
        c~ ok
        c> world
        s~ world
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4).differs("HAProxy keeps the end of the answer from the client until that leaves", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 200 OK||ok
        s shut
        c^ HTTP/1.1 200 OK|connection: close||
        c~ ok
        c> world
        s~ world
        c eof
        log fe be/s #/#/#/#/# 200 # - - CD-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#),
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
