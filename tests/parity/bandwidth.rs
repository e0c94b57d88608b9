//! `filter bwlim-in|bwlim-out` and `set-bandwidth-limit`. 5,000 bytes at 1,000 in 100 ms take 400 ms and
//! more; the log says whether a transfer took 300.

use crate::case::{Case, http, tcp};

/// A download with these lines for the proxy, and whether it was slow.
macro_rules! download {
    ($lines:literal, $slow:literal) => {
        http(
            concat!("frontend: log-format \"%[res.timer.data,div(300),bool]\"\n", $lines),
            concat!(
                "c> GET / HTTP/1.1|host: a|limit: 1000||
                s< GET / HTTP/1.1|host: a|limit: 1000||
                s> HTTP/1.1 200 OK|content-length: 5000||{y*5000}
                c< HTTP/1.1 200 OK|content-length: 5000||{y*5000}
                log ", $slow, "
                c open"
            ),
        )
        .since(3, 4)
    };
}

/// An upload with these lines for the proxy, after which the server answers.
macro_rules! upload {
    ($lines:literal, $slow:literal) => {
        http(
            concat!("frontend: log-format \"%[txn.timer.total,div(300),bool]\"\n", $lines),
            concat!(
                "c> POST / HTTP/1.1|host: a|content-length: 5000||{y*5000}
                s< POST / HTTP/1.1|host: a|content-length: 5000||{y*5000}
                s> HTTP/1.1 204 No Content||
                c< HTTP/1.1 204 No Content||
                log ", $slow, "
                c open"
            ),
        )
        .since(3, 4)
    };
}

/// 2,500 bytes each way through a TCP proxy with these lines.
const fn exchange(lines: &'static str) -> Case {
    tcp(
        lines,
        "c> {x*2500}
        s= {x*2500}
        s> {y*2500}
        c= {y*2500}
        c close
        s end
        log 1",
    )
    .since(3, 4)
}

cases! {
    a_filter_alone_does_nothing: download!("
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms", "0"),
    a_rule_puts_a_download_under_it: download!("
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow", "1"),
    with_a_least_size: download!("
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms min-size 500
        frontend: http-request set-bandwidth-limit slow", "1"),
    where_a_backend_says_so: download!("
        backend: filter bwlim-out slow default-limit 1000 default-period 100ms
        backend: http-response set-bandwidth-limit slow if { status 200 }", "1"),
    another_limit: download!("
        frontend: filter bwlim-out slow default-limit 100000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow limit 1000", "1"),
    a_limit_made_of_the_request: download!("
        frontend: filter bwlim-out slow default-limit 100000 default-period 1s
        frontend: http-request set-bandwidth-limit slow limit req.hdr(limit) period 100ms", "1"),
    a_limit_without_value_is_the_filters: download!("
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow limit req.hdr(none) period int(0)", "1"),
    the_last_rule_counts: download!("
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow
        frontend: http-request set-bandwidth-limit slow limit 1m", "0"),
    the_narrower_of_two: download!("
        frontend: filter bwlim-out wide default-limit 100000 default-period 100ms
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow
        frontend: http-request set-bandwidth-limit wide", "1"),
    uploads_are_another_direction: download!("
        frontend: filter bwlim-in slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow", "0"),
    an_upload: upload!("
        frontend: filter bwlim-in slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow", "1"),
    downloads_are_another_direction: upload!("
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow", "0"),
    chunks: http("frontend: log-format \"%[res.timer.data,div(300),bool]\"
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms
        frontend: http-request set-bandwidth-limit slow", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||1388|{y*5000}|0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked||{y*5000}
        log 1
        c open
    "#).since(3, 4),
    streams_of_a_key_share: http("frontend: log-format \"%[res.timer.data,div(300),bool]\"
        frontend: stick-table type string size 10 expire 1h store bytes_out_rate(100ms)
        frontend: filter bwlim-out slow limit 1000 key req.hdr(key)
        frontend: http-request set-bandwidth-limit slow", r#"
        c> GET /1 HTTP/1.1|host: a|key: k||
        s< GET /1 HTTP/1.1|host: a|key: k||
        c2> GET /2 HTTP/1.1|host: a|key: k||
        s2< GET /2 HTTP/1.1|host: a|key: k||
        s> HTTP/1.1 200 OK|content-length: 2500|connection: close||{y*2500}
        s2> HTTP/1.1 200 OK|content-length: 2500|connection: close||{z*2500}
        c< HTTP/1.1 200 OK|content-length: 2500||{y*2500}
        c2< HTTP/1.1 200 OK|content-length: 2500||{z*2500}
        log 1
        log 1
        c> GET /3 HTTP/1.1|host: a||
        s3< GET /3 HTTP/1.1|host: a||
        s3> HTTP/1.1 200 OK|content-length: 2500||{y*2500}
        c< HTTP/1.1 200 OK|content-length: 2500||{y*2500}
        log 0
    "#).since(3, 4),
    tcp_from_the_client: exchange("frontend: log-format \"%[fc.timer.total,div(150),bool]\"
        frontend: filter bwlim-in slow default-limit 1000 default-period 100ms
        frontend: tcp-request content set-bandwidth-limit slow"),
    tcp_to_the_client: exchange("frontend: log-format \"%[fc.timer.total,div(150),bool]\"
        backend: filter bwlim-out slow default-limit 1000 default-period 100ms
        backend: tcp-response content set-bandwidth-limit slow"),
    large_bodies_are_not_spliced_past_it: http("option splice-response
        frontend: log-format \"%[res.timer.data,div(300),bool]\"
        frontend: filter bwlim-out slow default-limit 100k default-period 100ms
        frontend: http-request set-bandwidth-limit slow", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 500000||{y*500000}
        c< HTTP/1.1 200 OK|content-length: 500000||{y*500000}
        log 1
        c open
    "#).since(3, 4),
    chunks_of_a_download_count_by_their_data: http("
        frontend: filter bwlim-out slow default-limit 1000 default-period 100ms
        frontend: log-format \"%[res.timer.data,div(300),bool]\"
        frontend: http-response set-bandwidth-limit slow", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||{1|y|*400}0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked||{y*400}
        log 0
        c open
    "#).since(3, 4),
    chunks_of_an_upload_count_by_their_data: http("
        frontend: filter bwlim-in slow default-limit 1000 default-period 100ms
        frontend: log-format \"%[txn.timer.total,div(300),bool]\"
        frontend: http-request set-bandwidth-limit slow", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||{1|y|*400}0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||{y*400}
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log 0
        c open
    "#).since(3, 4),
}
