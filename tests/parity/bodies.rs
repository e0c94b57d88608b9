//! Message bodies in both directions: framing, informational responses, tunnels.

use crate::case::http;

cases! {
    bodies_pass_in_pieces: http("frontend: compression algo identity
        frontend: filter trace name BEFORE random-forwarding quiet
        frontend: filter compression
        frontend: filter trace random-forwarding max-fwd 3000 quiet
        backend: filter trace random-parsing random-forwarding quiet", r#"
        c> POST / HTTP/1.1|host: a|content-length: 100000||{y*100000}
        s< POST / HTTP/1.1|host: a|content-length: 100000||{y*100000}
        s> HTTP/1.1 200 OK|content-length: 100000||{z*100000}
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Accept-Encoding||{z*100000}
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||{1|y|*400}0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked|vary: Accept-Encoding||{y*400}
        c open
    "#).since(3, 4),
    uploads_pass_in_pieces_of_one_byte: http("frontend: filter trace max-fwd 1 quiet", r#"
        c> POST / HTTP/1.1|host: a|content-length: 500||{y*500}
        s< POST / HTTP/1.1|host: a|content-length: 500||{y*500}
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4),
    request_with_content_length: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||hello
        s< POST / HTTP/1.1|host: a|content-length: 5||hello
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    request_body_is_relayed_as_it_arrives: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        c> world
        s~ world
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    chunked_request: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|6|\sworld|0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||hello world
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    chunked_request_is_relayed_as_it_arrives: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|
        s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked||
        s~ hello
        c> 5|world|
        s~ world
        c> 0||
        s$
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    chunked_request_in_small_pieces: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||
        s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked||
        c> 3|
        c> a
        c> b
        c> c
        c> |
        s~ abc
        c> 0|
        c> |
        s$
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    trailers_of_a_request: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|0|x-sum: 1||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||hellox-sum: 1|
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    chunk_extensions_are_dropped: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5;name=value|hello|0;last||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||hello
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    get_with_a_body: http("", r#"
        c> GET / HTTP/1.1|host: a|content-length: 3||abc
        s< GET / HTTP/1.1|host: a|content-length: 3||abc
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    post_without_a_length_has_no_body: http("", r#"
        c> POST / HTTP/1.1|host: a||
        s< POST / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    equal_content_lengths_become_one: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 3|content-length: 3||abc
        s< POST / HTTP/1.1|host: a|content-length: 3||abc
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    response_body_is_relayed_as_it_arrives: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 10||hello
        c^ HTTP/1.1 200 OK|content-length: 10||
        c~ hello
        s> world
        c~ world
        c open
    "#),
    chunked_response: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|
        c^ HTTP/1.1 200 OK|transfer-encoding: chunked||
        c~ hello
        s> 6;x|\sworld|0|x-sum: 7||
        c~ \sworld
        c$ x-sum: 7|
        c open
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    large_response: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 1000000||{0123456789*100000}
        c< HTTP/1.1 200 OK|content-length: 1000000||{0123456789*100000}
        c open
    "#),
    large_chunked_request: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||{2710|{0*10000}|*40}0||
        s< POST / HTTP/1.1|host: a|transfer-encoding: chunked||{0*400000}
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    head_response_has_no_body: http("", r#"
        c> HEAD / HTTP/1.1|host: a||
        s< HEAD / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 1000||
        c< HTTP/1.1 200 OK|content-length: 1000||
        c open
    "#),
    head_response_in_chunks_has_no_body: http("", r#"
        c> HEAD / HTTP/1.1|host: a||
        s< HEAD / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked||
        c open
    "#),
    head_response_without_length_keeps_the_connections: http("", r#"
        c> HEAD / HTTP/1.1|host: a||
        s< HEAD / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|server: x||
        c< HTTP/1.1 200 OK|server: x||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#),
    head_made_get_has_no_body: http("frontend: http-request set-method GET", r#"
        c> HEAD / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||hello
        c< HTTP/1.1 200 OK|content-length: 5||
        c> HEAD / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 40000||{x*40000}
        c< HTTP/1.1 200 OK|content-length: 40000||
        c> HEAD / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|0||
        c< HTTP/1.1 200 OK|transfer-encoding: chunked||
        c open
    "#),
    get_made_head_ends_the_connection: http("frontend: http-request set-method HEAD", r#"
        c> GET / HTTP/1.1|host: a||
        s< HEAD / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||
        c^ HTTP/1.1 200 OK|content-length: 5|connection: close||
        c eof
    "#).differs("the next response would be read as the missing body", r#"
        c> GET / HTTP/1.1|host: a||
        s< HEAD / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||
        c^ HTTP/1.1 200 OK|content-length: 5||
    "#),
    no_content: http("", r#"
        c> DELETE /x HTTP/1.1|host: a||
        s< DELETE /x HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#),
    no_content_with_a_length: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content|content-length: 5||
        c< HTTP/1.1 204 No Content||
        c open
    "#),
    not_modified_with_a_length: http("", r#"
        c> GET / HTTP/1.1|host: a|if-none-match: "1"||
        s< GET / HTTP/1.1|host: a|if-none-match: "1"||
        s> HTTP/1.1 304 Not Modified|content-length: 5|etag: "1"||
        c< HTTP/1.1 304 Not Modified|content-length: 5|etag: "1"||
        c open
    "#),
    continue_is_forwarded: http("", r#"
        c> POST / HTTP/1.1|host: a|expect: 100-continue|content-length: 5||
        s< POST / HTTP/1.1|host: a|expect: 100-continue|content-length: 5||
        s> HTTP/1.1 100 Continue||
        c< HTTP/1.1 100 Continue||
        c> hello
        s~ hello
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
        c open
    "#),
    continue_without_being_asked: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 100 Continue||HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 100 Continue||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    early_hints_are_forwarded: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 103 Early Hints|link: </a.css>||
        c< HTTP/1.1 103 Early Hints|link: </a.css>||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
    final_answer_instead_of_continue: http("", r#"
        c> POST / HTTP/1.1|host: a|expect: 100-continue|content-length: 5||
        s< POST / HTTP/1.1|host: a|expect: 100-continue|content-length: 5||
        s> HTTP/1.1 417 Expectation Failed|content-length: 0|connection: close||
        c< HTTP/1.1 417 Expectation Failed|content-length: 0||
        c> hello
        c open
    "#),
    early_response_while_the_body_is_coming: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ hello
        s> HTTP/1.1 403 Forbidden|content-length: 2||no
        c< HTTP/1.1 403 Forbidden|content-length: 2||no
        c> world
        s~ world
        log fe be/s #/#/#/#/# 403 # - - ---- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
        c open
    "#),
    buffered_request_waits_for_its_body: http("option http-buffer-request", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||he
        s unused
        c> llo
        s< POST / HTTP/1.1|host: a|content-length: 5||hello
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    upgrade_becomes_a_tunnel: http("", r#"
        c> GET /ws HTTP/1.1|host: a|connection: upgrade|upgrade: websocket|sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==||
        s< GET /ws HTTP/1.1|host: a|connection: upgrade|upgrade: websocket|sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==||
        s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: websocket|sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=||
        c< HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: websocket|sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=||
        c> ping
        s= ping
        s> pong
        c= pong
        c shut
        s eof
        s close
        c eof
        log fe be/s #/#/#/#/# 101 # - - ---- 1/1/0/0/0 0/0 "GET /ws HTTP/1.1"
    "#),
    upgrade_to_another_protocol: http("", r#"
        c> GET / HTTP/1.1|host: a|connection: upgrade|upgrade: echo||
        s< GET / HTTP/1.1|host: a|connection: upgrade|upgrade: echo||
        s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: echo||first
        c< HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: echo||first
        c> ping
        s= ping
        s shut
        c eof
    "#),
    upgrade_with_a_body: http("", r#"
        c> POST / HTTP/1.1|host: a|connection: upgrade|upgrade: echo|content-length: 5||hello
        s< POST / HTTP/1.1|host: a|connection: upgrade|upgrade: echo|content-length: 5||hello
        s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: echo||first
        c< HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: echo||first
        c> ping
        s= ping
    "#).since(3, 4),
    upgrade_before_the_whole_body_was_sent: http("", r#"
        c> POST / HTTP/1.1|host: a|connection: upgrade|upgrade: echo|content-length: 5||hel
        s^ POST / HTTP/1.1|host: a|connection: upgrade|upgrade: echo|content-length: 5||
        s~ hel
        s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: echo||
        c< {502}
    "#).since(3, 4),
    refused_upgrade_stays_http: http("", r#"
        c> GET / HTTP/1.1|host: a|connection: upgrade|upgrade: echo||
        s< GET / HTTP/1.1|host: a|connection: upgrade|upgrade: echo||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
    connect_becomes_a_tunnel: http("", r#"
        c> CONNECT example.org:8443 HTTP/1.1|host: example.org:8443||
        s< CONNECT example.org:8443 HTTP/1.1|host: example.org:8443||
        s> HTTP/1.1 200 Connected||
        c< HTTP/1.1 200 Connected||
        c> ping
        s= ping
        s> pong
        c= pong
        s close
        c eof
        c close
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "CONNECT example.org:8443 HTTP/1.1"
    "#),
    refused_connect_stays_http: http("", r#"
        c> CONNECT example.org:8443 HTTP/1.1|host: example.org:8443||
        s< CONNECT example.org:8443 HTTP/1.1|host: example.org:8443||
        s> HTTP/1.1 403 Forbidden|content-length: 2||no
        c< HTTP/1.1 403 Forbidden|content-length: 2||no
        c open
    "#),
    absolute_form_is_forwarded: http("", r#"
        c> GET http://a.example/x?y HTTP/1.1|host: a.example||
        s< GET http://a.example/x?y HTTP/1.1|host: a.example||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET http://a.example/x?y HTTP/1.1"
        c open
    "#),
    options_asterisk: http("", r#"
        c> OPTIONS * HTTP/1.1|host: a||
        s< OPTIONS * HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    response_without_a_reason: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 |content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#).since(3, 4),
    truncated_response: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 10||hello
        s close
        c^ HTTP/1.1 200 OK|content-length: 10||
        c~ hello
        c end
        log fe be/s #/#/#/#/# 200 # - - SD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    truncated_chunked_response: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|
        s close
        c^ HTTP/1.1 200 OK|transfer-encoding: chunked||
        c~ hello
        c end
        log fe be/s #/#/#/#/# 200 # - - SD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    junk_in_a_chunk_size_of_the_response: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|
        c^ HTTP/1.1 200 OK|transfer-encoding: chunked||
        c~ hello
        s> xyz|
        c end
        log fe be/s #/#/#/#/# 200 # - - PD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    junk_in_the_first_chunk_that_comes_with_the_head: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||Z|
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    framing_headers_of_an_answer_to_connect: http("", r#"
        c> CONNECT example.org:8443 HTTP/1.1|host: example.org:8443||
        s< CONNECT example.org:8443 HTTP/1.1|host: example.org:8443||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked|x: y||hello
        c^ HTTP/1.1 200 OK|x: y||
        c= hello
        s close
        c eof
        c close
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "CONNECT example.org:8443 HTTP/1.1"
    "#).since(3, 4),
    junk_in_a_chunk_size_of_the_request: http("", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|
        s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked||
        s~ hello
        c> xyz|
        c< {400}
        c eof
        log fe be/s #/#/#/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).differs("the client is told, and the log blames it", r#"
        c> POST / HTTP/1.1|host: a|transfer-encoding: chunked||5|hello|
        s^ POST / HTTP/1.1|host: a|transfer-encoding: chunked||
        s~ hello
        c> xyz|
        c end
        log fe be/s #/#/#/-1/# 400 # - - PH-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    large_response_with_a_length: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 300000||{y*300000}
        c< HTTP/1.1 200 OK|content-length: 300000||{y*300000}
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
    "#),
    large_response_until_the_end: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|x: y||{y*300000}
        s close
        c< HTTP/1.1 200 OK|connection: close|x: y||{y*300000}
        c eof
    "#).since(3, 0),
    large_response_cut_short: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 300000||{y*100000}
        s close
        c^ HTTP/1.1 200 OK|content-length: 300000||
        c~ {y*100000}
        c end
        log fe be/s #/#/#/#/# 200 # - - SD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    large_request: http("", r#"
        c> POST / HTTP/1.1|host: a|content-length: 300000||{y*300000}
        s< POST / HTTP/1.1|host: a|content-length: 300000||{y*300000}
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#),
}
