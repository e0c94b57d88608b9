//! Words that no other group needs: one case each.

use crate::case::http;

/// A request that reaches the server with this target.
macro_rules! target {
    ($rule:literal, $target:literal) => {
        http(
            concat!("frontend: http-request ", $rule),
            concat!("c> GET /a/b?q=1 HTTP/1.1|host: a||\ns< GET ", $target, " HTTP/1.1|host: a||"),
        )
    };
}

/// A status after which a request goes out again.
macro_rules! retried {
    ($status:literal) => {
        http(
            concat!("retry-on ", $status),
            concat!(
                "c> GET / HTTP/1.1|host: a||
                s< GET / HTTP/1.1|host: a||
                s> HTTP/1.1 ", $status, " X|content-length: 0||
                s2< GET / HTTP/1.1|host: a||
                s2> HTTP/1.1 200 OK|content-length: 2||ok
                c< HTTP/1.1 200 OK|content-length: 2||ok"
            ),
        )
        .since(3, 4)
    };
}

cases! {
    replace_path: target!(r"replace-path (.*)/b \1/c", "/a/c?q=1"),
    replace_pathq: target!(r"replace-pathq /a/b.q=(.) /n?r=\1", "/n?r=1"),
    replace_uri: target!(r"replace-uri ^/(.*)/b(.*) /x/\1\2", "/x/a?q=1"),
    set_pathq: target!("set-pathq /n?%[query]", "/n?q=1"),
    no_effect: target!("set-nice 5; frontend: http-request wait-for-handshake", "/a/b?q=1"),
    retry_on_401: retried!("401"),
    retry_on_403: retried!("403"),
    retry_on_408: retried!("408"),
    retry_on_425: retried!("425"),
    retry_on_429: retried!("429"),
    retry_on_501: retried!("501"),
    retry_on_502: retried!("502"),
    retry_on_504: retried!("504"),
    retry_on_early_data_only: http("retry-on 0rtt-rejected; retries 3", r#"
        s refuse
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/s #/#/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    leastconn: http("balance leastconn; backend: server s ${s} weight 10; backend: server t ${t} weight 1", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        t< GET /2 HTTP/1.1|host: a||
        c3> GET /3 HTTP/1.1|host: a||
        s2< GET /3 HTTP/1.1|host: a||
        c4> GET /4 HTTP/1.1|host: a||
        s3< GET /4 HTTP/1.1|host: a||
        t unused
    "#),
    random: http("balance random(3); backend: server s ${s}; backend: server t ${t} disabled", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
    "#),
}
