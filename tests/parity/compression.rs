//! `compression`: when responses are compressed, and what their heads say then. `identity` shows the
//! same as the others, with a body that can be read.

use crate::case::http;

cases! {
    a_body_of_known_length: http("compression algo identity", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|etag: "x"||12345
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|etag: W/"x"|vary: Accept-Encoding||12345
        c open
    "#).since(3, 4),
    chunks: http("compression algo identity", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Other||5|12345|
        c^ HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Other,Accept-Encoding||
        c~ 12345
        s> 3|678|0||
        c~ 678
        c$
        c open
    "#).since(3, 4),
    counted: http("compression algo identity gzip; global: stats socket \"fd@${cli}\" level admin", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||12345
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Accept-Encoding||12345
        stat fe/FRONTEND comp_in=0 comp_out=0 comp_byp=5 comp_rsp=1
        stat be/BACKEND comp_in=0 comp_out=0 comp_byp=5 comp_rsp=1
        c> GET / HTTP/1.1|host: a|accept-encoding: gzip||
        s< GET / HTTP/1.1|host: a|accept-encoding: gzip||
        s> HTTP/1.1 200 OK|content-length: 5||12345
        c^ HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Accept-Encoding|content-encoding: gzip||
        stat fe/FRONTEND comp_in=5 comp_byp=5 comp_rsp=2
        stat be/BACKEND comp_in=5 comp_byp=5 comp_rsp=2
    "#).since(3, 4),
    not_above_the_rate: http("compression algo gzip; global: maxcomprate 1; global: stats socket \"fd@${cli}\" level admin", r#"
        c> GET / HTTP/1.1|host: a|accept-encoding: gzip||
        s< GET / HTTP/1.1|host: a|accept-encoding: gzip||
        s> HTTP/1.1 200 OK|content-length: 4000||{x*4000}
        c^ HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Accept-Encoding|content-encoding: gzip||
        stat fe/FRONTEND comp_in=4000 comp_rsp=1
        c2> GET / HTTP/1.1|host: a|accept-encoding: gzip||
        s2< GET / HTTP/1.1|host: a|accept-encoding: gzip||
        s2> HTTP/1.1 200 OK|content-length: 5||12345
        c2< HTTP/1.1 200 OK|content-length: 5||12345
    "#).since(3, 4),
    not_for_errors: http("compression algo identity", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 404 Not Found|transfer-encoding: chunked||5|12345|0||
        c< HTTP/1.1 404 Not Found|transfer-encoding: chunked||12345
        c open
    "#),
    not_what_must_not_be_transformed: http("compression algo identity", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked|cache-control: no-transform||5|12345|0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|cache-control: no-transform||12345
        c open
    "#),
    not_what_is_small: http("compression algo identity; compression minsize-res 6", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||12345
        c< HTTP/1.1 200 OK|content-length: 5||12345
        c open
    "#).since(3, 4),
    not_another_type: http("compression algo identity; compression type text/html text/plain", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|content-type: text/css||12345
        c< HTTP/1.1 200 OK|content-length: 5|content-type: text/css||12345
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|content-type: Text/Plain; charset=x||12345
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|content-type: Text/Plain; charset=x|vary: Accept-Encoding||12345
        c open
    "#).since(3, 4),
    not_for_who_does_not_accept_it: http("compression algo gzip", r#"
        c> GET / HTTP/1.1|host: a|accept-encoding: br||
        s< GET / HTTP/1.1|host: a|accept-encoding: br||
        s> HTTP/1.1 200 OK|content-length: 5||12345
        c< HTTP/1.1 200 OK|content-length: 5||12345
        c open
    "#),
    not_what_ends_with_the_connection: http("compression algo identity", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK||12345
        s close
        c< HTTP/1.1 200 OK|connection: close||12345
        c eof
    "#),
    not_for_an_older_version: http("compression algo identity", r#"
        c> GET / HTTP/1.0|host: a||
        s< GET / HTTP/1.0|connection: keep-alive|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||12345
        c< HTTP/1.1 200 OK|content-length: 5|connection: close||12345
        c eof
    "#),
    head_has_no_body: http("compression algo identity", r#"
        c> HEAD / HTTP/1.1|host: a||
        s< HEAD / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||
        c^ HTTP/1.1 200 OK|content-length: 5||
        c open
    "#),
    offload: http("frontend: compression algo gzip; frontend: compression offload", r#"
        c> GET / HTTP/1.1|host: a|accept-encoding: gzip||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5|content-encoding: br||12345
        c< HTTP/1.1 200 OK|content-length: 5|content-encoding: br||12345
        c open
    "#),
    no_body_at_all: http("compression algo identity", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    rules_see_whether_it_is: http("compression algo identity; frontend: log-format %ST_%[res.comp]_%[res.comp_algo]_%B", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||12345
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Accept-Encoding||12345
        c open
    "#),
    a_request: http("backend: compression direction both; backend: compression algo-req identity", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||12345
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked|vary: Accept-Encoding||12345
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4),
    a_request_in_pieces: http("frontend: compression direction request; frontend: compression algo-req gzip", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||12345
        s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked|content-encoding: gzip|vary: Accept-Encoding||
        c> 67890
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4),
    requests_only_where_it_was_asked_for: http("frontend: compression algo-req gzip", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||12345
        s< POST / HTTP/1.1|host: a|content-length: 5||12345
    "#).since(3, 4),
    requests_of_other_kinds: http("frontend: compression direction request; frontend: compression algo-req gzip
        frontend: compression type-req text/; frontend: compression minsize-req 5", r#"
        c> POST /1 HTTP/1.1|host: a|content-length: 5||12345
        s< POST /1 HTTP/1.1|host: a|content-length: 5||12345
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> POST /2 HTTP/1.1|host: a|content-type: text/plain|content-length: 4||1234
        s< POST /2 HTTP/1.1|host: a|content-type: text/plain|content-length: 4||1234
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> POST /3 HTTP/1.1|host: a|content-type: text/plain|content-encoding: br|content-length: 5||12345
        s< POST /3 HTTP/1.1|host: a|content-type: text/plain|content-encoding: br|content-length: 5||12345
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> POST /4 HTTP/1.1|host: a|content-type: text/plain|content-length: 5||12345
        s^ POST /4 HTTP/1.1|host: a|content-type: text/plain|content-encoding: gzip|transfer-encoding: chunked|vary: Accept-Encoding||
    "#).since(3, 4),
    responses_are_left_alone: http("frontend: compression direction request; frontend: compression algo-res identity", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||12345
        c< HTTP/1.1 200 OK|content-length: 5||12345
    "#).since(3, 4),
    a_large_request: http("frontend: compression direction request; frontend: compression algo-req identity", r#"
        c> POST / HTTP/1.1|host: a|content-length: 300000||{y*300000}
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked|vary: Accept-Encoding||{y*300000}
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4),
    a_request_in_chunks: http("backend: compression direction both; backend: compression algo-req identity", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|12345|3|678|0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked|vary: Accept-Encoding||12345678
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4),
    a_request_in_chunks_and_pieces: http("backend: compression direction both; backend: compression algo-req gzip; backend: compression minsize-req 100", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|123
        s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked|content-encoding: gzip|vary: Accept-Encoding||
        c> 45|3|678|0||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4),
    a_small_request_in_chunks: http("backend: compression direction both; backend: compression algo-req gzip; backend: compression minsize-req 100", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|12345|0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||12345
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4),
    a_request_without_a_body: http("backend: compression direction both; backend: compression algo-req identity", r#"
        c> POST / HTTP/1.1|host: a|content-length: 0||
        s< POST / HTTP/1.1|host: a|content-length: 0||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#).since(3, 4).differs("nothing is not compressed", r#"
        c> POST / HTTP/1.1|host: a|content-length: 0||
        s< POST / HTTP/1.1|host: a|connection: close|transfer-encoding: chunked|vary: Accept-Encoding||
    "#),
    an_answer_from_a_cache: http("frontend fe
        bind \"fd@${fe}\"
        monitor-uri /_open
        default_backend be
        backend be
        server s ${s}
        filter cache c
        filter compression
        compression algo identity
        compression type text/
        http-request cache-use c
        http-response cache-store c
        http-response set-header x-hit %[res.cache_hit]
        cache c
        total-max-size 4
        process-vary on
        max-age 60", r#"
        c> GET /a HTTP/1.1|host: a|accept-encoding: identity||
        s< GET /a HTTP/1.1|host: a|accept-encoding: identity||
        s> HTTP/1.1 200 OK|content-type: text/plain|content-length: 5|cache-control: max-age=50||12345
        c< HTTP/1.1 200 OK|content-type: text/plain|transfer-encoding: chunked|vary: Accept-Encoding|cache-control: max-age=50|x-hit: 0||12345
        c> GET /a HTTP/1.1|host: a|accept-encoding: identity||
        c< HTTP/1.1 200 OK|content-type: text/plain|transfer-encoding: chunked|vary: Accept-Encoding|cache-control: max-age=50|age: 0|x-hit: 1||12345
        c> HEAD /a HTTP/1.1|host: a||
        c^ HTTP/1.1 200 OK|content-type: text/plain|content-length: 5|cache-control: max-age=50|age: 0|x-hit: 1||
    "#).since(3, 4),
}
