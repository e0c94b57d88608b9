//! Requests that arrive before the answer to the one before.

use crate::case::http;

cases! {
    two_requests_in_one_segment: http("", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||two
        c< HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3||two
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET /1 HTTP/1.1"
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET /2 HTTP/1.1"
        c open
    "#),
    second_waits_for_the_first_answer: http("", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||o
        c^ HTTP/1.1 200 OK|content-length: 3||
        c~ o
        s2 unused
        s> ne
        c~ ne
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||two
        c< HTTP/1.1 200 OK|content-length: 3||two
    "#),
    after_a_body: http("", r#"
        c> POST /1 HTTP/1.1|host: a|content-length: 3||abcGET /2 HTTP/1.1|host: a||
        s< POST /1 HTTP/1.1|host: a|content-length: 3||abc
        s> HTTP/1.1 200 OK|content-length: 0||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||two
        c< HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 3||two
        c open
    "#),
    after_chunks_and_trailers: http("", r#"
        c> POST /1 HTTP/1.1|host: a|transfer-encoding: chunked||3|abc|0|x: y||GET /2 HTTP/1.1|host: a||
        s< POST /1 HTTP/1.1|host: a|transfer-encoding: chunked||abcx: y|
        s> HTTP/1.1 200 OK|content-length: 0||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||two
        c< HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 3||two
        c open
    "#),
    half_closed_client_has_left_by_default: http("", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        c shut
        s< GET /1 HTTP/1.1|host: a||
        c< {400}
        c end
        s end
        log fe be/s #/#/#/-1/# 400 # - - CH-- 1/1/0/0/0 0/0 "GET /1 HTTP/1.1"
    "#).since(3, 4),
    half_closed_client_is_answered: http("no option abortonclose", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        c shut
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||two
        c< HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3||two
        c eof
    "#).differs("a request that arrived whole is answered", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        c shut
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3||one
        c eof
    "#).since(3, 4),
    half_closed_client_is_answered_late: http("no option abortonclose
        backend: http-response pause 60ms", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        c shut
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||two
        c< HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3|connection: close||two
        c eof
    "#).differs("a request that arrived whole is answered", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        c shut
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3||one
        c eof
    "#).since(3, 4),
    nothing_is_read_after_connection_close: http("", r#"
        c> GET /1 HTTP/1.1|host: a|connection: close||GET /2 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3|connection: close||one
        c end
        s2 unused
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET /1 HTTP/1.1"
    "#),
    nothing_is_read_after_a_close_delimited_answer: http("", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK||one
        s close
        c< HTTP/1.1 200 OK|connection: close||one
        c end
        s2 unused
    "#),
    bad_second_request: http("", r#"
        c> GET /1 HTTP/1.1|host: a||BAD\s\s/2||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3||one
        c< {400 close}
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET /1 HTTP/1.1"
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    monitor_between_two: http("", r#"
        c> GET /1 HTTP/1.1|host: a||GET /_open HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||one
        c< HTTP/1.1 200 OK|content-length: 3||one
        c< {200}
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 3||two
        c< HTTP/1.1 200 OK|content-length: 3||two
    "#),
    answers_made_by_rules: http("frontend: http-request return status 200 content-type text/plain string yes", r#"
        c> GET /1 HTTP/1.1|host: a||GET /2 HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||yes
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||yes
        c open
    "#),
    two_bodies_before_the_first_answer: http("", r#"
        c> POST /1 HTTP/1.1|host: a|content-length: 3||one
        s< POST /1 HTTP/1.1|host: a|content-length: 3||one
        c> POST /2 HTTP/1.1|host: a|content-length: 3||two
        s> HTTP/1.1 200 OK|content-length: 1||1
        c< HTTP/1.1 200 OK|content-length: 1||1
        s< POST /2 HTTP/1.1|host: a|content-length: 3||two
        s> HTTP/1.1 200 OK|content-length: 1||2
        c< HTTP/1.1 200 OK|content-length: 1||2
        c open
    "#),
}
