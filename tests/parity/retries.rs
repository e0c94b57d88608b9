//! Requests that go to a server once more.

use crate::case::http;

/// Two servers in turn; `$lines` are further ones.
macro_rules! two {
    ($lines:literal) => {
        concat!(
            "balance roundrobin; backend: server s ${s}; backend: server t ${t}\n",
            $lines
        )
    };
}

cases! {
    an_empty_answer: http("retry-on empty-response", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/1 0/0 "GET / HTTP/1.1"
    "#),
    an_aborted_connection: http("retry-on empty-response", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s abort
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    as_often_as_retries_say: http("retry-on empty-response; retries 1", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        s2< GET / HTTP/1.1|host: a||
        s2 close
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - SH-- 1/1/0/0/1 0/0 "GET / HTTP/1.1"
        s unused
    "#),
    as_often_as_set_retries_says: http("retry-on empty-response; backend: http-request set-retries 0 if { path /0 }", r#"
        c> GET /0 HTTP/1.1|host: a||
        s< GET /0 HTTP/1.1|host: a||
        s close
        c< {502}
        s unused
    "#).since(3, 4),
    redispatch_after_an_empty_answer: http(two!("retry-on empty-response; option redispatch"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - ---- 1/1/0/0/+1 0/0 "GET / HTTP/1.1"
    "#),
    the_same_server_without_redispatch: http(two!("retry-on empty-response"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        s2< GET / HTTP/1.1|host: a||
        t unused
    "#),
    a_status: http("retry-on 503 404", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 503 Wait|content-length: 4||wait
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 404 No|content-length: 0||
        s3< GET / HTTP/1.1|host: a||
        s3> HTTP/1.1 500 Oops|content-length: 4||oops
        c< HTTP/1.1 500 Oops|content-length: 4||oops
        log fe be/s #/#/#/#/# 500 # - - ---- 1/1/0/0/2 0/0 "GET / HTTP/1.1"
    "#),
    the_last_status_is_forwarded: http("retry-on 503; retries 1", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 503 Wait|content-length: 4||wait
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 503 Still|content-length: 5||still
        c< HTTP/1.1 503 Still|content-length: 5||still
        log fe be/s #/#/#/#/# 503 # - - ---- 1/1/0/0/1 0/0 "GET / HTTP/1.1"
    "#),
    junk: http("retry-on junk-response", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> What?||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    a_timeout: http("retry-on response-timeout; timeout server 40ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/1 0/0 "GET / HTTP/1.1"
    "#),
    a_reason_that_is_not_named: http("retry-on conn-failure junk-response 503", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - SH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    not_without_conn_failure: http("retry-on empty-response; option redispatch 1; balance roundrobin
        backend: server s ${closed}; backend: server t ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/s #/#/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        t unused
    "#),
    never: http("retry-on none; option redispatch 1; balance roundrobin
        backend: server s ${closed}; backend: server t ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        t unused
    "#),
    all_retryable_errors: http("retry-on all-retryable-errors", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 502 Bad|content-length: 0||
        s2< GET / HTTP/1.1|host: a||
        s2 close
        s3< GET / HTTP/1.1|host: a||
        s3> HTTP/1.1 501 No|content-length: 0||
        c< HTTP/1.1 501 No|content-length: 0||
    "#),
    with_a_body: http("retry-on empty-response; option http-buffer-request", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||
        c> hello
        s< POST / HTTP/1.1|host: a|content-length: 5||hello
        s close
        s2< POST / HTTP/1.1|host: a|content-length: 5||hello
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/1 0/0 "POST / HTTP/1.1"
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
    "#),
    with_chunks: http("retry-on 500; option http-buffer-request", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||hello
        s> HTTP/1.1 500 Oops|content-length: 0||
        s2< POST / HTTP/1.1|host: a|transfer-encoding: chunked||hello
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    not_with_a_body_that_is_still_to_come: http("retry-on empty-response", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||
        s^ POST / HTTP/1.1|host: a|content-length: 5||
        c> hello
        s~ hello
        s close
        c< {502}
        s unused
    "#),
    not_after_the_head_was_forwarded: http("retry-on all-retryable-errors", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||he
        c^ HTTP/1.1 200 OK|content-length: 5||
        s close
        c~ he
        c end
        s unused
    "#),
    disable_l7_retry: http("retry-on all-retryable-errors; frontend: http-request disable-l7-retry if METH_POST", r#"
        c> POST / HTTP/1.1|host: a|content-length: 0||
        s< POST / HTTP/1.1|host: a|content-length: 0||
        s> HTTP/1.1 503 Wait|content-length: 0||
        c< HTTP/1.1 503 Wait|content-length: 0||
        s unused
    "#),
    persistence_gives_way_at_the_last_retry: http("balance roundrobin; retries 1; option redispatch; retry-on 503
        backend: cookie S insert
        backend: server s ${s} cookie one
        backend: server t ${t} cookie two", r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        t< GET / HTTP/1.1|host: a|cookie: S=two||
        t> HTTP/1.1 503 Wait|content-length: 0||
        s< GET / HTTP/1.1|host: a|cookie: S=two||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/||
        log fe be/s #/#/#/#/# 204 # - - --DI 1/1/0/0/+1 0/0 "GET / HTTP/1.1"
    "#),
}
