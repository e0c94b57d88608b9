//! What is logged, when, and in which words.

use crate::case::{http, tcp};

/// One request and its answer.
macro_rules! one {
    ($after:literal) => {
        concat!(
            "c> GET / HTTP/1.1|host: a||\ns< GET / HTTP/1.1|host: a||\n",
            "s> HTTP/1.1 200 OK|content-length: 0||\nc< HTTP/1.1 200 OK|content-length: 0||\n",
            $after
        )
    };
}

/// A frontend that says itself where lines go.
macro_rules! own {
    ($lines:literal) => {
        concat!(
            "frontend fe\n bind \"fd@${fe}\"\n default_backend be\n",
            "monitor-uri /monitor\n", $lines, "\nbackend be\n server s ${s}\n"
        )
    };
}

cases! {
    httpslog: http("option httpslog", one!(r#"
        log fe be/s #/#/#/#/# 200 49 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1" 0/-/-/-/0 -/-/-
    "#)).since(3, 4),
    logasap: http("option logasap", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||
        c^ HTTP/1.1 200 OK|content-length: 5||
        log fe be/s #/#/#/#/+# 200 +# - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"
        s> 12345
        c~ 12345
        c open
    "#),
    logasap_of_a_refused_request: http("option logasap; frontend: http-request deny", r#"
        c> GET / HTTP/1.1|host: a||
        c< {403}
        log fe fe/<NOSRV> #/-1/-1/-1/+# 403 +# - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    logasap_in_tcp_mode: tcp("option logasap", r#"
        c> hello
        s= hello
        log fe be/s #/#/+# +0 -- 1/1/1/1/0 0/0
        s> bye
        c= bye
        s close
        c eof
    "#),
    what_shows_no_end_is_logged_with_the_response: http("frontend: log-format %ci_%ST_%s", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||
        c^ HTTP/1.1 200 OK|content-length: 5||
        log 127.0.0.1_200_s
        s> 12345
        c~ 12345
        c open
    "#),
    what_shows_only_the_request_is_logged_at_once: http("frontend: log-format %HM_%HU", r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        log GET_/a
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        log GET_/a
        c open
    "#),
    what_shows_no_end_is_logged_with_the_server: tcp("frontend: log-format %b_%s", r#"
        c> hello
        s= hello
        log be_s
        s close
        c eof
    "#),
    without_a_format_connections_are_logged: http("frontend fe
        bind \"fd@${fe}\"
        default_backend be
        backend be
        server s ${s}
        defaults
        mode http
        log global
        timeout client 6s
        timeout server 6s
        timeout connect 6s
        frontend fe2
        bind \"fd@${fe2}\"
        monitor-uri /monitor
        default_backend be", r#"
        d> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        log Connect from # to # (fe2/HTTP)
        s> HTTP/1.1 200 OK|content-length: 0||
        d< HTTP/1.1 200 OK|content-length: 0||
        d> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        log Connect from # to # (fe2/HTTP)
    "#),
    log_steps: http("frontend: log-steps accept,request,connect,response,close; frontend: log-format %OG_%ST_%s", one!("
        log txn_accept_0_<NOSRV>
        log txn_request_-1_<NOSRV>
        log txn_connect_-1_s
        log txn_response_200_s
        log txn_close_200_s
    ")).since(3, 4),
    log_steps_in_tcp_mode: tcp("frontend: log-steps all; frontend: log-format %OG_%B", r#"
        c> hello
        s= hello
        log txn_accept_0
        log txn_connect_0
        s> bye
        c= bye
        s close
        c eof
        log txn_close_3
    "#).since(3, 4),
    one_step_only: http("frontend: log-steps connect; frontend: log-format %OG", one!("
        log txn_connect
        c open
    ")).since(3, 4),
    a_profile: http(own!("
        no log
        log \"${log}\" len 8192 profile p local0
        log-profile p
        on close format closed_%ST
        on error format wrong"), one!("
        log closed_200
        c2> GET /|host: a||
        c2< {400}
        log wrong
    ")).since(3, 4),
}
