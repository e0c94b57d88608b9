//! Waiting: for a server, by class and offset; to be let in, by sessions per second.

use crate::case::{http, tcp};

cases! {
    lower_classes_leave_the_queue_first: http("server: maxconn 1
        frontend: http-request set-priority-class int(7) if { path /last }
        frontend: http-request set-priority-class int(-7) if { path /first }", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /last HTTP/1.1|host: a||
        p1 open
        c3> GET /usual HTTP/1.1|host: a||
        p2 open
        c4> GET /first HTTP/1.1|host: a||
        p3 open
        s> HTTP/1.1 204 No Content|connection: close||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 7/7/3/0/0 0/0 "GET /1 HTTP/1.1"
        s2< GET /first HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content|connection: close||
        c4< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 7/7/2/0/0 0/1 "GET /first HTTP/1.1"
        s3< GET /usual HTTP/1.1|host: a||
        s3> HTTP/1.1 204 No Content|connection: close||
        c3< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 7/7/1/0/0 0/2 "GET /usual HTTP/1.1"
        s4< GET /last HTTP/1.1|host: a||
        s4> HTTP/1.1 204 No Content|connection: close||
        c2< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 7/7/0/0/0 0/3 "GET /last HTTP/1.1"
    "#).since(3, 4),
    offsets_count_within_a_class: http("server: maxconn 1
        backend: http-request set-priority-offset int(60000) if { path /late }
        backend: http-request set-priority-offset int(-60000) if { path /early }", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /late HTTP/1.1|host: a||
        p1 open
        c3> GET /usual HTTP/1.1|host: a||
        p2 open
        c4> GET /early HTTP/1.1|host: a||
        p3 open
        s> HTTP/1.1 204 No Content|connection: close||
        c< HTTP/1.1 204 No Content||
        s2< GET /early HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content|connection: close||
        c4< HTTP/1.1 204 No Content||
        s3< GET /usual HTTP/1.1|host: a||
        s3> HTTP/1.1 204 No Content|connection: close||
        c3< HTTP/1.1 204 No Content||
        s4< GET /late HTTP/1.1|host: a||
    "#),
    priorities_are_bounded_and_kept_without_a_value: http("frontend: http-request set-priority-class int(5000)
        frontend: http-request set-priority-class req.hdr(class)
        frontend: http-request set-priority-offset int(-9999999) if { req.hdr(class) -m found }
        frontend: http-request return status 200 hdr x \"%[prio_class] %[prio_offset]\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: 2047 0||
        c> GET / HTTP/1.1|host: a|class: -3||
        c< HTTP/1.1 200 OK|content-length: 0|x: -3 -524287||
    "#),
    priorities_in_tcp_mode: tcp("server: maxconn 1
        frontend: tcp-request inspect-delay 5s
        frontend: tcp-request content set-priority-class int(-1) if { req.payload(0,1) -m str f }
        frontend: tcp-request content accept if { req.len gt 0 }", r#"
        c> 1
        s= 1
        c2> last
        c3> first
        s close
        c eof
        c close
        s2= first
        s2 close
        c3 eof
        c3 close
        s3= last
    "#),
    who_waits_in_vain_counts_whose_turn_came: http("timeout queue 80ms; server: maxconn 1", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        p1 open
        c3> GET /3 HTTP/1.1|host: a||
        c2< {503}
        log fe be/<NOSRV> #/#/-1/-1/# 503 # - - sQ-- 4/4/2/0/0 0/1 "GET /2 HTTP/1.1"
        c3< {503}
        log fe be/<NOSRV> #/#/-1/-1/# 503 # - - sQ-- 4/4/1/0/0 0/1 "GET /3 HTTP/1.1"
    "#).since(3, 4),
    sessions_over_the_rate_wait: http("global: stats socket \"fd@${cli}\" level admin
        frontend: rate-limit sessions 2; frontend: http-request return status 200", r#"
        c> GET / HTTP/1.1|host: a||
        c2> GET / HTTP/1.1|host: a||
        c3> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0||
        c2< HTTP/1.1 200 OK|content-length: 0||
        stat fe/FRONTEND stot=2 rate=2 rate_lim=2
        c3< HTTP/1.1 200 OK|content-length: 0||
        stat fe/FRONTEND stot=3 rate_max=2
    "#),
    connections_over_the_rate_of_the_process_wait: http("global: maxconnrate 2
        frontend: http-request return status 200", r#"
        c> GET / HTTP/1.1|host: a||
        c2> GET / HTTP/1.1|host: a||
        c3> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0||
        c2< HTTP/1.1 200 OK|content-length: 0||
        c3< HTTP/1.1 200 OK|content-length: 0||
    "#),
    sessions_over_the_rate_of_the_process_wait: http("global: maxsessrate 1
        frontend: http-request return status 200", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0||
        c2> GET / HTTP/1.1|host: a||
        c2< HTTP/1.1 200 OK|content-length: 0||
    "#),
}
