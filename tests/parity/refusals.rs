//! Requests and responses that are not forwarded: what is wrong, who is told, how it is logged.

use crate::case::http;

cases! {
    not_http: http("", r#"
        c> hello||
        c< {400}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    space_before_the_colon: http("", r#"
        c> GET / HTTP/1.1|host : a||
        c< {400}
        c eof
    "#),
    header_without_a_colon: http("", r#"
        c> GET / HTTP/1.1|host: a|novalue||
        c< {400}
        c eof
    "#),
    empty_header_name: http("", r#"
        c> GET / HTTP/1.1|host: a|: x||
        c< {400}
        c eof
    "#),
    folded_header: http("", r#"
        c> GET / HTTP/1.1|host: a|x: 1|\s2||
        c< {400}
        c eof
    "#).differs("RFC 9112 5.2 lets a proxy refuse line folding, which others may read as a new field", r#"
        c> GET / HTTP/1.1|host: a|x: 1|\s2||
        s< GET / HTTP/1.1|host: a|x: 1   2||
    "#),
    control_in_the_target: http("", r#"
        c> GET /\x01 HTTP/1.1|host: a||
        c< {400}
        c eof
    "#),
    fragment_in_the_target: http("", r#"
        c> GET /#x HTTP/1.1|host: a||
        c< {400}
        c eof
    "#),
    nul_in_a_header: http("", r#"
        c> GET / HTTP/1.1|host: a|x: \0||
        c< {400}
        c eof
    "#).since(3, 4),
    unknown_version: http("", r#"
        c> GET / HTTP/3.7|host: a||
        c< {400}
        c eof
    "#).differs("RFC 9112 2.3: what another major version means is unknown", r#"
        c> GET / HTTP/3.7|host: a||
        s< GET / HTTP/1.1|host: a||
    "#),
    conflicting_lengths: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 3|content-length: 4||abc
        c< {400}
        c eof
        s unused
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    signed_length: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: +3||abc
        c< {400}
        c eof
    "#),
    empty_length: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length:||
        c< {400}
        c eof
    "#),
    overflowing_length: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 99999999999999999999||
        c< {400}
        c eof
    "#),
    length_and_chunks: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 3|transfer-encoding: chunked||3|abc|0||
        c< {400}
        c eof
    "#).differs("RFC 9112 6.1: a request with both is an attempt to smuggle", r#"
        c> POST / HTTP/1.1|host: a|content-length: 3|transfer-encoding: chunked||3|abc|0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||abc
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0|connection: close||
        c eof
    "#),
    chunked_twice: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked, chunked||0||
        c< {400}
        c eof
    "#),
    unknown_transfer_coding: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: gzip||
        c< {400}
        c eof
    "#),
    coding_after_chunked: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked, gzip||
        c< {400}
        c eof
    "#),
    two_hosts: http("", r#"
        c> GET / HTTP/1.1|host: a|host: b||
        c< {400}
        c eof
    "#),
    host_other_than_the_target: http("", r#"
        c> GET http://a/ HTTP/1.1|host: b||
        c< {400}
        c eof
    "#),
    chunk_size_overflow: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||fffffffffffffffff|
        c< {400}
        c eof
    "#),
    chunk_without_its_end: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||3|abcd|0||
        c< {400}
        c eof
    "#),
    connect_to_a_port_that_host_lacks: http("", r#"
        c> CONNECT a:8443 HTTP/1.1|host: a||
        c< {400}
        c eof
    "#).since(3, 4),
    connect_with_a_default_port_in_host: http("", r#"
        c> CONNECT a:443 HTTP/1.1|host: a:443||
        s^ CONNECT a:443 HTTP/1.1|host: a||
    "#).since(3, 4),
    upgrade_with_a_body: http("", r#"
        c> GET / HTTP/1.1|host: a|connection: upgrade|upgrade: x|content-length: 3||abc
        s< GET / HTTP/1.1|connection: upgrade|content-length: 3|host: a|upgrade: x||abc
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#).since(3, 4),
    tls_hello_to_a_plain_port: http("", r#"
        c> \x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03||
        c< {400}
        c eof
    "#),
    head_beyond_the_buffer: http("", r#"
        c> GET / HTTP/1.1|host: a|x: {y*20000}||
        c< HTTP/1.1 431 Request Header Fields Too Large|cache-control: no-cache|connection: close|content-length: 105|content-type: text/html||<html><body><h1>431 Request Header Fields Too Large</h1>\nRequest Header Fields Too Large.\n</body></html>\n
        c end
        log fe fe/<NOSRV> -1/-1/-1/-1/# 431 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#).since(3, 4).differs("RFC 9112 9.6: who closes says so", r#"
        c> GET / HTTP/1.1|host: a|x: {y*20000}||
        c< {431}
        c end
    "#),
    target_beyond_the_buffer: http("", r#"
        c> GET /{y*20000} HTTP/1.1|host: a||
        c< HTTP/1.1 414 URI Too Long|cache-control: no-cache|connection: close|content-length: 110|content-type: text/html||<html><body><h1>414 URI Too Long</h1>\nThe URI provided was too long for the server to process.\n</body></html>\n
        c end
    "#).since(3, 4).differs("RFC 9112 9.6: who closes says so", r#"
        c> GET /{y*20000} HTTP/1.1|host: a||
        c< {414}
        c end
    "#),
    too_many_headers: http("", r#"
        c> GET / HTTP/1.1|host: a|{x: y|*200}|
        c< {400}
        c end
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    as_many_headers_as_configured: http("global: tune.http.maxhdr 10", r#"
        c> GET / HTTP/1.1|host: a|{x: y|*8}|
        s< GET / HTTP/1.1|host: a|{x: y|*8}|
        s> HTTP/1.1 200 OK|content-length: 0|{x: y|*9}|
        c< {502}
        c> GET / HTTP/1.1|host: a|{x: y|*9}|
        c< {400}
        c end
    "#),
    trailers_count_like_headers: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||0|{x: y|*101}|
        c< {400}
        c end
    "#).since(3, 4),
    response_that_is_not_http: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> hello||
        c< {502}
        s end
        log fe be/s #/#/#/-1/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c open
    "#),
    response_with_two_lengths: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2|content-length: 3||ok
        c< {502}
        s end
        log fe be/s #/#/#/-1/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    response_with_a_space_before_the_colon: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|server : x|content-length: 2||ok
        c< {502}
        s end
    "#),
    response_with_length_and_chunks: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2|transfer-encoding: chunked||2|ok|0||
        c< {502}
        s end
        c open
    "#).differs("RFC 9112 6.3: a response with both is an attempt to split", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2|transfer-encoding: chunked||2|ok|0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked||ok
        s end
        c open
    "#),
    response_head_beyond_the_buffer: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|x: {y*20000}||
        c< {502}
        s end
        log fe be/s #/#/#/-1/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    switching_protocols_without_being_asked: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: x||
        c< {502}
        s end
        log fe be/s #/#/#/-1/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    request_without_host_in_1_1: http("", r#"
        c> GET / HTTP/1.1||
        c< {400}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#).differs("RFC 9112 3.2: a 1.1 request names its host", r#"
        c> GET / HTTP/1.1||
        s< GET / HTTP/1.1||
    "#),
    http_0_9: http("", r#"
        c> GET /|
        c< {400}
        c eof
    "#).differs("RFC 9112 has no 0.9, and its answer has no head", r#"
        c> GET /|
        c< {400}
        c eof
    "#),
    bad_port_in_host: http("", r#"
        c> GET / HTTP/1.1|host: a:99999||
        c< {400}
        c eof
    "#).differs("RFC 9110 7.2: a Host that is no authority", r#"
        c> GET / HTTP/1.1|host: a:99999||
        s< GET / HTTP/1.1|host: a:99999||
    "#),
    userinfo_in_host: http("", r#"
        c> GET / HTTP/1.1|host: me@a||
        c< {400}
        c eof
    "#).since(3, 4),
    userinfo_in_the_target: http("", r#"
        c> GET http://me@a/ HTTP/1.1|host: a||
        c< {400}
        c eof
    "#).differs("RFC 9110 4.2.4: userinfo is an attempt to deceive", r#"
        c> GET http://me@a/ HTTP/1.1|host: a||
        s< GET http://me@a/ HTTP/1.1|host: a||
    "#),
    absolute_form_without_host: http("", r#"
        c> GET http://a/ HTTP/1.1||
        c< {400}
        c eof
    "#).differs("RFC 9112 3.2: a 1.1 request has a Host even in absolute form", r#"
        c> GET http://a/ HTTP/1.1||
        s< GET http://a/ HTTP/1.1||
    "#),
    chunks_in_1_0: http("", r#"
        c> POST / HTTP/1.0|transfer-encoding: chunked||0||
        c< {400}
        c eof
    "#).differs("RFC 9112 6.1: Transfer-Encoding in 1.0 is faulty framing", r#"
        c> POST / HTTP/1.0|transfer-encoding: chunked||0||
        s< POST / HTTP/1.0|transfer-encoding: chunked||
    "#),
    response_chunks_in_1_0: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|transfer-encoding: chunked||2|ok|0||
        c< {502}
        s end
    "#).differs("RFC 9112 6.1: Transfer-Encoding in 1.0 is faulty framing", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|transfer-encoding: chunked||2|ok|0||
        c< HTTP/1.0 200 OK|transfer-encoding: chunked||ok
    "#),
    two_digit_status: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 20 OK|content-length: 0||
        c< {502}
        s end
    "#).differs("RFC 9112 4: a status has three digits", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 20 OK|content-length: 0||
        c< HTTP/1.1 20 OK|content-length: 0||
    "#).since(3, 4),
    nul_in_the_reason: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 O\0K|content-length: 0||
        c< {502}
        s end
    "#).differs("RFC 9112 4: NUL is no reason-phrase", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 O\0K|content-length: 0||
        c^ HTTP/1.1 200 O\0K|content-length: 0||
    "#),
    bare_lf_in_the_head: http("", r#"
        c> GET / HTTP/1.1\nhost: a\n\n
        c< {400}
        c eof
    "#).differs("RFC 9112 2.2: a lone LF hides line ends from other recipients", r#"
        c> GET / HTTP/1.1\nhost: a\n\n
        s< GET / HTTP/1.1|host: a||
    "#),
    huge_chunk_extension: http("timeout client 100ms", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||3;{x*20000}|abc|0||
        c< {400}
        c end
    "#).differs("a chunk extension is bounded, the connection does not wait for its end", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||3;{x*20000}|abc|0||
    "#),
}
