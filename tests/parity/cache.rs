//! `cache` sections: what is kept, and what comes from there.

use crate::case::http;

macro_rules! cached {
    ($lines:literal) => {
        concat!(
            "frontend fe\n bind \"fd@${fe}\"\n monitor-uri /_open\n default_backend be\n",
            "backend be\n server s ${s}\n http-request cache-use c\n",
            $lines,
            "\n http-response cache-store c\n http-response set-header x-hit %[res.cache_hit]%[res.cache_name]\n",
            "cache c\n total-max-size 4\n max-age 60"
        )
    };
}

cases! {
    a_fresh_response_is_given_again: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|cache-control: max-age=50||12345
        c< HTTP/1.1 200 OK|content-length: 5|cache-control: max-age=50|x-hit: 0||12345
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET /a HTTP/1.1"
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 5|cache-control: max-age=50|age: *|x-hit: 1c||12345
        log fe be/<CACHE> #/#/#/#/# 200 # - - LR-- 1/1/0/0/0 0/0 "GET /a HTTP/1.1"
        c> HEAD /a HTTP/1.1|host: a||
        c^ HTTP/1.1 200 OK|content-length: 5|cache-control: max-age=50|age: *|x-hit: 1c||
        log fe be/<CACHE> #/#/#/#/# 200 # - - LR-- 1/1/0/0/0 0/0 "HEAD /a HTTP/1.1"
        s unused
    "#).since(3, 4),
    looked_for_and_found: http(concat!("global: stats socket \"fd@${cli}\" level admin\n", cached!("")), r#"
        cli user;show cache => |Permission denied|
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0|cache-control: max-age=50||
        c< HTTP/1.1 200 OK|content-length: 0|cache-control: max-age=50|x-hit: 0||
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|cache-control: max-age=50|age: *|x-hit: 1c||
        stat be/BACKEND cache_lookups=2 cache_hits=1
        stat fe/FRONTEND cache_lookups=0 cache_hits=0
    "#).since(3, 4),
    another_host_is_another_response: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"||12345
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|x-hit: 0||12345
        c> GET /a HTTP/1.1|host: b||
        s< GET /a HTTP/1.1|host: b||
    "#).since(3, 4),
    who_has_it_is_told_so: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"||12345
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|x-hit: 0||12345
        c> GET /a HTTP/1.1|host: a|if-none-match: "y", W/"x"||
        c^ HTTP/1.1 304 Not Modified|content-length: 5|etag: "x"|age: *|x-hit: 1c||
        c> GET /a HTTP/1.1|host: a|if-none-match: "y"||
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|age: *|x-hit: 1c||12345
    "#).since(3, 4),
    a_successful_post_makes_it_forget: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"||12345
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|x-hit: 0||12345
        c> POST /a HTTP/1.1|host: a|content-length: 0||
        s< POST /a HTTP/1.1|host: a|content-length: 0||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0|x-hit: 0||
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
    "#).since(3, 4),
    what_is_for_one_client_is_not_kept: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a|authorization: x||
        s< GET /a HTTP/1.1|host: a|authorization: x||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"||12345
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|x-hit: 0||12345
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"|cache-control: private||12345
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|cache-control: private|x-hit: 0||12345
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
    "#).since(3, 4),
    what_varies_is_not_kept: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"|vary: accept-encoding||12345
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|vary: accept-encoding|x-hit: 0||12345
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
    "#).since(3, 4),
    a_request_that_wants_a_new_one_gets_it: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"||12345
        c< HTTP/1.1 200 OK|content-length: 5|etag: "x"|x-hit: 0||12345
        c> GET /a HTTP/1.1|host: a|pragma: no-cache||
        s< GET /a HTTP/1.1|host: a|pragma: no-cache||
    "#).since(3, 4),
    chunks_are_kept_as_a_whole: http(cached!(""), r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked|etag: "x"||5|12345|
        c^ HTTP/1.1 200 OK|transfer-encoding: chunked|etag: "x"|x-hit: 0||
        c~ 12345
        s> 2|67|0||
        c~ 67
        c$
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 7|etag: "x"|age: *|x-hit: 1c||1234567
    "#).differs("the length is known by then", r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked|etag: "x"||7|1234567|0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|etag: "x"|x-hit: 0||1234567
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|etag: "x"|age: *|x-hit: 1c||1234567
    "#),
}
